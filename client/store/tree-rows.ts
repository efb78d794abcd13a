import type { FileEntry } from '../../core/protocol/workspace.ts'
import type { EntryNaming, FolderListing } from './files-slice.ts'

/** One row of the tree as it is drawn. */
export type TreeRow =
  | {
      readonly type: 'entry'
      readonly key: string
      readonly depth: number
      readonly entry: FileEntry
      readonly expanded: boolean
    }
  | {
      readonly type: 'new'
      readonly key: string
      readonly depth: number
      readonly kind: FileEntry['kind']
      readonly folder: string
    }
  | {
      readonly type: 'note'
      readonly key: string
      readonly depth: number
      readonly note: 'truncated' | 'emptyFolder'
    }

/** The open part of the tree, from top to bottom. */
export function treeRows(options: {
  readonly folders: Readonly<Record<string, FolderListing>>
  readonly expanded: readonly string[]
  readonly naming: EntryNaming | undefined
}): TreeRow[] {
  const { folders, naming } = options
  const expanded = new Set(options.expanded)
  const rows: TreeRow[] = []
  const walk = (folder: string, depth: number) => {
    const listing = folders[folder]
    if (naming?.type === 'new' && naming.folder === folder)
      rows.push({ type: 'new', key: `new:${folder}`, depth, kind: naming.kind, folder })
    if (!listing) return
    for (const entry of listing.entries) {
      const open = entry.kind === 'folder' && expanded.has(entry.path)
      rows.push({ type: 'entry', key: entry.path, depth, entry, expanded: open })
      if (open) walk(entry.path, depth + 1)
    }
    if (listing.truncated) rows.push({ type: 'note', key: `truncated:${folder}`, depth, note: 'truncated' })
    else if (listing.entries.length === 0 && folder !== '')
      rows.push({ type: 'note', key: `empty:${folder}`, depth, note: 'emptyFolder' })
  }
  walk('', 0)
  return rows
}

/** The entry a key of the tree leads to; `undefined` when the key is not the tree's or leads nowhere. */
export function stepInTree(
  rows: readonly TreeRow[],
  from: string | undefined,
  key: string,
  pageRows: number,
): string | undefined {
  const entries = rows.filter((row) => row.type === 'entry')
  const index = entries.findIndex((row) => row.key === from)
  const at = (next: number) => entries[Math.max(0, Math.min(entries.length - 1, next))]?.key
  switch (key) {
    case 'ArrowDown':
      return at(index + 1)
    case 'ArrowUp':
      return at(index < 0 ? 0 : index - 1)
    case 'Home':
      return at(0)
    case 'End':
      return at(entries.length - 1)
    case 'PageDown':
      return at(index + pageRows)
    case 'PageUp':
      return at(index - pageRows)
    default:
      return undefined
  }
}

/** The next entry after `from` whose name begins with what was typed, round the end. */
export function findByTyping(
  rows: readonly TreeRow[],
  from: string | undefined,
  typed: string,
): string | undefined {
  const entries = rows.filter((row) => row.type === 'entry')
  const index = entries.findIndex((row) => row.key === from)
  // A longer word may still mean the entry it began with.
  const start = typed.length > 1 ? index : index + 1
  const wanted = typed.toLowerCase()
  for (let step = 0; step < entries.length; step++) {
    const row = entries[(Math.max(0, start) + step) % entries.length]
    if (row?.entry.name.toLowerCase().startsWith(wanted)) return row.key
  }
  return undefined
}
