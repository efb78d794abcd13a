import type { Clock } from '../../core/lib/clock.ts'
import type { CommandId, CommandResult } from '../../core/protocol/command.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { matchesHost } from '../../core/protocol/host.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { ThreadEvent, ThreadState } from '../../core/protocol/thread.ts'
import {
  defaultLimits,
  type Network,
  type OutputPiece,
  type Runner,
  SandboxError,
} from '../sandbox/runner.ts'
import type { Timers } from '../timers.ts'
import type { ApprovalRules } from './approval-rules.ts'
import { joinOutput } from './joined-output.ts'

interface Options {
  readonly runner: Runner
  readonly rules: Pick<ApprovalRules, 'hosts' | 'isDenied'>
  readonly clock: Clock
  readonly timers: Timers
  readonly folder: string
  /** Brings unsaved text to the disk, where the command looks. */
  readonly flush: () => Promise<void>
  readonly state: () => ThreadState
  readonly publish: (event: ThreadEvent) => void
  readonly stored: () => Promise<void>
  /** While the work runs the thread stays in memory. */
  readonly hold: <T>(work: () => Promise<T>) => Promise<T>
  readonly onBug: (error: unknown, where: string) => void
}

interface ModelRun {
  readonly callId: string
  readonly hosts: readonly string[]
  readonly wallMs?: number | undefined
  readonly signal: AbortSignal
  readonly onOutput: (piece: OutputPiece) => void
}

/** Commands run in one thread: those of people, whose course is in the thread's log, and those of the model. */
export class Commands {
  readonly #options: Options
  readonly #running = new Map<CommandId, AbortController>()
  /** By the call of the model that wants it. */
  readonly #calls = new Map<string, AbortController>()

  constructor(options: Options) {
    this.#options = options
  }

  /** Begins it; resolves when that is durable. A known one runs, or has run, already. */
  async run(id: CommandId, text: string): Promise<void> {
    const { state, clock, publish, stored, hold, onBug } = this.#options
    const { commands = [], turns } = state()
    if (!commands.some((command) => command.id === id)) {
      if (this.#running.size >= limits.runningCommands) {
        throw new RequestError(
          'busy',
          `${limits.runningCommands} commands run in this thread; stop one first.`,
        )
      }
      const stop = new AbortController()
      this.#running.set(id, stop)
      const afterTurnId = turns.at(-1)?.id
      const place = afterTurnId && { afterTurnId }
      publish({
        type: 'command/started',
        command: { id, text, ...place, startedAt: clock.now(), output: '' },
      })
      void hold(() => this.#finish(id, text, stop.signal)).catch((error) => onBug(error, 'command'))
    }
    await stored()
  }

  /** Runs one for the model, where the thread works; how it ended is told to whoever asked. */
  async runForModel(
    text: string,
    { callId, hosts, wallMs, signal, onOutput }: ModelRun,
  ): Promise<CommandResult> {
    const stop = new AbortController()
    this.#calls.set(callId, stop)
    try {
      return await this.#execute(text, {
        of: callId,
        hosts,
        wallMs,
        signal: AbortSignal.any([signal, stop.signal]),
        onOutput,
      })
    } finally {
      this.#calls.delete(callId)
    }
  }

  stopCall(callId: string): void {
    this.#calls.get(callId)?.abort()
  }

  stop(id: CommandId): void {
    this.#running.get(id)?.abort()
  }

  /** After a restart: what ran then runs no more. */
  recover(): void {
    for (const { id, result } of this.#options.state().commands ?? []) {
      if (result) continue
      const lost = { cut: 'lost', durationMs: 0, droppedBytes: 0 } as const
      this.#options.publish({ type: 'command/settled', commandId: id, result: lost })
    }
  }

  close(): void {
    for (const stop of this.#running.values()) stop.abort()
  }

  async #finish(id: CommandId, text: string, signal: AbortSignal): Promise<void> {
    const { publish, stored } = this.#options
    const output = joinOutput(this.#options.timers, (piece) =>
      publish({ type: 'command/output', commandId: id, ...piece }),
    )
    let result: CommandResult
    try {
      result = await this.#execute(text, {
        of: id,
        hosts: this.#options.rules.hosts,
        signal,
        onOutput: output.write,
      })
    } finally {
      output.flush()
      this.#running.delete(id)
    }
    publish({ type: 'command/settled', commandId: id, result })
    await stored()
  }

  async #execute(
    text: string,
    {
      of,
      hosts,
      wallMs = defaultLimits.wallMs,
      signal,
      onOutput,
    }: Omit<ModelRun, 'callId'> & { readonly of: string },
  ): Promise<CommandResult> {
    const { runner, folder, flush } = this.#options
    try {
      await flush()
      const { exit, cut, durationMs, droppedBytes } = await runner.run({
        command: text,
        folder,
        limits: { outputBytes: limits.commandOutputBytes, wallMs },
        network: hosts.length === 0 ? undefined : this.#network(of, hosts),
        signal,
        onOutput,
      })
      return { ...(exit !== undefined && { exit }), cut, durationMs, droppedBytes }
    } catch (error) {
      if (!(error instanceof SandboxError) && !(error instanceof RequestError)) throw error
      const gap = error instanceof SandboxError ? error.gap : undefined
      return { cut: 'none', durationMs: 0, droppedBytes: 0, problem: error.message, ...(gap && { gap }) }
    }
  }

  /** Each wish for the network is a row of the thread's log. */
  #network(of: string, hosts: readonly string[]): Network {
    const { rules, publish, clock } = this.#options
    return {
      allows: (host) => !rules.isDenied(host) && hosts.some((allowed) => matchesHost(allowed, host)),
      onReach: (reached) => publish({ type: 'command/reached', of, at: clock.now(), reached }),
    }
  }
}
