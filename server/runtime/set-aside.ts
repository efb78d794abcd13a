import { RequestError } from '../../core/protocol/errors.ts'
import type { Hunk, Item } from '../../core/protocol/item.ts'
import type { ThreadEvent } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import type { Documents, TurnSnapshots } from '../documents/documents.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { EditFeeder } from './edit-feeder.ts'
import { filesToUndo } from './turn-revert.ts'

type FileChange = Extract<Item, { type: 'fileChange' }>

interface Options {
  readonly workspaceId: Workspace['id']
  readonly documents: Documents
  readonly snapshots: () => TurnSnapshots
  readonly turn: () => Turn
  readonly publish: (event: ThreadEvent) => void
}

/** Edits of a turn that was set aside, in the order they were written. */
function editsOf(turn: Turn): readonly FileChange[] {
  return turn.items.flatMap((item) =>
    item.type === 'fileChange' && item.status === 'completed' ? [item] : [],
  )
}

/**
 * Writes what a turn had set aside into the files as they are now, all of it or nothing. Its edits are placed anew: a
 * text that was changed meanwhile where they belong refuses them.
 */
export async function bringIn(options: Options): Promise<void> {
  const before = options.turn()
  const edits = editsOf(before)
  for (const edit of edits) {
    if (await write(options, edit)) continue
    await takeOut(options, edits)
    throw new RequestError('conflict', 'The text was changed meanwhile: what was set aside fits no more.')
  }
}

/** After a crash in the middle of that: nothing of it is in the files, unless all of it is. */
export async function takeOutHalf(options: Options): Promise<void> {
  const { documents, workspaceId, turn } = options
  const edits = editsOf(turn())
  const files = edits.flatMap((edit) => edit.files)
  const turnId = turn().id
  const paths = files.map(({ path }) => path)
  const isWhole = files.every((file) => file.status === 'written' && file.hunks.every(isWritten))
  if (isWhole) {
    const hunks = files.flatMap((file) => file.hunks)
    const written = hunks.flatMap(({ path, id, changes }) =>
      changes === undefined ? [] : [{ path, id, changes }],
    )
    const settled = new Set<string>(hunks.map(({ id }) => id))
    const { lost } = await documents.recover(workspaceId, { turnId, paths, settled, written })
    if (lost.size === 0) return
  }
  await documents.recover(workspaceId, { turnId, paths, settled: new Set(), written: [] })
  for (const edit of edits) tellAside(options, edit)
}

function isWritten({ status }: Hunk): boolean {
  return status === 'written' || status === 'undone'
}

async function write(options: Options, edit: FileChange): Promise<boolean> {
  const { workspaceId, documents, snapshots, turn, publish } = options
  const { id: turnId, modelId } = turn()
  const { id: itemId, format, input } = edit
  const seen = snapshots()
  const session = documents.beginEdit({
    workspaceId,
    turnId,
    itemId,
    format: format === 'blocks' ? 'searchReplace' : 'applyPatch',
    authorName: modelId,
    turn: seen,
    onFile: (file) => publish({ type: 'edit/fileChanged', turnId, itemId, file }),
    onHunk: (path, hunk) => publish({ type: 'edit/hunkChanged', turnId, itemId, path, hunk }),
  })
  const feeder = new EditFeeder(session, format === 'json')
  feeder.push(input)
  const { ok } = await feeder.finish()
  seen.close()
  return ok
}

async function takeOut(options: Options, edits: readonly FileChange[]): Promise<void> {
  const { documents, workspaceId, turn } = options
  const files = filesToUndo([turn()])
  await documents.revert(workspaceId, { files, direction: 'undo', whenGone: 'leave' })
  for (const edit of edits) tellAside(options, edit)
}

/** It is in no file, as before. */
function tellAside({ turn, publish }: Options, { id: itemId, files }: FileChange): void {
  for (const { path, kind, hunks } of files) {
    const dropped = hunks.map(({ anchor: _, changes: __, ...hunk }) => ({
      ...hunk,
      status: 'dropped' as const,
    }))
    const file = { path, kind, status: 'written' as const, hunks: dropped }
    publish({ type: 'edit/fileChanged', turnId: turn().id, itemId, file })
  }
}
