import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { runGit } from '../workspace/git.ts'
import type { RunProgram } from '../workspace/run-process.ts'

const outputBytes = 512 * 1024 * 1024
const gitMs = 120_000

/**
 * Removes objects of a repository of jobs that no job needs any more, and answers how many. Git's own collection would
 * also remove what the person's repository has too: there it is theirs, and may go at any moment.
 */
export async function collectGarbage(options: {
  readonly gitDir: string
  /** Commits that are needed, with all they follow. */
  readonly commits: readonly string[]
  /** What is on its way into a commit. */
  readonly indexes: readonly string[]
  /** Milliseconds since 1970: what is younger may be on its way to be needed. */
  readonly before: number
  readonly run: RunProgram
}): Promise<number> {
  const { gitDir, commits, indexes, before } = options
  const loose = await looseObjects(gitDir)
  if (loose.length === 0) return 0
  const needed = new Set<string>()
  const ask = async (
    args: readonly string[],
    more: { input?: string; env?: Record<string, string> } = {},
  ) => {
    const { env, ...rest } = more
    const { code, output, problem, cut } = await runGit(args, {
      cwd: gitDir,
      env: { GIT_DIR: gitDir, ...env },
      timeoutMs: gitMs,
      outputBytes,
      run: options.run,
      ...rest,
    })
    // What cannot be read whole is kept whole.
    if (code !== 0 || cut !== 'no') throw new Error(`objects of jobs: ${cut === 'no' ? problem.trim() : cut}`)
    return output
  }
  if (commits.length > 0) {
    const input = commits.map((commit) => `${commit}\n`).join('')
    const listed = await ask(['rev-list', '--objects', '--no-object-names', '--stdin'], { input })
    for (const name of listed.split('\n')) needed.add(name)
  }
  for (const index of indexes) {
    const listed = await ask(['ls-files', '--stage', '-z'], { env: { GIT_INDEX_FILE: index } })
    for (const line of listed.split('\0')) needed.add(line.split(' ')[1] ?? '')
  }
  let removed = 0
  for (const { name, file } of loose) {
    if (needed.has(name)) continue
    const found = await stat(file).catch(() => undefined)
    if (!found || found.mtimeMs >= before) continue
    await rm(file, { force: true })
    removed++
  }
  return removed
}

async function looseObjects(gitDir: string): Promise<{ readonly name: string; readonly file: string }[]> {
  const objects = join(gitDir, 'objects')
  const all: { name: string; file: string }[] = []
  for (const folder of await readdir(objects).catch(() => [])) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue
    for (const rest of await readdir(join(objects, folder))) {
      if (/^[0-9a-f]{38,62}$/.test(rest))
        all.push({ name: `${folder}${rest}`, file: join(objects, folder, rest) })
    }
  }
  return all
}
