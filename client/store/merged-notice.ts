import { z } from 'zod'
import type { WorkspaceId } from '../../core/protocol/ids.ts'
import type { Merged } from '../../core/protocol/workspace.ts'
import { type NoticeSlice, shortList } from './notice-slice.ts'
import type { KeyValueStorage } from './slice.ts'

type Needs = Pick<NoticeSlice, 'notices' | 'notify'> & {
  readonly workspaceId: WorkspaceId | undefined
  closeReview(): void
  openFile(path: string, options: { readonly line: number }): void
}

/** When the latest change that was told of was merged, by path. */
const toldSchema = z.record(z.string(), z.number())
const toldAtMost = 50

/**
 * Tells of open files that other programs changed or deleted, of each change once. While a notice is there the next
 * file joins it: a checkout of twenty files is one notice.
 */
export function createMergedNotice(get: () => Needs, storage: KeyValueStorage) {
  const shown = { 'editor.merged': new Map<string, number>(), 'editor.remade': new Map<string, number>() }

  /** Who comes back after a restart may have been told by a page before this one. */
  function isNews(path: string, at: number): boolean {
    const { workspaceId } = get()
    if (!workspaceId) return false
    const key = `tandem.toldMerges.${workspaceId}`
    const { [path]: before = 0, ...others } = readTold(storage.getItem(key))
    if (at <= before) return false
    const latest = Object.entries(others).slice(1 - toldAtMost)
    try {
      storage.setItem(key, JSON.stringify(Object.fromEntries([...latest, [path, at]])))
    } catch {
      // A full storage costs a second notice, no more.
    }
    return true
  }

  return (path: string, { line, deleted, at }: Merged) => {
    if (!isNews(path, at)) return
    const key = deleted ? 'editor.remade' : 'editor.merged'
    const lines = shown[key]
    if (!get().notices.some((notice) => notice.key === key)) lines.clear()
    lines.set(path, line)
    const all = [...lines]
    const names = all.map(([name]) => name.slice(name.lastIndexOf('/') + 1))
    get().notify({
      tone: 'info',
      key,
      params: { names: shortList(names), count: all.length },
      action: {
        key: 'editor.showMerged',
        run() {
          const [first] = all
          if (!first) return
          get().closeReview()
          get().openFile(first[0], { line: first[1] })
        },
      },
    })
  }
}

function readTold(text: string | null): z.infer<typeof toldSchema> {
  try {
    return toldSchema.parse(JSON.parse(text ?? '{}'))
  } catch {
    return {}
  }
}
