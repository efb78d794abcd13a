import { isWithin, type Move, movedPath } from '../../core/lib/moved-path.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { Store } from '../store/store.ts'
import type { OpenDocument } from './open-document.ts'
import type { WorkspaceDocuments } from './workspace-documents.ts'

interface Moved {
  readonly source: OpenDocument
  readonly to: string
  /** The document that is there already, of a file that is not. */
  readonly known: OpenDocument | undefined
}

/**
 * Gives a file or folder another path. The texts in it that were ever open here go along with all of their history,
 * those that are open with what is not on disk yet.
 */
export function renameFiles(documents: WorkspaceDocuments, store: Store, move: Move): Promise<void> {
  return documents.moving(async () => {
    await documents.flush()
    await moveTexts(documents, store, move)
  })
}

async function moveTexts(documents: WorkspaceDocuments, store: Store, { from, to }: Move): Promise<void> {
  const moved = await textsIn(documents, store, { from, to })
  for (const { source } of moved) {
    if (source.isWritten)
      throw new RequestError('conflict', `A model is writing in ${source.path}: rename it when that is done.`)
  }
  const received: Promise<void>[] = []
  const handOver = async () => {
    await documents.workspace.rename(from, to)
    // In one go: what is typed from here on goes to the new places.
    for (const { source, to: place, known } of moved) {
      const target = known ?? documents.createEmpty(place, source.readOnly)
      received.push(target.receiveFile(source))
    }
  }
  // Nobody writes any of the files meanwhile.
  const alone = moved.reduceRight<() => Promise<void>>(
    (inner, { source, known }) =>
      () =>
        source.mirror.moveAway(known ? () => known.mirror.pause(inner) : inner),
    handOver,
  )
  await alone()
  await Promise.all(received)
  await documents.noteMove(from, to)
}

/** Opens them, so that none of it is read from the disk while it is moved. */
async function textsIn(documents: WorkspaceDocuments, store: Store, move: Move): Promise<readonly Moved[]> {
  const prefix = `${documents.workspace.id}:`
  const marked = await store.markedDocuments(prefix + move.from)
  const open = await documents.all()
  const paths = [...marked.map(({ key }) => key.slice(prefix.length)), ...open.map(({ path }) => path)]
  const within = [...new Set(paths)].filter((path) => isWithin(path, move.from))
  const found = await Promise.all(
    within.map(async (path): Promise<Moved[]> => {
      const to = movedPath(path, move)
      const [opened, there] = await Promise.all([documents.open(path), documents.open(to)])
      if (!opened.ok || opened.value.mirror.isAbsent || !opened.value.mirror.isText) return []
      return [{ source: opened.value, to, known: there.ok ? there.value : undefined }]
    }),
  )
  return found.flat()
}
