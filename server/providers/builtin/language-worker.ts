import { parentPort, workerData } from 'node:worker_threads'
import ts from 'typescript'
import { runCommand } from './commands/run-command.ts'
import { CannotDo, type Workbench } from './commands/workbench.ts'
import type { LanguageAnswer, LanguageJob, WorkerReply, WorkerRequest, WorkerSetup } from './language-job.ts'
import { applyOwnPatch } from './patch/check-patch.ts'
import { splitLines, writePatch } from './patch/patch-writer.ts'
import { CodeProjects } from './project/code-projects.ts'
import { type FileChange, ProjectFiles } from './project/project-files.ts'

/** The thread that reads the workspace and thinks about it, so that the server's own thread never waits. */
function serve({ root, cancelled }: WorkerSetup): void {
  let current = 0
  const files = new ProjectFiles(root)
  const projects = new CodeProjects(files, () => Atomics.load(cancelled, 0) === current)

  function run(job: LanguageJob): LanguageAnswer {
    files.refresh(job.overrides, job.only)
    projects.refresh()
    const bench: Workbench = {
      files,
      code: projects,
      context: job.context,
      say: (english, chinese) => (job.context.language === 'zh' ? chinese : english),
    }
    try {
      const text = runCommand(bench, job.command)
      const changes = files.takeChanges()
      if (changes.length === 0) return { text, patch: undefined, bases: new Map() }
      return {
        text,
        patch: provenPatch(changes),
        bases: new Map(changes.map(({ path, before }) => [path, before])),
      }
    } catch (error) {
      files.takeChanges()
      if (error instanceof CannotDo) return { text: error.message, patch: undefined, bases: new Map() }
      throw error
    }
  }

  /** Builds the programs ahead of the first command. */
  function warm(paths: readonly string[]): void {
    files.refresh(new Map())
    projects.refresh()
    const wanted = paths.map((path) => projects.forFile(path)).filter((project) => project !== undefined)
    for (const project of wanted.length > 0 ? wanted : projects.all().slice(0, 1))
      project.service.getProgram()
  }

  parentPort?.on('message', (request: WorkerRequest) => {
    current = request.id
    let reply: WorkerReply = { id: request.id }
    try {
      if (Atomics.load(cancelled, 0) === current) reply = { id: request.id, problem: 'cancelled' }
      else if (request.type === 'warm') warm(request.paths)
      else reply = { id: request.id, answer: run(request.job) }
    } catch (error) {
      const problem =
        error instanceof ts.OperationCanceledException
          ? 'cancelled'
          : error instanceof Error
            ? error.message
            : String(error)
      reply = { id: request.id, problem }
    }
    parentPort?.postMessage(reply)
  })
}

/** The patch, once it has been seen to do what was meant. */
function provenPatch(changes: readonly FileChange[]): string {
  const patch = writePatch(changes)
  const texts = new Map(changes.map(({ path, before }) => [path, before]))
  const applied = applyOwnPatch(patch, (path) => texts.get(path))
  for (const { path, before, after } of changes) {
    const result = applied?.get(path)
    const unchanged =
      before !== undefined &&
      result === undefined &&
      splitLines(before).join('\n') === splitLines(after).join('\n')
    if (
      !unchanged &&
      (result === undefined || splitLines(result).join('\n') !== splitLines(after).join('\n'))
    ) {
      throw new Error(`the patch for ${path} does not say what was meant`)
    }
  }
  return patch
}

serve(workerData)
