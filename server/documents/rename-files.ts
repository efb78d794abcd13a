import { isWithin, type Move, movedPath } from '../../core/lib/moved-path.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { Store } from '../store/store.ts'
import type { OnDisk } from './disk-mirror.ts'
import type { OpenDocument } from './open-document.ts'
import type { WorkspaceDocuments } from './workspace-documents.ts'

/** A text whose file is to be another document's. */
export interface MovedText {
  readonly source: OpenDocument
  readonly to: string
  /** The document that is there already, of a file that is not. */
  readonly known: OpenDocument | undefined
  /** What its file holds. */
  readonly onDisk: () => OnDisk
}

/**
 * Gives a file or folder another path. The texts in it that were ever open here go along with all of their history,
 * those that are open with what is not on disk yet.
 */
export function renameFiles(documents: WorkspaceDocuments, store: Store, move: Move): Promise<void> {
  return documents.moving(async () => {
    await documents.flush()
    const texts = await textsIn(documents, store, move)
    for (const { source } of texts) {
      if (source.isWritten)
        throw new RequestError(
          'conflict',
          `A model is writing in ${source.path}: rename it when that is done.`,
        )
    }
    await moveTexts(documents, texts, () => documents.workspace.rename(move.from, move.to))
    await documents.noteMove(move.from, move.to)
  })
}

/** Hands texts over to the documents of their new places, when `rename` is done. Resolves when that is durable. */
export async function moveTexts(
  documents: WorkspaceDocuments,
  texts: readonly MovedText[],
  rename: () => Promise<void>,
): Promise<void> {
  const received: Promise<void>[] = []
  const handOver = async () => {
    await rename()
    // In one go: what is typed from here on goes to the new places.
    for (const { source, to, known, onDisk } of texts) {
      const target = known ?? documents.createEmpty(to, source.readOnly)
      received.push(target.receiveFile(source, onDisk()))
    }
  }
  // Nobody writes any of the files meanwhile.
  const alone = texts.reduceRight<() => Promise<void>>(
    (inner, { source, known }) =>
      () =>
        source.mirror.moveAway(known ? () => known.mirror.pause(inner) : inner),
    handOver,
  )
  await alone()
  await Promise.all(received)
}

/** The paths of a file or folder that documents are known of, open or not. */
export async function knownPaths(
  documents: WorkspaceDocuments,
  store: Store,
  place: string,
): Promise<readonly string[]> {
  const prefix = `${documents.workspace.id}:`
  const marked = await store.markedDocuments(prefix + place)
  const open = await documents.all()
  const paths = [...marked.map(({ key }) => key.slice(prefix.length)), ...open.map(({ path }) => path)]
  return [...new Set(paths)].filter((path) => isWithin(path, place))
}

/** Opens them, so that none of it is read from the disk while it is moved. */
async function textsIn(
  documents: WorkspaceDocuments,
  store: Store,
  move: Move,
): Promise<readonly MovedText[]> {
  const found = await Promise.all(
    (await knownPaths(documents, store, move.from)).map(async (path): Promise<MovedText[]> => {
      const to = movedPath(path, move)
      const [opened, there] = await Promise.all([documents.open(path), documents.open(to)])
      if (!opened.ok || opened.value.mirror.isAbsent || !opened.value.mirror.isText) return []
      const source = opened.value
      return [{ source, to, known: there.ok ? there.value : undefined, onDisk: () => source.mirror.onDisk }]
    }),
  )
  return found.flat()
}
