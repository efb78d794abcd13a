import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { mergeThree, withEdits } from '../../core/document/merge-three.ts'
import type { JobConflict, JobFile } from '../../core/protocol/job.ts'
import { writeDiskFile } from '../documents/disk-file.ts'
import { createPathGuard } from '../workspace/path-guard.ts'
import type { TreeEntry } from './job-git.ts'
import type { JobRepository } from './job-repository.ts'

/** What became of an agent's changes in the files of the job it works for. */
export interface Taken {
  readonly files: readonly JobFile[]
  /** Where both wrote: the job's text stands. */
  readonly conflicts: readonly JobConflict[]
  /** Files that can't be merged by line, and why: the job's stand. */
  readonly clashes: readonly { readonly path: string; readonly why: string }[]
}

interface Options {
  readonly repository: JobRepository
  /** The job's copy. */
  readonly tree: string
  /** What the agent began with, or what was taken over last, and where it stands. */
  readonly base: string
  readonly head: string
}

/** Brings an agent's changes into the copy of its job. Made again from the same commit it does the same. */
export async function mergeAgent({ repository, tree, base, head }: Options): Promise<Taken> {
  const ours = await repository.treeOf(tree)
  const [theirFiles, ourFiles] = await Promise.all([
    repository.changes(base, head),
    repository.changes(base, ours),
  ])
  const paths = theirFiles.map(({ path }) => path)
  const [was, theirs, now] = await Promise.all([
    repository.entries(base, paths),
    repository.entries(head, paths),
    repository.entries(ours, paths),
  ])
  const changed = new Map(ourFiles.map((file) => [file.path, file]))
  const present = ourFiles.filter(({ kind }) => kind !== 'delete').map(({ path }) => path)
  const files: JobFile[] = []
  const conflicts: JobConflict[] = []
  const clashes: { readonly path: string; readonly why: string }[] = []
  const placed = new Map<string, TreeEntry>()
  const gone: string[] = []
  for (const file of theirFiles) {
    const { path } = file
    const theirEntry = theirs.get(path)
    const ourEntry = now.get(path)
    if (sameEntry(theirEntry, ourEntry)) continue
    const inTheWay = present.find((other) => isInside(other, path) || isInside(path, other))
    if (inTheWay !== undefined && theirEntry) clashes.push({ path, why: `${inTheWay} stands in its way` })
    else if (!changed.has(path)) {
      files.push(file)
      if (theirEntry) placed.set(path, theirEntry)
      else gone.push(path)
    } else if (!theirEntry || !ourEntry) {
      clashes.push({ path, why: theirEntry ? 'you deleted it, and the agent changed it' : deletedThere })
    } else {
      const sides = [was.get(path), ourEntry, theirEntry]
      const texts = await textsOf(repository, { path, base, ours, head }, sides)
      if (!texts) {
        clashes.push({ path, why: 'both changed it, and it is no text' })
        continue
      }
      const merge = mergeThree(texts.base, texts.ours, texts.theirs)
      const mode = ourEntry.mode === '100755' ? 0o755 : 0o644
      if (merge.edits.length > 0) {
        files.push(file)
        const text = withEdits(texts.ours, merge.edits)
        const format = { eol: 'lf', bom: false } as const
        await writeDiskFile({ guard: createPathGuard(tree), path, text, format, mode })
      }
      // Places are told as they are once all of it is in.
      const shift = (line: number) =>
        merge.edits
          .filter(({ to }) => to <= line)
          .reduce((sum, { from, to, lines }) => sum + lines.length - (to - from), line)
      for (const { from, base: before, ours: mine, lines } of merge.conflicts) {
        conflicts.push({
          path,
          startLine: shift(from) + 1,
          base: before.join('\n'),
          ours: mine.join('\n'),
          theirs: lines.join('\n'),
        })
      }
    }
  }
  for (const path of gone) await rm(join(tree, path), { force: true })
  await repository.place(tree, placed)
  return { files, conflicts, clashes }
}

const deletedThere = 'the agent deleted it, and you changed it'

function sameEntry(a: TreeEntry | undefined, b: TreeEntry | undefined): boolean {
  return a?.oid === b?.oid && a?.mode === b?.mode
}

function isInside(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`)
}

/** The three texts of a file; `undefined` when one of them is none. */
async function textsOf(
  repository: JobRepository,
  at: { readonly path: string; readonly base: string; readonly ours: string; readonly head: string },
  entries: readonly (TreeEntry | undefined)[],
): Promise<{ readonly base: string; readonly ours: string; readonly theirs: string } | undefined> {
  if (entries.some((entry) => entry && !entry.mode.startsWith('100'))) return undefined
  const [base = '', ours = '', theirs = ''] = await Promise.all(
    [at.base, at.ours, at.head].map((commit) => repository.read(commit, at.path)),
  )
  const isText = (text: string) => !text.includes('\0') && !text.includes('\uFFFD')
  return [base, ours, theirs].every(isText) ? { base, ours, theirs } : undefined
}
