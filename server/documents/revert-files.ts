import {
  type ChangeSet,
  decodeChangeSet,
  encodeChangeSet,
  mergeChangeSets,
  noChanges,
} from '../../core/document/change-set.ts'
import { isReverted, revertOnce } from '../../core/document/revert-once.ts'
import type { Move } from '../../core/lib/moved-path.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { type HunkId, hunkIdSchema } from '../../core/protocol/ids.ts'
import type { LeftFile } from '../../core/protocol/rewind.ts'
import type { Store } from '../store/store.ts'
import { exists } from '../workspace/trash.ts'
import type { Reverted, RevertFile, RevertRequest } from './documents.ts'
import { removeMoved, toldTo } from './file-edits.ts'
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
  try {
    if (movedTo === undefined) await revertInPlace(reverting, file)
    else if (reverting.direction === 'undo') {
      if (await moveBack(reverting, file, movedTo)) return [{ from: movedTo, to: path }]
    } else if (await moveAgain(reverting, file, movedTo)) return [{ from: path, to: movedTo }]
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

function leave({ left }: Reverting, path: string, why: LeftFile['why']): false {
  if (!left.some((other) => other.path === path)) left.push({ path, why })
  return false
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

/** The old file is there before the new one goes: a crash in between leaves both. Answers whether it is back. */
async function moveBack(reverting: Reverting, file: RevertFile, movedTo: string): Promise<boolean> {
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
  // One history: what people wrote at the new place comes along, and what they judged there.
  if (target && record.overwrote === undefined) {
    source.adopt(target)
    target.handOver(source)
  } else if (target && record.carried && !isMoveReverted(target, itemId, record)) source.takeOver(target)
  revertHunks(reverting, source, file.hunks)
  if (isBack) return true
  source.present()
  await source.durable()
  await documents.noteMove(movedTo, file.path)
  await source.mirror.flush()
  if (target === undefined) return true
  touched.add(target)
  if (record.overwrote === undefined) {
    await removeMoved(target, documents.workspace)
    return true
  }
  const inverse = revertNoted(target, moveName(itemId), record.overwrote)
  if (inverse) await records.noteMove(itemId, file.path, { ...record, undid: encodeChangeSet(inverse) })
  if (target.text() === '') await removeEmpty(documents, target)
  return true
}

async function moveAgain(reverting: Reverting, file: RevertFile, movedTo: string): Promise<boolean> {
  const { documents, records, touched } = reverting
  const [firstHunk] = file.hunks
  const opened = await documents.open(file.path)
  const there = await documents.open(movedTo)
  if (!opened.ok || firstHunk === undefined) return leave(reverting, file.path, 'gone')
  if (!there.ok) return leave(reverting, movedTo, there.error.kind === 'notFound' ? 'gone' : 'notText')
  const source = opened.value
  const target = there.value
  // Somebody moved it there already.
  if (source.mirror.isAbsent && !target.mirror.isAbsent) {
    revertHunks(reverting, target, file.hunks)
    return true
  }
  if (isMissing(reverting, source, file)) return leave(reverting, file.path, 'gone')
  const itemId = itemOf(firstHunk.id)
  const record = (await records.move(itemId, file.path)) ?? {}
  revertHunks(reverting, source, file.hunks)
  touched.add(target)
  if (record.overwrote === undefined) target.adopt(source)
  else {
    const inverse = revertNoted(target, moveName(itemId), record.undid ?? record.overwrote)
    // What was written and judged in the old one meanwhile comes along.
    const more = record.carried ? target.takeOver(source, { again: true }) : noChanges
    const overwrote = inverse && encodeChangeSet(mergeChangeSets(inverse, more))
    if (overwrote !== undefined) await records.noteMove(itemId, file.path, { ...record, overwrote })
  }
  source.handOver(target)
  target.present()
  await target.durable()
  await documents.noteMove(file.path, movedTo)
  await target.mirror.flush()
  await removeMoved(source, documents.workspace)
  return true
}

function isMoveReverted({ doc }: OpenDocument, itemId: string, { overwrote }: MoveRecord): boolean {
  const changes = overwrote === undefined ? undefined : decodeChangeSet(overwrote)
  return changes !== undefined && isReverted(doc, moveName(itemId), changes)
}

/** What a move did to the file it replaced is reverted under this name. */
function moveName(itemId: string): string {
  return `${itemId}.move`
}
