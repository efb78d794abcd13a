import { buildRequest, type ThreadRequest } from '../../core/engine/prompt.ts'
import type { Clock } from '../../core/lib/clock.ts'
import type { WindowUse } from '../../core/protocol/compaction.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { TurnId } from '../../core/protocol/ids.ts'
import type { PromptContext } from '../../core/protocol/item.ts'
import type { ResultOf } from '../../core/protocol/methods.ts'
import type { ModelDescription } from '../../core/protocol/model.ts'
import type { Speculation } from '../../core/protocol/speculation.ts'
import type { ThreadEvent, ThreadState } from '../../core/protocol/thread.ts'
import { isSaid } from '../../core/state/steers.ts'
import type { SessionOptions } from '../providers/provider.ts'
import type { Timers } from '../timers.ts'
import type { Admissions } from './admissions.ts'
import type { CallLedger } from './call-ledger.ts'
import { compareCall } from './compare-call.ts'
import type { Guidance } from './guidance.ts'
import { describeRequest, threadAtRequest } from './inspect.ts'
import type { ModelCatalogue } from './model-catalogue.ts'
import type { RequestWindow } from './request-window.ts'
import { userOf } from './turn-call.ts'
import type { TurnStarts } from './turn-starts.ts'

interface Options {
  readonly models: ModelCatalogue
  readonly guidance: Guidance
  readonly admissions: Admissions
  readonly usage: CallLedger
  readonly clock: Clock
  readonly timers: Timers
  /** What a provider that reads files is told. */
  readonly reading: Omit<SessionOptions, 'threadId'>
  readonly window: RequestWindow
  readonly isFree: () => boolean
  /** The model of the turn that runs. */
  readonly answering: () => ModelDescription | undefined
  /** The next request as far as it is known before its words. */
  readonly ahead: TurnStarts['ahead']
  readonly warm: (model: ModelDescription, request: ThreadRequest) => void
  readonly state: () => ThreadState
  readonly publish: (event: ThreadEvent) => void
  readonly stored: () => Promise<void>
  /** Keeps the thread in memory meanwhile. */
  readonly hold: <T>(work: () => Promise<T>) => Promise<T>
}

/** The requests of a thread outside its turns: made ready ahead, weighed, read, and run once more for their times. */
export class ThreadRequests {
  readonly #options: Options
  #isComparing = false

  constructor(options: Options) {
    this.#options = options
  }

  /**
   * Gets connections ready with instructions and tools; `prefill`: with all that the next prompt's words will follow
   * too. Never fails: it is only a hint.
   */
  warm(howFor: (model: ModelDescription) => Speculation, context: PromptContext): Promise<void> {
    return this.#options.hold(async () => {
      const ahead = await this.#options.ahead(context).catch(() => undefined)
      if (!ahead || !this.#options.isFree()) return
      const { model, request } = ahead
      const how = howFor(model)
      if (how === 'off') return
      this.#options.warm(model, how === 'prefill' ? request : { ...request, input: [], head: [], turns: [] })
    })
  }

  /** What is left of the model that answers, and how long others would let a prompt of this thread wait. */
  limits(others: readonly string[]): Promise<ResultOf<'thread/limits'>> {
    const { hold, models, admissions, state, answering } = this.#options
    return hold(async () => {
      const model = answering() ?? (await models.resolve(state().modelId))
      const { maxOutputTokens } = buildRequest({ thread: state(), model, guidance: undefined })
      const tokens = state().contextTokens + maxOutputTokens
      const ask = { user: userOf(state()), work: 'live', tokens } as const
      const waits = others.map((modelId) => ({ modelId, waitMs: admissions.waitMs({ modelId, ...ask }) }))
      return { pool: admissions.view(model.id, ask.user), others: waits }
    })
  }

  /** How the window is filled by what a next prompt would follow. */
  windowUse(): Promise<WindowUse> {
    return this.#options.hold(async () => {
      const model = await this.#options.models.resolve(this.#options.state().modelId)
      const guidance = await this.#options.guidance.read(undefined)
      return this.#options.window.use(buildRequest({ thread: this.#options.state(), model, guidance }), model)
    })
  }

  /** What the model was sent last in a turn; with no turn what a next prompt would follow. */
  inspect(turnId: TurnId | undefined): Promise<ResultOf<'thread/inspect'>> {
    return this.#options.hold(async () =>
      describeRequest((await this.#requestOf(turnId, this.#options.state().modelId)).request),
    )
  }

  /** Runs the last request once more as one that keeps no connection would; resolves when its figures are durable. */
  compare(turnId: TurnId): Promise<void> {
    return this.#options.hold(async () => {
      const turn = this.#options.state().turns.at(-1)
      if (turn?.id !== turnId) throw new RequestError('notFound', 'Only the last turn can be compared.')
      if (turn.settledAt === undefined || this.#isComparing)
        throw new RequestError('conflict', 'It can be compared when it is over, once at a time.')
      this.#isComparing = true
      try {
        const { models, admissions, usage, clock, timers } = this.#options
        const asked = await this.#requestOf(turnId, turn.modelId)
        const { id: threadId } = this.#options.state()
        const inputTokens = this.#options.window.tokensOf(asked.request)
        const counted = usage.begin({ threadId, modelId: turn.modelId, inputTokens, purpose: 'comparison' })
        const session = { ...this.#options.reading, threadId: `${threadId}-comparison` }
        const parts = { models, admissions, counted, clock, timers, session }
        const compared = await compareCall({ ...parts, ...asked })
        this.#options.publish({ type: 'turn/compared', turnId, ...compared })
        await this.#options.stored()
      } finally {
        this.#isComparing = false
      }
    })
  }

  async #requestOf(turnId: TurnId | undefined, modelId: string) {
    const model = await this.#options.models.resolve(modelId)
    const thread =
      turnId === undefined ? this.#options.state() : threadAtRequest(this.#options.state(), turnId)
    const asked = thread.turns.at(-1)?.items.findLast(isSaid)
    const guidance = await this.#options.guidance.read(asked?.context?.activePath)
    const request = buildRequest({ thread, model, guidance })
    return { model, request: (await this.#options.window.prepare(request, model)).request }
  }
}
