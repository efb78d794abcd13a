import { type ChangeSet, decodeChangeSet, encodeChangeSet } from '../../core/document/change-set.ts'
import type { IdRanges } from '../../core/document/id-ranges.ts'
import { isReverted, revertOnce } from '../../core/document/revert-once.ts'
import { giveBack } from '../../core/document/take-over.ts'
import { type Move, replacedPlace } from '../../core/lib/moved-path.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { type HunkId, hunkIdSchema } from '../../core/protocol/ids.ts'
import type { LeftFile } from '../../core/protocol/rewind.ts'
import type { Store } from '../store/store.ts'
import { exists } from '../workspace/trash.ts'
import type { Reverted, RevertFile, RevertRequest } from './documents.ts'
import { removeMoved, replacedBy, toldTo } from './file-edits.ts'
import { createFileRecords, type FileRecords, itemOf, type MoveRecord } from './file-records.ts'
import type { OpenDocument } from './open-document.ts'
import { afterMoves, byPlace, openAtOnce } from './revert-places.ts'
import type { WorkspaceDocuments } from './workspace-documents.ts'

interface Reverting extends Pick<RevertRequest, 'direction' | 'whenGone'> {
  readonly documents: WorkspaceDocuments
  readonly records: FileRecords
  readonly inverse: Record<HunkId, string>
  readonly left: LeftFile[]
  readonly touched: Set<OpenDocument>
}

/**
 * Takes change sets out, newest first, or brings them back, oldest first, and sees to it that files are there or gone
 * as their texts then ask. Every step looks at what is so already: a server that died in the middle does it again.
 */
export async function revertFiles(
  documents: WorkspaceDocuments,
  store: Store,
  { files, direction, whenGone }: RevertRequest,
): Promise<Reverted> {
  const records = createFileRecords(store, documents.workspace.id)
  const touched = new Set<OpenDocument>()
  const reverting: Reverting = { documents, records, direction, whenGone, inverse: {}, left: [], touched }
  await openAtOnce(documents, files)
  const revertPlace = async (ordered: readonly RevertFile[]) => {
    let moves: readonly Move[] = []
    for (const file of direction === 'undo' ? ordered.toReversed() : ordered)
      moves = [...moves, ...(await revertFile(reverting, afterMoves(file, moves)))]
  }
  await Promise.all(byPlace(files).map(revertPlace))
  await Promise.all([...touched].map((document) => document.durable()))
  await Promise.all([...touched].map((document) => document.mirror.flush()))
  const { inverse, left } = reverting
  return { inverse, left }
}

/** Answers what it moved: what follows is to be found there. */
async function revertFile(reverting: Reverting, file: RevertFile): Promise<readonly Move[]> {
  const { path, movedTo } = file
  if (file.replaced !== undefined) {
    leave(reverting, movedTo ?? path, 'gone')
    return []
  }
  try {
    if (movedTo === undefined) await revertInPlace(reverting, file)
    else if (reverting.direction === 'undo') return await moveBack(reverting, file, movedTo)
    else return await moveAgain(reverting, file, movedTo)
  } catch (error) {
    // What this file refuses must not keep the others from being reverted.
    if (!(error instanceof RequestError)) throw error
    reverting.left.push({ path, why: 'failed' })
  }
  return []
}

async function revertInPlace(reverting: Reverting, file: RevertFile): Promise<void> {
  const { documents, direction } = reverting
  if (file.kind === 'delete' && file.hunks.length === 0) {
    await revertDeletion(reverting, file.path)
    return
  }
  const opened = await documents.open(file.path)
  if (!opened.ok || !opened.value.mirror.isText) {
    leave(reverting, file.path, opened.ok || opened.error.kind !== 'notFound' ? 'notText' : 'gone')
    return
  }
  const document = opened.value
  if (isMissing(reverting, document, file)) {
    // Where there shall be none, that is as it was wanted.
    if (file.kind === 'update') leave(reverting, file.path, 'gone')
    return
  }
  revertHunks(reverting, document, file.hunks)
  if (file.kind === 'update') return
  const shallBe = (file.kind === 'add') === (direction === 'redo')
  if (shallBe || document.text() !== '') {
    if (document.mirror.isAbsent) document.present()
  } else if (!document.mirror.isAbsent) await removeEmpty(documents, document)
}

