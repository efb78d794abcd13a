import * as Y from 'yjs'
import { isWithin, type Move, movedPath } from '../../core/lib/moved-path.ts'
import type { Store } from '../store/store.ts'
import type { DiskChange } from '../workspace/workspace.ts'
import { readDiskFile } from './disk-file.ts'
import { knownPaths, type MovedText, moveTexts } from './rename-files.ts'
import type { WorkspaceDocuments } from './workspace-documents.ts'

/** Beyond this a program made or removed so many files at once that to compare them all would take too long. */
const comparedAtMost = 500
const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/**
 * Another program changed files. What it only renamed keeps its history: of the texts known here one is gone and one
 * with the very same bytes is there instead. Where two could be meant, or the bytes differ, it is as they say: one went
 * and another came.
 */
export function followDisk(
  documents: WorkspaceDocuments,
  store: Store,
  changes: readonly DiskChange[],
): Promise<void> {
  return documents.moving(async () => {
    const gone = await textsGone(documents, store, pathsOf(changes, 'deleted'))
    if (gone.size === 0) return
    const renames = await findRenames(documents, gone, changes)
    const texts: MovedText[] = []
    for (const move of renames) {
      const text = await movedText(documents, move)
      if (text) texts.push(text)
    }
    if (texts.length === 0) return
    await moveTexts(documents, texts, async () => undefined)
    for (const { from, to } of joined(texts, gone, changes)) await documents.noteMove(from, to)
  })
}

function pathsOf(changes: readonly DiskChange[], kind: DiskChange['kind']): readonly string[] {
  return changes.filter((change) => change.kind === kind).map(({ path }) => path)
}

/** Known texts that are not on disk any more, with the bytes they had there. */
async function textsGone(
  documents: WorkspaceDocuments,
  store: Store,
  deleted: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { id, guard } = documents.workspace
  const gone = new Map<string, string>()
  for (const place of deleted.slice(0, comparedAtMost)) {
    for (const path of await knownPaths(documents, store, place)) {
      const open = documents.isOpen(path) ? await documents.open(path) : undefined
      const [marked] = await store.markedDocuments(`${id}:${path}`)
      const known = marked?.key === `${id}:${path}` ? marked.hash : ''
      const hash = open?.ok ? open.value.mirror.onDisk.hash : known
      if (hash === '' || hash === emptyHash || (open?.ok && open.value.isWritten)) continue
      if ((await readDiskFile(guard, path)).kind === 'notFound') gone.set(path, hash)
    }
  }
  return gone
}

/** A folder that came or went is told without what is in it. */
async function findRenames(
  { workspace }: WorkspaceDocuments,
  gone: ReadonlyMap<string, string>,
  changes: readonly DiskChange[],
): Promise<readonly Move[]> {
  const created = pathsOf(changes, 'created')
  const folders = pathsOf(changes, 'deleted')
  const places = new Set(
    [...gone.keys()].flatMap((path) => {
      const rests = folders
        .filter((folder) => isWithin(path, folder))
        .map((folder) => path.slice(folder.length))
      return created.flatMap((place) => rests.map((rest) => `${place}${rest}`))
    }),
  )
  for (const place of created) places.add(place)
  if (places.size > comparedAtMost) return []
  const byHash = new Map<string, string[]>()
  for (const place of places) {
    const file = await readDiskFile(workspace.guard, place)
    if (file.kind === 'text') byHash.set(file.hash, [...(byHash.get(file.hash) ?? []), place])
  }
  const hashes = [...gone.values()]
  return [...gone].flatMap(([from, hash]) => {
    const [to, ...others] = byHash.get(hash) ?? []
    const isOne = hashes.filter((other) => other === hash).length === 1
    return to === undefined || others.length > 0 || !isOne ? [] : [{ from, to }]
  })
}

async function movedText(documents: WorkspaceDocuments, { from, to }: Move): Promise<MovedText | undefined> {
  const file = await readDiskFile(documents.workspace.guard, to)
  const opened = await documents.open(from)
  const known = await documents.openAbsent(to)
  if (file.kind !== 'text' || !opened.ok || known === 'there') return undefined
  const source = opened.value
  const { mirror, doc } = source
  const { hash, format, mode } = file
  if (!mirror.isAbsent && mirror.onDisk.hash === hash)
    return { source, to, known, onDisk: () => mirror.onDisk }
  // Nobody had it open: it was found deleted just now.
  if (!mirror.isAbsent || source.text() !== file.text) return undefined
  const base = Y.snapshot(doc)
  return { source, to, known, onDisk: () => ({ hash, format, mode, base }) }
}

/** All known files of a folder that are in another one now: it was renamed. */
function joined(
  texts: readonly MovedText[],
  gone: ReadonlyMap<string, string>,
  changes: readonly DiskChange[],
): readonly Move[] {
  const moves = texts.map(({ source, to }): Move => ({ from: source.path, to }))
  const isSo = (folder: Move) =>
    [...gone.keys()]
      .filter((path) => isWithin(path, folder.from))
      .every((path) => moves.some(({ from, to }) => from === path && to === movedPath(path, folder)))
  const folders = pathsOf(changes, 'deleted')
    .flatMap((from) => pathsOf(changes, 'created').map((to): Move => ({ from, to })))
    .filter((folder) => moves.some(({ from }) => isWithin(from, folder.from)) && isSo(folder))
  const inFolders = ({ from }: Move) => folders.some((folder) => isWithin(from, folder.from))
  const outermost = folders.filter(
    (folder) => !folders.some((other) => other.from !== folder.from && isWithin(folder.from, other.from)),
  )
  return [...outermost, ...moves.filter((move) => !inFolders(move))]
}
