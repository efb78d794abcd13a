import { isReplaced, type Move, movedPath } from '../../core/lib/moved-path.ts'
import type { RevertFile } from './documents.ts'
import type { WorkspaceDocuments } from './workspace-documents.ts'

/** Files that have nothing to do with each other apart; those of one place, or joined by a move, in their order. */
export function byPlace(files: readonly RevertFile[]): readonly (readonly RevertFile[])[] {
  const groupOf = new Map<string, { file: RevertFile; index: number }[]>()
  for (const [index, file] of files.entries()) {
    const paths = file.movedTo === undefined ? [file.path] : [file.path, file.movedTo]
    const joined = [...new Set(paths.flatMap((path) => groupOf.get(path) ?? []))]
    joined.push({ file, index })
    for (const { file: other } of joined) {
      groupOf.set(other.path, joined)
      if (other.movedTo !== undefined) groupOf.set(other.movedTo, joined)
    }
  }
  return [...new Set(groupOf.values())].map((group) =>
    group.toSorted((a, b) => a.index - b.index).map(({ file }) => file),
  )
}

/** Loading files and looking at the disk is most of the work: all of it at once, and nothing unseen after it. */
export async function openAtOnce(documents: WorkspaceDocuments, files: readonly RevertFile[]): Promise<void> {
  const paths = new Set(
    files.flatMap(({ path, movedTo }) => (movedTo === undefined ? [path] : [path, movedTo])),
  )
  const look = async (path: string) => {
    const opened = await documents.open(path)
    if (opened.ok && !opened.value.mirror.isUnborn) await opened.value.mirror.check()
  }
  await Promise.all([...paths].map(look))
}

/** Where a file is to be found once these moves are done. One that moves itself says from where to where. */
export function afterMoves(file: RevertFile, moves: readonly Move[]): RevertFile {
  const { replaced, ...rest } = file
  const place = moves.reduce(movedPath, replaced ?? file.path)
  if (isReplaced(place)) return file
  return file.movedTo === undefined ? { ...rest, path: place } : rest
}