function leave({ left }: Reverting, path: string, why: LeftFile['why']): readonly Move[] {
  if (!left.some((other) => other.path === path)) left.push({ path, why })
  return []
}

/** The file whose edits are to be reverted is not there; not so when that is because they were reverted just now. */
function isMissing({ whenGone, direction }: Reverting, document: OpenDocument, file: RevertFile): boolean {
  if (whenGone === 'make' || !document.mirror.isAbsent) return false
  if (file.kind === (direction === 'undo' ? 'delete' : 'add')) return false
  return !isDone(document, file)
}

function isDone({ doc }: OpenDocument, { hunks }: RevertFile): boolean {
  return hunks.some(({ id, changes }) => {
    const decoded = decodeChangeSet(changes)
    return decoded !== undefined && isReverted(doc, id, decoded)
  })
}

function revertHunks(reverting: Reverting, document: OpenDocument, hunks: RevertFile['hunks']): void {
  reverting.touched.add(document)
  for (const { id, changes } of reverting.direction === 'undo' ? hunks.toReversed() : hunks) {
    const inverse = revertNoted(document, id, changes)
    if (inverse !== undefined) reverting.inverse[hunkIdSchema.parse(id)] = encodeChangeSet(inverse)
  }
}

function revertNoted(document: OpenDocument, name: string, changes: string): ChangeSet | undefined {
  const decoded = decodeChangeSet(changes)
  if (decoded === undefined) return undefined
  return document.takeBack(() =>
    revertOnce(document.doc, { hunkId: name, changes: decoded, origin: 'revert' }),
  )
}

async function removeEmpty({ workspace }: WorkspaceDocuments, document: OpenDocument): Promise<void> {
  await document.durable()
  const remove = async () => {
    const absolute = await workspace.guard.forEntry(document.path)
    if (await exists(absolute)) await workspace.trash(document.path)
  }
  const isStillWanted = () => document.text() === ''
  await document.mirror.remove({
    remove,
    isStillWanted,
    problem: toldTo(document, { code: 'deleted', detail: '' }),
  })
}

/** A file that is no text: back from the trash, or there again. */
async function revertDeletion(reverting: Reverting, path: string): Promise<void> {
  const { documents, records, direction } = reverting
  const { workspace } = documents
  const isThere = await exists(await workspace.guard.forEntry(path))
  if (direction === 'redo') {
    if (isThere) await records.noteTrash(path, await workspace.trash(path))
    return
  }
  if (isThere) return
  const trashId = await records.trash(path)
  if (trashId === undefined) leave(reverting, path, 'gone')
  else await workspace.restore(trashId)
}

/** The old file is there before the new one goes: a crash in between leaves both. Answers what is elsewhere now. */
async function moveBack(reverting: Reverting, file: RevertFile, movedTo: string): Promise<readonly Move[]> {
  const { documents, records, touched } = reverting
  const [firstHunk] = file.hunks
  const opened = await documents.open(file.path)
  if (!opened.ok || firstHunk === undefined) return leave(reverting, file.path, 'gone')
  const source = opened.value
  const there = await documents.open(movedTo)
  const target = there.ok && !there.value.mirror.isAbsent ? there.value : undefined
  const isBack = target === undefined && !source.mirror.isAbsent
  if (target === undefined && !isBack && reverting.whenGone === 'leave' && !isDone(source, file))
    return leave(reverting, movedTo, 'gone')
  const itemId = itemOf(firstHunk.id)
  const record = (await records.move(itemId, file.path)) ?? {}
  if (target && (await isOtherThere(reverting, source, file, { record, firstHunk }))) {
    revertHunks(reverting, target, file.hunks)
    return []
  }
  if (target && !isMoveReverted(target, itemId, record)) bringBack(source, target, record)
  revertHunks(reverting, source, file.hunks)
  const move = { from: movedTo, to: file.path }
  if (isBack) return [move]
  source.present()
  await source.durable()
  await documents.noteReturn(movedTo, file.path, record.replaced)
  await source.mirror.flush()
  const moves = record.replaced === undefined ? [move] : [move, { from: record.replaced, to: movedTo }]
  if (target === undefined) return moves
  touched.add(target)
  const live = liveBefore(record)
  if (live)
    target.takeBack(() => giveBack(target.doc, { name: moveName(itemId, record), live, origin: 'revert' }))
  if (!isOverFile(record)) await removeMoved(target, documents.workspace)
  else if (target.text() === '') await removeEmpty(documents, target)
  return moves
}

