import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { z } from 'zod'
import { createBwrapRunner } from '../../server/sandbox/bwrap-runner.ts'
import type { OutputPiece } from '../../server/sandbox/runner.ts'
import { systemTimers } from '../../server/timers.ts'
import { root } from './root.mjs'

const taskSchema = z.strictObject({
  title: z.string(),
  language: z.string(),
  kind: z.enum(['fix', 'feature', 'refactor']),
  /** Programs it takes. */
  needs: z.array(z.string()),
})

/** A task of the evaluation: a project, what is asked, and what tells whether it was done. */
export interface EvalTask extends z.infer<typeof taskSchema> {
  readonly id: string
  readonly prompt: string
  readonly folder: string
}

const tasksFolder = join(root, 'eval', 'tasks')

export function readTasks(): readonly EvalTask[] {
  return readdirSync(tasksFolder)
    .toSorted()
    .map((id) => {
      const folder = join(tasksFolder, id)
      const about = taskSchema.parse(JSON.parse(readFileSync(join(folder, 'task.json'), 'utf8')))
      return { ...about, id, folder, prompt: readFileSync(join(folder, 'prompt.md'), 'utf8').trim() }
    })
}

/** What the task begins with or, with `solved`, how it may end. */
export function filesOf(
  task: EvalTask,
  { solved }: { readonly solved: boolean },
): ReadonlyMap<string, string> {
  const parts = solved ? ['start', 'solution'] : ['start']
  return new Map(parts.flatMap((part) => [...readAll(join(task.folder, part))]))
}

function readAll(folder: string): ReadonlyMap<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = paths.filter((path) => statSync(join(folder, path)).isFile())
  return new Map(
    files.map((path) => [relative(folder, join(folder, path)), readFileSync(join(folder, path), 'utf8')]),
  )
}

export interface Verdict {
  readonly solved: boolean
  readonly output: string
}

/** Runs the hidden checker on a copy of the folder, in the sandbox. */
export class Checker {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tandem-eval-check-'))
  readonly #runner = createBwrapRunner({
    timers: systemTimers,
    ownFolder: join(this.#folder, 'sandbox'),
    hidden: [],
  })
  #copies = 0

  /** Why no task can be checked here. */
  problem(): Promise<string | undefined> {
    mkdirSync(join(this.#folder, 'sandbox'), { recursive: true })
    return this.#runner.problem()
  }

  /** The first program the task takes that is not there. */
  async missing({ needs }: EvalTask): Promise<string | undefined> {
    for (const program of needs) {
      const { exit } = await this.#run(`command -v ${program}`, this.#folder)
      if (exit !== 0) return program
    }
    return undefined
  }

  async check(task: EvalTask, workspace: string): Promise<Verdict> {
    const copy = join(this.#folder, String(++this.#copies))
    cpSync(workspace, copy, { recursive: true, filter: (path) => !/\/(\.git|\.check)(\/|$)/.test(path) })
    cpSync(join(task.folder, 'check'), join(copy, '.check'), { recursive: true })
    const { exit, output } = await this.#run('PATH=/run/tandem/node:$PATH sh .check/check.sh', copy)
    rmSync(copy, { recursive: true, force: true })
    return { solved: exit === 0, output: output.slice(-4000) }
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #run(command: string, folder: string) {
    let output = ''
    const onOutput = (piece: OutputPiece) => {
      if (piece.stream !== 'cut') output += piece.text
    }
    const { exit } = await this.#runner.run({ command, folder, limits: { wallMs: 60_000 }, onOutput })
    return { exit, output }
  }
}
