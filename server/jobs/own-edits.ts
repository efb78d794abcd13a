import { type LineConflict, mergeThree, withEdits } from '../../core/document/merge-three.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { JobConflict } from '../../core/protocol/job.ts'
import type { OtherFiles, TreeEntry } from './job-git.ts'

/** Where commits and trees are read. */
interface Source {
  entries(tree: string, paths: readonly string[]): Promise<ReadonlyMap<string, TreeEntry>>
  read(tree: string, path: string): Promise<string | undefined>
}

interface Trees {
  /** The files right before the changes came, as they are committed, and as they are on disk. */
  readonly before: string
  readonly head: string
  readonly now: string
}

/**
 * What people had in the same files and not committed before a job's changes came stays theirs to commit: answers each
 * such file as it is committed, with what was changed in it since. Refused where the two cannot be told from each other.
 */
export async function apartFromOwn({
  source,
  paths,
  taken,
  ...trees
}: Trees & {
  readonly source: Source
  readonly paths: readonly string[]
  /** Where their own text gave way to the job's. */
  readonly taken: readonly JobConflict[]
}): Promise<OtherFiles> {
  const { before, head, now } = trees
  const [was, committed, there] = await Promise.all([
    source.entries(before, paths),
    source.entries(head, paths),
    source.entries(now, paths),
  ])
  const files = new Map<string, TreeEntry | { readonly text: string; readonly mode: string }>()
  const mixed: string[] = []
  for (const path of paths) {
    const [old, known, left] = [was.get(path), committed.get(path), there.get(path)]
    // Nobody had anything in it, or it is no more: nothing of theirs is in what is committed.
    if (old?.oid === known?.oid || !left || !old) continue
    // Nothing that came is in it any more.
    if (known && left.oid === old.oid) files.set(path, known)
    else {
      const places = taken.filter((place) => place.path === path)
      const text = known && (await changedSince(source, path, trees, places))
      if (text === undefined) mixed.push(path)
      else files.set(path, { text, mode: left.mode })
    }
  }
  if (mixed.length === 0) return files
  throw new RequestError(
    'conflict',
    `Your own changes in ${mixed.join(', ')} touch those of the job. Commit yours along, or take the job’s back and commit yours first.`,
  )
}

/** The committed text with what was changed since; `undefined` where that touches what people had changed before. */
async function changedSince(
  source: Source,
  path: string,
  { before, head, now }: Trees,
  taken: readonly JobConflict[],
): Promise<string | undefined> {
  const [base = '', ours = '', theirs = ''] = await Promise.all(
    [before, head, now].map((tree) => source.read(tree, path)),
  )
  if ([base, ours, theirs].some((text) => text.includes('\0') || text.includes('\uFFFD'))) return undefined
  const { edits, conflicts } = mergeThree(base, ours, theirs)
  const gaveWay = ({ base: was, lines }: LineConflict) =>
    taken.some((place) => contains(place.ours, was) && contains(place.theirs, lines))
  if (!conflicts.every(gaveWay)) return undefined
  return withEdits(
    ours,
    [...edits, ...conflicts].toSorted((a, b) => a.from - b.from),
  )
}

function contains(text: string, lines: readonly string[]): boolean {
  return `\n${text}\n`.includes(`\n${lines.map((line) => `${line}\n`).join('')}`)
}