/**
 * Another file was made where it was. Found out once: a server that died in the middle has let the old file be wanted
 * there, with whatever text, and the next one must not take that for another.
 */
async function isOtherThere(
  { records }: Reverting,
  source: OpenDocument,
  file: RevertFile,
  { record, firstHunk }: { readonly record: MoveRecord; readonly firstHunk: RevertFile['hunks'][number] },
): Promise<boolean> {
  const { id, changes } = firstHunk
  if (record.undoing === changes) return record.stays ?? false
  const stays = !source.mirror.isAbsent && !isDone(source, file)
  await records.noteMove(itemOf(id), file.path, { ...record, stays, undoing: changes })
  return stays
}

/** The file was moved over one that was there. */
function isOverFile({ live, wasAbsent = false }: MoveRecord): boolean {
  return live !== undefined && !wasAbsent
}

/** What people wrote at the new place comes along, and what they judged there. */
function bringBack(source: OpenDocument, target: OpenDocument, record: MoveRecord): void {
  if (record.live === undefined) source.adopt(target)
  else source.takeOver(target)
  if (isOverFile(record)) target.sendOff(source)
  else target.handOver(source)
}

async function moveAgain(reverting: Reverting, file: RevertFile, movedTo: string): Promise<readonly Move[]> {
  const { documents, records, touched } = reverting
  const [firstHunk] = file.hunks
  const opened = await documents.open(file.path)
  const there = await documents.open(movedTo)
  if (!opened.ok || firstHunk === undefined) return leave(reverting, file.path, 'gone')
  if (!there.ok) return leave(reverting, movedTo, there.error.kind === 'notFound' ? 'gone' : 'notText')
  const source = opened.value
  const target = there.value
  const move = { from: file.path, to: movedTo }
  // Somebody moved it there already.
  if (source.mirror.isAbsent && !target.mirror.isAbsent) {
    revertHunks(reverting, target, file.hunks)
    return [move]
  }
  const itemId = itemOf(firstHunk.id)
  const record = (await records.move(itemId, file.path)) ?? {}
  if (record.stays) {
    revertHunks(reverting, target, file.hunks)
    return []
  }
  if (isMissing(reverting, source, file)) return leave(reverting, file.path, 'gone')
  revertHunks(reverting, source, file.hunks)
  touched.add(target)
  const isOver = record.live !== undefined || !target.mirror.isAbsent
  const { replaced = isOver ? replacedPlace(itemId, movedTo) : undefined, again = 0 } = record
  const begun: Promise<void>[] = []
  if (isOver && replaced !== undefined) {
    // Where a crash cut it off it has the other's text already.
    if (record.live === undefined || isMoveReverted(target, itemId, record))
      begun.push(records.noteMove(itemId, file.path, { ...replacedBy(target, replaced), again: again + 1 }))
    target.takeOver(source)
  } else target.adopt(source)
  source.handOver(target)
  target.present()
  await Promise.all([...begun, target.durable()])
  await documents.noteMove(file.path, movedTo, replaced)
  await target.mirror.flush()
  await removeMoved(source, documents.workspace)
  return replaced === undefined ? [move] : [{ from: movedTo, to: replaced }, move]
}

function isMoveReverted({ doc }: OpenDocument, itemId: string, record: MoveRecord): boolean {
  const live = liveBefore(record)
  return live !== undefined && isReverted(doc, moveName(itemId, record), { insertions: [], deletions: live })
}

function liveBefore({ live }: MoveRecord): IdRanges | undefined {
  return live === undefined ? undefined : decodeChangeSet(live)?.insertions
}

/** What a move did to the file it replaced is reverted under this name. */
function moveName(itemId: string, { again = 0 }: MoveRecord): string {
  return `${itemId}.move${again}`
}
