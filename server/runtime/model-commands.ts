import type { Approval } from '../../core/protocol/approval.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { isGuestTurn } from '../../core/state/guest-view.ts'
import { asksAside } from '../../core/state/set-aside.ts'
import { runCommandSchema } from '../../core/tools/tool.ts'
import type { Leave } from './approvals.ts'
import { commandInWords } from './command-words.ts'
import { pieceText } from './joined-output.ts'
import type { ThreadRuntime } from './thread-runtime.ts'
import { type OwnTools, type ToolResult, wrongArguments } from './tool-runner.ts'

interface Options {
  readonly runtime: (thread: ThreadState) => Promise<Pick<ThreadRuntime, 'approvals' | 'commands'>>
  /** Told when a person has to answer, and again with nothing when they need not any more. */
  readonly onWait?: (approval: Approval | undefined) => Promise<void>
}

const refusals: Readonly<Record<Exclude<Leave['leave'], 'given'>, string>> = {
  refused:
    'The person refused to let that command run. Do not try it again; go on without it or say what is needed.',
  forbidden: 'A rule of this server forbids that command, or a host it wants to reach.',
  withdrawn: 'The turn ended before the command was approved.',
}

/** A command the model wants to run: leave first, then the sandbox, then words for the model. */
export function createCommandTool({ runtime, onWait }: Options): OwnTools {
  return (name, args, { thread, callId, signal, output }) => {
    const turn = thread.turns.at(-1)
    // In Plan there is no such tool.
    if (name !== 'run_command' || !turn || turn.mode === 'plan') return undefined
    return run(args)

    async function run(args: unknown): Promise<ToolResult> {
      const checked = runCommandSchema.safeParse(args)
      if (!checked.success) return wrongArguments(name, checked.error)
      if (turn && isGuestTurn(turn)) return failed('A guest asks: no command is run for them.')
      if (turn && asksAside(turn)) return failed('This turn changes no file, so no command runs in it.')
      const { command, hosts = [], timeout_seconds: seconds } = checked.data
      const { approvals, commands } = await runtime(thread)
      const answer = await approvals.ask({ command, hosts, callId, signal, onWait })
      if (answer.leave !== 'given') return failed(refusals[answer.leave])
      const wallMs = seconds === undefined ? undefined : seconds * 1000
      let written = ''
      const result = await commands.runForModel(command, {
        callId,
        hosts: answer.hosts,
        wallMs,
        signal,
        onOutput(piece) {
          output.write(piece)
          written += pieceText(piece)
        },
      })
      if (result.problem !== undefined) return failed(result.problem)
      return commandInWords(written, result)
    }
  }
}

function failed(output: string): ToolResult {
  return { status: 'failed', output }
}
