import type { Fitted } from '../../core/engine/fit.ts'
import type { ModelEvent, ModelRequest, Steer } from '../../core/engine/model-stream.ts'
import type { ThreadRequest } from '../../core/engine/prompt.ts'
import type { ActiveTurn, Effect } from '../../core/engine/turn-state.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { estimateTokens } from '../../core/lib/token-estimate.ts'
import type { TurnId } from '../../core/protocol/ids.ts'
import type { ModelDescription } from '../../core/protocol/model.ts'
import type { ThreadEvent, ThreadState } from '../../core/protocol/thread.ts'
import type { SessionOptions } from '../providers/provider.ts'
import type { Timers } from '../timers.ts'
import type { Admissions, Place, Ticket } from './admissions.ts'
import type { CallLedger, CountedCall } from './call-ledger.ts'
import type { Weight } from './compactor.ts'
import type { Calling, Meter } from './meter.ts'
import { ModelCaller } from './model-caller.ts'
import type { ModelCatalogue } from './model-catalogue.ts'
import type { Portions } from './portions.ts'
import { RequestWindow, tooLarge } from './request-window.ts'
import type { StepGate } from './step-gate.ts'
import type { TokenCounts } from './token-counts.ts'
import { UncountedAnswer } from './uncounted-answer.ts'

interface Options {
  readonly models: ModelCatalogue
  readonly clock: Clock
  readonly timers: Timers
  readonly admissions: Admissions
  readonly usage: CallLedger
  readonly counts: TokenCounts
  readonly portions: Portions
  readonly onBug: (error: unknown, where: string) => void
  readonly session: SessionOptions
  readonly meter: Meter
  readonly steps: StepGate | undefined
  readonly thread: () => ThreadState
  readonly active: () => ActiveTurn | undefined
  readonly publish: (event: ThreadEvent) => void
  readonly onEvent: (call: number, event: ModelEvent) => void
  /** A request has left: what all of it would have taken of what its model has room for. */
  readonly onWeighed: (weight: Weight) => void
}

type CallModel = Extract<Effect, { type: 'callModel' }>
type Told = { readonly type: 'turn/admitted' } | ({ readonly type: 'turn/waiting' } & Place)

interface Admitted {
  readonly model: ModelDescription
  readonly request: ModelRequest
  readonly ticket: Ticket
  readonly calling: Calling
}

/** The call of a thread's turn to its model: made to fit, admitted, asked, timed and billed. One at a time. */
export class TurnCall {
  readonly window: RequestWindow
  readonly #options: Options
  readonly #caller: ModelCaller
  #sent: ModelRequest | undefined
  /** Of the call that runs. */
  #bill: UncountedAnswer | undefined
  /** Of the call that runs or waits to. */
  #ticket: Ticket | undefined
  /** The call that was made last. */
  #counted: CountedCall | undefined
  /** Weighs the request that was sent last: counting must not stand before its first token. */
  #weigh: (() => void) | undefined

  constructor(options: Options) {
    this.#options = options
    this.window = new RequestWindow(options.counts, options.timers)
    this.#caller = new ModelCaller(options)
  }

  warm(model: ModelDescription, request: ThreadRequest): void {
    const fitted = this.window.prepare(request, model)
    if (!(fitted instanceof Promise)) return this.#caller.warm(model, fitted.request)
    fitted
      .then(({ request: sent }) => !this.#options.active() && this.#caller.warm(model, sent))
      .catch((error) => this.#options.onBug(error, 'counting tokens'))
  }

  begin(effect: CallModel): void {
    this.#options.meter.due()
    const model = this.#options.active()?.model
    if (!model) return
    const fitted = this.window.prepare(effect.request, model)
    if (!(fitted instanceof Promise)) return this.#call(effect, fitted)
    fitted
      .then((counted) => {
        const active = this.#options.active()
        // It may have been stopped or turned round meanwhile.
        if (active?.call === effect.call && active.phase === 'streaming') this.#call(effect, counted)
      })
      .catch((error) => this.#options.onBug(error, 'counting tokens'))
  }

  /** Gives words to the call that runs; false when it takes none. */
  steer(steer: Steer): boolean {
    return this.#caller.steer(steer)
  }

  abort(): void {
    this.#caller.abort()
    this.#weighSent()
    this.#counted?.stop()
    this.#ticket?.end()
    this.#options.steps?.cut()
    this.#options.meter.interrupt()
    if (this.#bill?.heard) this.#billCut()
  }

  close(): void {
    this.#caller.close()
    this.#counted?.stop()
    this.#ticket?.end()
  }

  #call(effect: CallModel, fitted: Fitted): void {
    const { call, request } = effect
    const active = this.#options.active()
    if (!active) return
    const { model } = active
    if (fitted.outcome === 'tooLarge') {
      return this.#options.onEvent(call, { type: 'failed', failure: tooLarge(fitted) })
    }
    const { steps } = this.#options
    const { turnId } = active
    if (!steps) return this.#admit(model, fitted.request, effect, request)
    const step = { turnId, request: active.request - 1 }
    steps.begin(call, step, {
      ask: () => this.#admit(model, fitted.request, effect, request),
      onEvent: (event) => this.#onEvent(call, event),
    })
  }

  /** Waits for the model to take the request, and sends it. */
  #admit(model: ModelDescription, sent: ModelRequest, effect: CallModel, whole: ThreadRequest): void {
    this.#sent = sent
    const active = this.#options.active()
    if (!active) return
    const { turnId, request: count } = active
    const { meter, admissions, onWeighed, onBug } = this.#options
    const thread = this.#options.thread()
    const { mode } = thread
    const { maxOutputTokens } = sent
    this.#weigh = () => {
      this.window
        .weigh(whole, model)
        .then((weight) => onWeighed({ ...weight, late: model.compactsItself === true }))
        .catch((error) => onBug(error, 'counting tokens'))
    }
    const calling = meter.begin({ turnId, mode, request: count - 1, model, maxOutputTokens })
    this.#ticket = admissions.ask({
      modelId: model.id,
      user: userOf(thread),
      work: thread.job === undefined ? 'live' : 'background',
      tokens: () => estimateTokens(JSON.stringify(sent)) + sent.maxOutputTokens,
      onWaiting: (place) => this.#tell({ type: 'turn/waiting', ...place }),
      onAdmitted: (ticket, waited) => {
        calling.meter.admitted()
        // A redirect leaves the line and comes again.
        if (waited || this.#turn?.waiting) this.#tell({ type: 'turn/admitted' })
        this.#ask(effect, { model, request: sent, ticket, calling })
      },
    })
  }

