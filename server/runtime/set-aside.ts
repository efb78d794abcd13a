import { RequestError } from '../../core/protocol/errors.ts'
import type { FileEdit, Hunk, Item } from '../../core/protocol/item.ts'
import type { ThreadEvent } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { editsAside, finishedAside } from '../../core/state/set-aside.ts'
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

/**
 * Writes what a turn had set aside into the files as they are now, all of it or nothing. Its edits are placed anew: a
 * text that was changed meanwhile where they belong refuses them.
 */
export async function bringIn(options: Options): Promise<void> {
  const before = options.turn()
  const edits = editsAside(before)
  for (const edit of edits) {
    if (await write(options, edit)) continue
    await takeOut(options, edits)
    throw new RequestError('conflict', 'The text was changed meanwhile: what was set aside fits no more.')
  }
}

/** After a crash in the middle of that: nothing of it is in the files, unless all of it is. */
export async function takeOutHalf(options: Options): Promise<void> {
  const { documents, workspaceId, turn } = options
  const edits = editsAside(turn())
  const files = edits.flatMap((edit) => edit.files)
  const turnId = turn().id
  const paths = files.map(({ path }) => path)
  const isWhole = files.every(
    (file) => file.status === 'failed' || (file.status === 'written' && finishedAside(file).every(isWritten)),
  )
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
  const { id: itemId, format, input, files, status } = edit
  // What it would write stays known, should it be taken out again.
  const texts = new Map(files.flatMap(({ hunks }) => hunks.map(({ id, text }) => [id, text])))
  const withText = (hunk: Hunk): Hunk => {
    const text = texts.get(hunk.id)
    return text === undefined ? hunk : { ...hunk, text }
  }
  const seen = snapshots()
  const session = documents.beginEdit({
    workspaceId,
    turnId,
    itemId,
    format: format === 'blocks' ? 'searchReplace' : 'applyPatch',
    authorName: modelId,
    turn: seen,
    onFile: (file) => {
      const known = { ...file, hunks: file.hunks.map(withText) }
      publish({ type: 'edit/fileChanged', turnId, itemId, file: known })
    },
    onHunk: (path, hunk) => publish({ type: 'edit/hunkChanged', turnId, itemId, path, hunk: withText(hunk) }),
  })
  const feeder = new EditFeeder(session, format === 'json')
  feeder.push(input)
  const { ok } = await (status === 'interrupted' ? feeder.endShort() : feeder.finish())
  seen.close()
  if (status === 'completed') return ok
  const now = editsAside(turn()).find(({ id }) => id === itemId)?.files ?? []
  return files.every((file) =>
    isAsShown(
      file,
      now.find(({ path }) => path === file.path),
    ),
  )
}

/** An edit that failed in part, or broke off, is in the files as it was shown to be. */
function isAsShown(shown: FileEdit, now: FileEdit | undefined): boolean {
  if (shown.status !== 'written') return now?.status !== 'written'
  return now?.status === 'written' && now.hunks.filter(isWritten).length === finishedAside(shown).length
}

async function takeOut(options: Options, edits: readonly FileChange[]): Promise<void> {
  const { documents, workspaceId, turn } = options
  const files = filesToUndo([turn()])
  await documents.revert(workspaceId, { files, direction: 'undo', whenGone: 'leave' })
  for (const edit of edits) tellAside(options, edit)
}

/** It is in no file, as before. */
function tellAside({ turn, publish }: Options, { id: itemId, files }: FileChange): void {
  for (const file of files) {
    const hunks = file.hunks.map(({ anchor: _, changes: __, ...hunk }) => ({
      ...hunk,
      status: 'dropped' as const,
    }))
    const status = file.status === 'failed' ? 'failed' : 'written'
    publish({ type: 'edit/fileChanged', turnId: turn().id, itemId, file: { ...file, status, hunks } })
  }
}
