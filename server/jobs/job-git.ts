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