  /** Once for each request. */
  #weighSent(): void {
    this.#weigh?.()
    this.#weigh = undefined
  }

  #ask(effect: CallModel, { model, request, ticket, calling }: Admitted): void {
    const { meter, usage, steps, timers } = this.#options
    const threadId = this.#options.thread().id
    const call = { threadId, modelId: model.id, inputTokens: this.window.tokensOf(request) }
    // A rule-based assistant costs nothing.
    this.#counted = model.kind === 'language' ? usage.begin({ ...call, purpose: 'turn' }) : undefined
    const counted = this.#counted
    let used: number | undefined
    const bill = new UncountedAnswer(request)
    this.#bill = model.kind === 'language' ? bill : undefined
    const onEvent = (event: ModelEvent, inAt: number) => {
      counted?.saw(event)
      if (event.type === 'quotas') return ticket.learn(event.quotas)
      if (event.type === 'usage') {
        used = (used ?? 0) + event.usage.inputTokens + event.usage.outputTokens
        if (event.timing) ticket.timed(event.timing, event.usage.outputTokens)
      }
      if (event.type === 'completed' || event.type === 'failed') {
        this.#weighSent()
        meter.end(calling, event.type, event.type === 'failed' ? event.failure.code : undefined)
        ticket.end(used)
      }
      bill.saw(event)
      if (event.type === 'failed' && bill.said) this.#billCut()
      const isRefused = event.type === 'failed' && event.failure.code === 'contextOverflow'
      // It counts otherwise than was known; nothing was shown yet, and nobody need see that it is sent again.
      if (isRefused && this.window.refused(model)) this.#call(effect, this.window.fit(effect.request, model))
      else if (!steps?.keeps(event, effect.call)) this.#onEvent(effect.call, event)
      if (calling.meter.saw(event, inAt))
        timers.later(() => this.#firstTokenTold(effect.call, calling.turnId))
    }
    this.#caller.call(model, { request, silenceMs: effect.silenceMs, onEvent })
  }

  /** It has left by now: what is to be known of it must not stand before it. */
  #firstTokenTold(call: number, turnId: TurnId): void {
    if (this.#options.active()?.call !== call) return
    this.#options.meter.measure(turnId)
    this.#weighSent()
  }

  /** What the backend was asked and said is paid for although it could not say how much that was. */
  #billCut(): void {
    const bill = this.#bill
    const turn = this.#turn
    this.#bill = undefined
    if (!bill || bill.isCounted || !turn) return
    const { usage: before } = turn
    const inputTokens = this.window.tokensOf(bill.request)
    const { outputTokens } = bill
    const usage = {
      inputTokens: (before?.inputTokens ?? 0) + inputTokens,
      cachedTokens: before?.cachedTokens ?? 0,
      outputTokens: (before?.outputTokens ?? 0) + outputTokens,
    }
    const contextTokens = inputTokens + outputTokens
    this.#options.publish({
      type: 'turn/usageReported',
      turnId: turn.id,
      usage,
      contextTokens,
      estimated: true,
    })
  }

  #tell(fact: Told): void {
    const turnId = this.#options.active()?.turnId
    if (turnId) this.#options.publish({ ...fact, turnId })
  }

  #onEvent(call: number, event: ModelEvent): void {
    const model = this.#options.active()?.model
    // What follows was asked with more than was sent.
    if (event.type === 'steersApplied') this.#sent = undefined
    if (event.type === 'usage' && model && this.#sent) {
      this.window
        .learn(this.#sent, model, event.usage.inputTokens)
        .catch((error) => this.#options.onBug(error, 'counting tokens'))
    }
    this.#options.onEvent(call, event)
  }

  get #turn() {
    return this.#options.thread().turns.at(-1)
  }
}

/** Guests who came by one link share, and so do the turns of a thread. */
export function userOf(thread: ThreadState): string {
  const asked = thread.turns.at(-1)?.items.findLast((item) => item.type === 'userMessage')
  return asked?.guest?.linkId ?? thread.id
}
