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
  /** What the job began with, and what it made of it. */
  readonly job: { readonly base: string; readonly head: string }
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
  { before, head, now, job }: Trees,
  taken: readonly JobConflict[],
): Promise<string | undefined> {
  const [base = '', ours = '', theirs = ''] = await Promise.all(
    [before, head, now].map((tree) => source.read(tree, path)),
  )
  if ([base, ours, theirs].some((text) => text.includes('\0') || text.includes('\uFFFD'))) return undefined
  const { edits, conflicts } = mergeThree(base, ours, theirs)
  if (conflicts.length === 0) return withEdits(ours, edits)
  const gaveWay = ({ base: was, lines }: LineConflict) =>
    taken.some((place) => contains(place.ours, was) && contains(place.theirs, lines))
  const [began = '', made = ''] = await Promise.all(
    [job.base, job.head].map((tree) => source.read(tree, path)),
  )
  const came = mergeThree(began, base, made)
  const baseLines = base.split('\n')
  const removed = new Set(
    [...came.edits, ...came.conflicts].flatMap(({ from, to }) => baseLines.slice(from, to)),
  )
  const added = new Set([...came.edits, ...came.conflicts].flatMap(({ lines }) => lines))
  const isOfJob = ({ base: was, lines }: LineConflict) =>
    was.some((line) => removed.has(line)) || lines.some((line) => added.has(line))
  const decided = conflicts.filter(gaveWay)
  if (conflicts.some((conflict) => !decided.includes(conflict) && isOfJob(conflict))) return undefined
  // Where people only went on with what was theirs it stays theirs.
  return withEdits(
    ours,
    [...edits, ...decided].toSorted((one, other) => one.from - other.from),
  )
}

function contains(text: string, lines: readonly string[]): boolean {
  return `\n${text}\n`.includes(`\n${lines.map((line) => `${line}\n`).join('')}`)
}
