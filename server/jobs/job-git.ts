import { rm } from 'node:fs/promises'
import { limits } from '../../core/protocol/limits.ts'
import { type GitOptions, runGit } from '../workspace/git.ts'
import type { RunProgram } from '../workspace/run-process.ts'

/** Who made a commit. */
export interface Identity {
  readonly name: string
  readonly email: string
}

/** No commit of a job says more of who made it: its hash follows from what is in it. */
export const nobody: Identity = { name: 'Tandem', email: 'tandem@localhost' }

/** A file of a commit, as git keeps it. */
export interface TreeEntry {
  readonly mode: string
  readonly oid: string
}

/** Files that are otherwise than in a commit; `undefined`: they are gone. */
export type OtherFiles = ReadonlyMap<
  string,
  TreeEntry | { readonly text: string; readonly mode: string } | undefined
>

export class GitError extends Error {}

interface Place {
  readonly gitDir: string
  /** Where git runs when no working tree is named. */
  readonly folder: string
  readonly program: RunProgram
}

type Environment = Readonly<Record<string, string>>

/** Git on the repository that holds the commits of jobs, bounded in time and output. */
export class JobGit {
  readonly #place: Place

  constructor(place: Place) {
    this.#place = place
  }

  /** One answer, without the white space around it. Rejects with a `GitError` when git fails. */
  async ask(args: readonly string[], env: Environment = {}, input?: string): Promise<string> {
    return (await this.read(args, env, input)).trim()
  }

  /** All it writes. Rejects with a `GitError` when git fails. */
  async read(args: readonly string[], env: Environment = {}, input?: string): Promise<string> {
    const { code, output, problem, cut } = await this.run(args, env, input)
    if (code === 0) return output
    const name = args.find((arg) => /^[a-z]/.test(arg) && !arg.includes('='))
    throw new GitError(`git ${name}: ${cut === 'no' ? problem.trim() : `stopped, too much ${cut}`}`)
  }

  run(args: readonly string[], env: Environment = {}, input?: string) {
    const { gitDir, folder } = this.#place
    return this.elsewhere(args, {
      cwd: env.GIT_WORK_TREE ?? folder,
      env: { GIT_DIR: gitDir, ...env },
      ...(input !== undefined && { input }),
      timeoutMs: limits.gitTreeMs,
      outputBytes: limits.documentBytes * 2,
    })
  }

  /** In another repository, or where it has to be found out which. */
  elsewhere(args: readonly string[], options: Omit<GitOptions, 'run'>) {
    return runGit(args, { ...options, run: this.#place.program })
  }

  /** A tree with these files otherwise, made in an index of its own. */
  async treeWith(tree: string, files: OtherFiles, indexFile: string): Promise<string> {
    const env = { GIT_INDEX_FILE: indexFile }
    try {
      await this.ask(['read-tree', tree], env)
      const rows: string[] = []
      for (const [path, file] of files) {
        if (!file) rows.push(`0 ${'0'.repeat(tree.length)}\t${path}\0`)
        else {
          const oid =
            'oid' in file ? file.oid : await this.ask(['hash-object', '-w', '--stdin'], {}, file.text)
          rows.push(`${file.mode} ${oid}\t${path}\0`)
        }
      }
      await this.ask(['update-index', '-z', '--index-info'], env, rows.join(''))
      return await this.ask(['write-tree'], env)
    } finally {
      await rm(indexFile, { force: true })
    }
  }

  /** Answers the commit. */
  commit(options: {
    readonly tree: string
    readonly parents: readonly string[]
    readonly message: string
    /** In milliseconds; git keeps seconds. */
    readonly at: number
    readonly who?: Identity
  }): Promise<string> {
    const { tree, parents, message, at, who = nobody } = options
    const values = { NAME: who.name, EMAIL: who.email, DATE: `@${seconds(at)} +0000` }
    const env = Object.fromEntries(
      Object.entries(values).flatMap(([name, value]) => [
        [`GIT_AUTHOR_${name}`, value],
        [`GIT_COMMITTER_${name}`, value],
      ]),
    )
    return this.ask(['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent])], env, message)
  }
}

/** As git keeps a time. */
export function seconds(at: number): number {
  return Math.floor(at / 1000)
}
