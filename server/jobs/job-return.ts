import { mergeThree, patchOf } from '../../core/document/merge-three.ts'
import type { Job, JobConflict } from '../../core/protocol/job.ts'
import type { JobRepository } from './job-repository.ts'

/** What a job changed, as edits of the files as they are now. */
export interface Comeback {
  readonly patches: readonly string[]
  readonly conflicts: readonly JobConflict[]
  /** Files that are not text: only the branch has them. */
  readonly left: readonly string[]
}

/** Brings a job's changes together with what people did since it began. */
export async function prepareComeback(options: {
  readonly job: Job
  readonly base: string
  readonly head: string
  readonly repository: JobRepository
  readonly readText: (path: string) => Promise<string | undefined>
}): Promise<Comeback> {
  const { job, base, head, repository, readText } = options
  const patches: string[] = []
  const conflicts: JobConflict[] = []
  const left: string[] = []
  for (const { path, kind, binary } of job.files) {
    if (binary) {
      left.push(path)
      continue
    }
    const [before, theirs, ours] = await Promise.all([
      kind === 'add' ? undefined : repository.read(base, path),
      kind === 'delete' ? undefined : repository.read(head, path),
      readText(path),
    ])
    if (ours === theirs) continue
    const sides = { base: before ?? '', ours: ours ?? '', theirs: theirs ?? '' }
    if (theirs === undefined) {
      if (ours === before) patches.push(`*** Begin Patch\n*** Delete File: ${path}\n*** End Patch\n`)
      else conflicts.push({ path, startLine: 1, ...sides })
    } else if (ours === undefined) {
      if (before === undefined) patches.push(addition(path, theirs))
      else conflicts.push({ path, startLine: 1, ...sides })
    } else {
      const merge = mergeThree(before ?? '', ours, theirs)
      if (merge.edits.length > 0) patches.push(patchOf(path, ours, merge.edits))
      for (const { from, base: was, ours: now, lines } of merge.conflicts) {
        conflicts.push({
          path,
          startLine: from + 1,
          base: was.join('\n'),
          ours: now.join('\n'),
          theirs: lines.join('\n'),
        })
      }
    }
  }
  return { patches, conflicts, left }
}

/**
 * The edit that takes the job's side of one conflict, in the file as it is now. `taken`: it has been made;
 * `undefined`: the place is gone.
 */
export function takeTheirs(
  { path, startLine, base, ours, theirs }: JobConflict,
  now: string | undefined,
): string | 'taken' | undefined {
  const isWhole = ours === (now ?? '')
  if (isWhole && theirs === '') return `*** Begin Patch\n*** Delete File: ${path}\n*** End Patch\n`
  if (now === theirs) return 'taken'
  if (now === undefined) return base === '' && ours !== '' ? undefined : addition(path, theirs)
  const lines = now.split('\n')
  const wanted = ours.split('\n')
  const placesOf = (text: readonly string[]) =>
    lines.flatMap((_, from) => (text.every((line, index) => lines[from + index] === line) ? [from] : []))
  const [from, other] = placesOf(wanted)
  // Asked again because the server died before it could note that it had been made.
  if (from === undefined && placesOf(theirs.split('\n')).includes(startLine - 1)) return 'taken'
  // Where it would be a guess nothing is changed.
  if (from === undefined || other !== undefined) return undefined
  return patchOf(path, now, [{ from, to: from + wanted.length, lines: theirs.split('\n') }])
}

function addition(path: string, text: string): string {
  const lines = text.split('\n')
  const whole = lines.at(-1) === '' ? lines.slice(0, -1) : lines
  return [
    '*** Begin Patch',
    `*** Add File: ${path}`,
    ...whole.map((line) => `+${line}`),
    '*** End Patch',
    '',
  ].join('\n')
}

/** The three sides of a file whose edit could not be placed. */
export async function wholeConflict(options: {
  readonly path: string
  readonly base: string
  readonly head: string
  readonly repository: JobRepository
  readonly readText: (path: string) => Promise<string | undefined>
}): Promise<JobConflict> {
  const { path, base, head, repository, readText } = options
  const [before, ours, theirs] = await Promise.all([
    repository.read(base, path),
    readText(path),
    repository.read(head, path),
  ])
  return { path, startLine: 1, base: before ?? '', ours: ours ?? '', theirs: theirs ?? '' }
}
