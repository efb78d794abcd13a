import type { Clock } from '../../core/lib/clock.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { HunkId, SteerId, TurnId } from '../../core/protocol/ids.ts'
import type { HunkDecision } from '../../core/protocol/item.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { QueuedPrompt } from '../../core/protocol/queue.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { waitingSteers } from '../../core/state/steers.ts'
import type { ModelCatalogue } from './model-catalogue.ts'
import type { TurnRunner } from './turn-runner.ts'
import type { TurnStarts } from './turn-starts.ts'

interface Options {
  readonly runner: TurnRunner
  readonly starts: TurnStarts
  readonly models: ModelCatalogue
  readonly clock: Clock
  /** Keeps the thread in memory while the work is under way. */
  readonly hold: <T>(work: () => Promise<T>) => Promise<T>
  readonly onSteered: (() => void) | undefined
}

type Words = Pick<QueuedPrompt, 'text' | 'context' | 'guest'>

/** What people and jobs ask of the turn that runs. */
export class TurnControl {
  readonly #options: Options
  /** Of the turn that runs. */
  #settled: PromiseWithResolvers<void> = Promise.withResolvers()

  constructor(options: Options) {
    this.#options = options
  }

  /** The turn is over, and its calls are too. */
  onSettled(): void {
    this.#settled.resolve()
    this.#settled = Promise.withResolvers()
  }

  redirect(turnId: TurnId, { text, context, guest }: Words, receivedAt: number): Promise<void> {
    const { runner, starts, clock, hold } = this.#options
    return hold(async () => {
      this.#expect(turnId)
      const steers = await starts.steers(waitingSteers(this.#thread.turns.at(-1)))
      const { prompt: bare, shown } = await starts.prompt(text, context)
      this.#expect(turnId)
      const known = new Set(Object.values(steers.attachments).flat())
      const prompt = { ...bare, guest, attachments: bare.attachments.filter((one) => !known.has(one)) }
      const at = clock.now()
      runner.notePrompt(receivedAt)
      runner.dispatch({ type: 'redirect', prompt, steers: steers.attachments, at })
      // After the request has left: it need not wait for this.
      for (const path of [...steers.shown, ...shown]) runner.noteShown(path)
      await this.acknowledge(turnId)
    })
  }

  /** Adds words that join the next request; resolves when they are durable. Known words are there already. */
  steer(turnId: TurnId, steer: Words & { id: SteerId }): Promise<void> {
    const { runner, clock, hold, onSteered } = this.#options
    return hold(async () => {
      const { id: steerId, text, context, guest } = steer
      const items = this.#thread.turns.flatMap((turn) => turn.items)
      if (!items.some((item) => item.type === 'userMessage' && item.steerId === steerId)) {
        this.#expect(turnId)
        if (waitingSteers(this.#thread.turns.at(-1)).length >= limits.waitingSteers) {
          const message = `At most ${limits.waitingSteers} additions can wait; redirect or queue instead.`
          throw new RequestError('tooLarge', message)
        }
        runner.dispatch({ type: 'steer', steerId, text, context, guest, at: clock.now() })
        onSteered?.()
      }
      await this.acknowledge(turnId)
    })
  }

  pause(turnId: TurnId): void {
    this.refuseJob()
    this.#expect(turnId)
    if (this.#options.runner.active?.phase === 'stopping') {
      throw new RequestError('conflict', 'That turn is being stopped or redirected already.')
    }
    this.#options.runner.pause()
  }

  unpause(turnId: TurnId): void {
    this.#expect(turnId)
    this.#options.runner.unpause()
  }

  /** A turn that waits is answered by another model. */
  switchModel(turnId: TurnId, modelId: string): Promise<void> {
    const { runner, models, clock, hold } = this.#options
    return hold(async () => {
      this.#expect(turnId)
      const choice = await models.choose(modelId)
      this.#expect(turnId)
      runner.dispatch({ type: 'switchModel', choice, at: clock.now() })
      await this.acknowledge(turnId)
    })
  }

  interrupt(turnId: TurnId): void {
    this.#expect(turnId)
    this.#options.runner.dispatch({ type: 'interrupt', at: this.#options.clock.now() })
  }

  /** Stops the turn, and resolves when all of it has settled. */
  halt(turnId: TurnId): Promise<void> {
    return this.#options.hold(async () => {
      const settled = this.#settled.promise
      this.interrupt(turnId)
      await settled
    })
  }

  /** Decides about a hunk that stands still; false when it went on already. */
  decideHunk(hunkId: HunkId, decision: HunkDecision): boolean {
    return this.#options.runner.decideHunk(hunkId, decision)
  }

  /** Resolves when all of it is durable. What can't be stored is not begun: the turn is stopped. */
  async acknowledge(turnId: TurnId): Promise<void> {
    const { runner } = this.#options
    try {
      await runner.stored
    } catch (error) {
      if (runner.active?.turnId === turnId) this.interrupt(turnId)
      throw error
    }
  }

  /** The ledger of a job goes by its thread's turns. */
  refuseJob(): void {
    if (this.#thread.job !== undefined)
      throw new RequestError('conflict', 'A background job is paused, stopped and gone on with as a whole.')
  }

  get #thread(): ThreadState {
    return this.#options.runner.thread
  }

  #expect(turnId: TurnId): void {
    if (this.#options.runner.active?.turnId !== turnId) {
      throw new RequestError('conflict', 'That turn is not running any more.')
    }
  }
}
