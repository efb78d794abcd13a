import { jobToolSchemas } from '../../core/tools/tool.ts'
import { StepRefused } from '../runtime/step-gate.ts'
import { type OwnTools, type ToolResult, wrongArguments } from '../runtime/tool-runner.ts'
import type { JobRun } from './job-run.ts'

/** What the model of a job has besides files. */
export function createJobTools(options: {
  readonly run: () => JobRun
  readonly runCommand: OwnTools
}): OwnTools {
  const { run, runCommand } = options
  return (name, args, call) => {
    switch (name) {
      case 'update_plan':
        return updatePlan(run(), args)
      case 'run_command':
        return runCommand(name, args, call)
      case 'ask_person':
        return askPerson(run(), args, call.signal)
      default:
        return undefined
    }
  }
}

async function updatePlan(run: JobRun, args: unknown): Promise<ToolResult> {
  const checked = jobToolSchemas.update_plan.safeParse(args)
  if (!checked.success) return wrongArguments('update_plan', checked.error)
  await run.plan(checked.data.steps)
  return { status: 'completed', output: 'People see the plan now.' }
}

async function askPerson(run: JobRun, args: unknown, signal: AbortSignal): Promise<ToolResult> {
  const checked = jobToolSchemas.ask_person.safeParse(args)
  if (!checked.success) return wrongArguments('ask_person', checked.error)
  try {
    return { status: 'completed', output: await run.waits.ask(checked.data.question, signal) }
  } catch (error) {
    if (error instanceof StepRefused) return { status: 'failed', output: error.message }
    throw error
  }
}
