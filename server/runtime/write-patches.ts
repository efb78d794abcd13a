import type { ItemId, TurnId } from '../../core/protocol/ids.ts'
import type { FileEdit, Item } from '../../core/protocol/item.ts'
import type { ThreadEvent } from '../../core/protocol/thread.ts'
import type { Documents, TurnSnapshots } from '../documents/documents.ts'
import type { Workspace } from '../workspace/workspace.ts'

type FileChange = Extract<Item, { type: 'fileChange' }>

/**
 * Makes edits that came about elsewhere in the documents people have open, as one item of a turn whose hunks they judge.
 * Answers the files in which they could not be made.
 */
export async function writePatches(options: {
  readonly patches: readonly string[]
  readonly item: Pick<FileChange, 'request' | 'callId' | 'checkedBy'> & { readonly id: ItemId }
  /** What models are told of them. */
  readonly shown: string
  readonly turnId: TurnId
  readonly authorName: string
  readonly workspace: Workspace
  readonly documents: Documents
  readonly turn: TurnSnapshots
  readonly publish: (event: ThreadEvent) => void
}): Promise<readonly string[]> {
  const { patches, shown, turnId, authorName, workspace, documents, turn, publish } = options
  const base = { ...options.item, type: 'fileChange', format: 'freeform' } as const
  const itemId = base.id
  publish({
    type: 'item/started',
    turnId,
    item: { ...base, status: 'streaming', input: '', output: '', files: [] },
  })
  const files = new Map<string, FileEdit>()
  const edit = documents.beginEdit({
    workspaceId: workspace.id,
    turnId,
    itemId,
    format: 'applyPatch',
    authorName,
    turn,
    onFile(file) {
      files.set(file.path, file)
      publish({ type: 'edit/fileChanged', turnId, itemId, file })
    },
    onHunk(path, hunk) {
      const file = files.get(path)
      if (file) {
        const hunks = file.hunks.some(({ id }) => id === hunk.id)
          ? file.hunks.map((other) => (other.id === hunk.id ? hunk : other))
          : [...file.hunks, hunk]
        files.set(path, { ...file, hunks })
      }
      publish({ type: 'edit/hunkChanged', turnId, itemId, path, hunk })
    },
  })
  edit.push(inOne(patches))
  const { ok, message, files: outcomes } = await edit.finish()
  const status = ok ? 'completed' : 'failed'
  publish({
    type: 'item/completed',
    turnId,
    item: { ...base, status, input: shown, output: message, files: [...files.values()] },
  })
  return outcomes.flatMap((file) => (file.status === 'failed' ? [file.path] : []))
}

/** What models are told of the edits, without the lines that only say where. */
export function shownPatch(patches: readonly string[]): string {
  const around = 3
  return inOne(
    patches.map((patch) => {
      const lines = patch.split('\n')
      const isContext = (index: number) => lines[index]?.startsWith(' ') === true
      const isNear = (index: number) =>
        lines.slice(Math.max(0, index - around), index + around + 1).some((line) => /^[+-]/.test(line))
      return lines.filter((_, index) => !isContext(index) || isNear(index)).join('\n')
    }),
  )
}

/** One edit of all files. */
function inOne(patches: readonly string[]): string {
  const bodies = patches.map((patch) =>
    patch.replace(/^\*\*\* Begin Patch\n/, '').replace(/\*\*\* End Patch\n$/, ''),
  )
  return `*** Begin Patch\n${bodies.join('')}*** End Patch\n`
}
