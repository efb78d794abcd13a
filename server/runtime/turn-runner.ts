import type { ModelEvent, ModelRequest } from '../../core/engine/model-stream.ts'
import { PauseGate } from '../../core/engine/pause-gate.ts'
import type { ThreadRequest } from '../../core/engine/prompt.ts'
import { step } from '../../core/engine/turn-machine.ts'
import type { ActiveTurn, Effect, EngineInput, EngineState } from '../../core/engine/turn-state.ts'
import { assert, assertNever } from '../../core/lib/assert-never.ts'
import type { Clock } from '../../core/lib/clock.ts'
import type { Random } from '../../core/lib/random.ts'
import { estimateTokens } from '../../core/lib/token-estimate.ts'
import type { HunkId } from '../../core/protocol/ids.ts'
import type { HunkDecision } from '../../core/protocol/item.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { ModelDescription } from '../../core/protocol/model.ts'
import type { ThreadEvent, ThreadState } from '../../core/protocol/thread.ts'
import { growingText } from '../../core/state/growing-text.ts'
import { isGuestTurn, sharedPaths } from '../../core/state/guest-view.ts'
import { asksAside } from '../../core/state/set-aside.ts'
import type { WaitingSteer } from '../../core/state/steers.ts'
import type { Documents, TurnSnapshots } from '../documents/documents.ts'
import type { Hub } from '../relay/hub.ts'
import type { Delta } from '../relay/outbox.ts'
import type { Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { Admissions, Place, Ticket } from './admissions.ts'
import type { CallLedger, CountedCall } from './call-ledger.ts'
import { CallRunner } from './call-runner.ts'
import { type Calling, Meter } from './meter.ts'
import { ModelCaller } from './model-caller.ts'
import type { ModelCatalogue } from './model-catalogue.ts'
import type { Observer } from './observer.ts'
import type { PreparedSteers } from './prepare-prompt.ts'
import { Progress } from './progress.ts'
import { RequestWindow, tooLarge } from './request-window.ts'
import { StepGate, type StepJournal } from './step-gate.ts'
import type { TokenCounts } from './token-counts.ts'
import type { OwnTools } from './tool-runner.ts'
import { UncountedAnswer } from './uncounted-answer.ts'

export interface RunnerDeps {
  readonly store: Store
  readonly hub: Hub
  readonly clock: Clock
  readonly random: Random
  readonly timers: Timers
  readonly documents: Documents
  readonly snapshots: () => TurnSnapshots
  readonly models: ModelCatalogue
  readonly admissions: Admissions
  readonly usage: CallLedger
  readonly counts: TokenCounts
  readonly workspace: Workspace
  /** An edit in place, beside the conversations. */
  readonly sharesConnection?: boolean | undefined
  /** Set for a job: nothing of an answer is acted on before all of it is kept. */
  readonly journal?: StepJournal
  /** Tools besides those every model has. */
  readonly tools?: OwnTools
  readonly observers: readonly Observer[]
  /** The thread's line in lists changed: its title, whether it runs. */
  readonly onSummary: (thread: ThreadState, running: boolean) => Promise<void>
  readonly onBug: (error: unknown, where: string) => void
}

export interface RunnerHooks {
  /** A turn is over, and its calls are too. */
  readonly onSettled: () => void
  readonly prepareSteers: (steers: readonly WaitingSteer[]) => Promise<PreparedSteers>
  /** A request has left: what all of it would have taken of what its model has room for. */
  readonly onWeighed: (weight: { readonly tokens: number; readonly room: number }) => void
}

type CallModel = Extract<Effect, { type: 'callModel' }>
type Told = { readonly type: 'turn/admitted' } | ({ readonly type: 'turn/waiting' } & Place)

interface Admitted {
  readonly model: ModelDescription
  readonly request: ModelRequest
  readonly ticket: Ticket
  readonly calling: Calling
}

/** Feeds one thread's engine, performs its effects, publishes its events. */
export class TurnRunner {
  readonly topic: string
  readonly #deps: RunnerDeps
  #engine: EngineState
  readonly #inputs: EngineInput[] = []
  #isHandling = false
  readonly window: RequestWindow
  readonly #caller: ModelCaller
  #sent: ModelRequest | undefined
  /** Of the call that runs. */
  #bill: UncountedAnswer | undefined
  readonly #calls: CallRunner
  readonly #progress: Progress
  #cancelRetry: (() => void) | undefined
  /** Of the call that runs or waits to. */
  #ticket: Ticket | undefined
  /** The call that was made last. */
  #counted: CountedCall | undefined
  readonly #gate = new PauseGate()
  #cancelPause: (() => void) | undefined
  readonly #meter: Meter
  /** Weighs the request that was sent last: counting must not stand before its first token. */
  #weigh: (() => void) | undefined
  #stored: Promise<void> = Promise.resolve()
  readonly #steps: StepGate | undefined

  readonly #hooks: RunnerHooks

  constructor(thread: ThreadState, deps: RunnerDeps, hooks: RunnerHooks) {
    this.#hooks = hooks
    this.topic = `thread:${thread.id}`
    this.#deps = deps
    this.#engine = { thread, active: undefined }
    const { models, clock, timers, workspace, documents, snapshots, store, counts, onBug } = deps
    this.window = new RequestWindow(counts)
    const { sharesConnection = false } = deps
    const where = { threadId: thread.id, workspaceRoot: workspace.root, sharesConnection }
    const isAside = () => {
      const turn = this.thread.turns.at(-1)
      return turn !== undefined && asksAside(turn)
    }
    const readText = async (path: string) =>
      (isAside() ? this.#calls.textSeen(path) : undefined) ?? documents.readText(workspace.id, path)
    const session = { ...where, readFile: readText }
    this.#caller = new ModelCaller({ models, clock, timers, session, onBug })
    const onInput = (input: EngineInput) => this.dispatch(input)
    const onRan = (tool: Parameters<Meter['ran']>[0]) => this.#meter.ran(tool)
    const only = () => {
      const turn = this.thread.turns.at(-1)
      return turn && isGuestTurn(turn) ? sharedPaths(this.thread) : undefined
    }
    const { tools, journal } = deps
    this.#calls = new CallRunner({
      workspace,
      documents,
      snapshots,
      readText,
      only,
      tools,
      thread: () => this.thread,
      isAside,
      clock,
      timers,
      onInput,
      onRan,
      onBug,
    })
    const publish = (event: ThreadEvent) => this.publish(event)
    this.#meter = new Meter({ threadId: thread.id, clock, observers: deps.observers, publish })
    this.#steps =
      journal &&
      new StepGate({
        journal,
        clock,
        stored: () => this.#stored,
        onInput,
        perform: (effect) => this.#perform(effect),
        onBug,
      })
    const running = () => this.running()
    this.#progress = new Progress({ threadId: thread.id, store, timers, running, onBug })
  }

  get thread(): ThreadState {
    return this.#engine.thread
  }

  get active(): ActiveTurn | undefined {
    return this.#engine.active
  }

  /** Settles when all events until now are durable, or the store refused them. */
  get stored(): Promise<void> {
    return this.#stored
  }

  /** Text so far of what is under way, as deltas from 0. */
  running(): readonly Delta[] {
    const { thread, active } = this.#engine
    const turn = thread.turns.at(-1)
    if (!active || !turn) return []
    return turn.items.flatMap((item) => {
      const text = growingText(item)
      return text === ''
        ? []
        : [{ type: 'item/delta' as const, turnId: turn.id, itemId: item.id, offset: 0, text }]
    })
  }

  warm(model: ModelDescription, request: ThreadRequest): void {
    const warm = () => this.#caller.warm(model, this.window.fit(request, model).request)
    const counting = this.window.count(request, model)
    if (!counting) return warm()
    counting
      .then(() => !this.#engine.active && warm())
      .catch((error) => this.#deps.onBug(error, 'counting tokens'))
  }

  /** Before a turn's first input. `receivedAt`: monotonic milliseconds at which its prompt arrived. */
  beginTurn(receivedAt: number): void {
    this.#calls.beginTurn()
    this.#meter.beginTurn(receivedAt)
  }

  /** Before a redirect's input. */
  notePrompt(receivedAt: number): void {
    this.#meter.redirected(receivedAt)
  }

  /** Edits of the file are placed in it as it is now. */
  noteShown(path: string): void {
    this.#calls.noteShown(path).catch((error) => this.#deps.onBug(error, 'what the model was shown'))
  }

  dispatch(input: EngineInput): void {
    if (this.#gate.holds(input)) {
      // Holding on would take memory without end, and not reading would let the model's connection time out.
      if (this.#gate.isFull) this.unpause()
    } else if (this.#gate.isPaused && (input.type === 'interrupt' || input.type === 'redirect')) {
      // How calls ended while it stood still is told after the cut, which must not begin another request first.
      this.#handleAll(this.#unpaused(), input, ...this.#gate.cut())
    } else this.#handleAll(input)
  }

  /** The turn stands still: what the model brings is held, in order. Without a word of a person it is stopped. */
  pause(): void {
    if (this.#gate.isPaused || !this.#engine.active) return
    this.#gate.pause()
    const { turnId } = this.#engine.active
    this.publish({ type: 'turn/paused', turnId })
    this.#cancelPause = this.#deps.timers.after(limits.pausedMs, () =>
      this.dispatch({ type: 'interrupt', at: this.#deps.clock.now() }),
    )
  }

  /** What was held follows. */
  unpause(): void {
    if (this.#gate.isPaused) this.#handleAll(this.#unpaused(), ...this.#gate.open())
  }

  #unpaused(): EngineInput {
    this.#cancelPause?.()
    const turnId = this.#engine.active?.turnId
    assert(turnId, 'only a turn under way is paused')
    return { type: 'fact', event: { type: 'turn/unpaused', turnId } }
  }

  /** Inputs that arise while one is handled wait their turn, so that events keep the order of what caused them. */
  #handleAll(...inputs: readonly EngineInput[]): void {
    this.#inputs.push(...inputs)
    if (this.#isHandling) return
    this.#isHandling = true
    try {
      for (let next = this.#inputs.shift(); next; next = this.#inputs.shift()) this.#handle(next)
    } finally {
      this.#isHandling = false
    }
  }

  decideHunk(hunkId: HunkId, decision: HunkDecision): boolean {
    return this.#calls.decide(hunkId, decision)
  }

  /** For facts the engine does not decide: folds, then sends. */
  publish(event: ThreadEvent): void {
    this.dispatch({ type: 'fact', event })
  }

  /** Brings back the text that a server that died had kept of running items. */
  async restoreProgress(): Promise<void> {
    for (const event of await this.#progress.read()) {
      this.#engine = step(this.#engine, { type: 'fact', event }, this.#deps.random).state
    }
  }

  close(): void {
    this.#caller.close()
    this.#counted?.stop()
    this.#ticket?.end()
    this.#calls.close()
    this.#progress.close()
    this.#cancelRetry?.()
    this.#cancelPause?.()
  }

  #handle(input: EngineInput): void {
    const wasActive = this.#engine.active !== undefined
    this.#meter.handling()
    const { state, events, effects } = step(this.#engine, input, this.#deps.random)
    this.#engine = state
    // The request leaves before anything else is done: what people are told of it can wait that long.
    for (const effect of effects) {
      if (effect.type === 'abortModel') this.#abortModel()
      else if (effect.type === 'callModel') this.#beginCall(effect)
    }
    for (const event of events) this.#send(event)
    const isActive = state.active !== undefined
    if (wasActive !== isActive) this.#onActiveChanged(isActive)
    for (const effect of effects) {
      if (effect.type !== 'abortModel' && effect.type !== 'callModel') this.#perform(effect)
    }
    // Who stops or turns the model round wants an end, not a question about lines.
    if (input.type === 'interrupt' || input.type === 'redirect') this.#calls.goOn()
  }

  #send(event: ThreadEvent): void {
    if (event.type === 'item/delta') {
      this.#deps.hub.publishPassing(this.topic, event)
      this.#progress.grew()
    } else {
      this.#stored = this.#deps.hub.publish(this.topic, event)
      this.#stored.catch((error) => this.#deps.onBug(error, 'event log'))
    }
  }

  #onActiveChanged(isActive: boolean): void {
    void this.#deps.onSummary(this.thread, isActive)
    if (isActive) return
    const turn = this.thread.turns.at(-1)
    if (turn) this.#meter.endTurn(turn.id, turn.status)
    this.#cancelRetry?.()
    this.#calls.endTurn()
    this.#progress.clear()
    this.#hooks.onSettled()
  }

  #perform(effect: Exclude<Effect, { type: 'abortModel' | 'callModel' }>): void {
    if (this.#steps?.holds(effect)) return
    switch (effect.type) {
      case 'beginEdit': {
        const { active } = this.#engine
        if (active) this.#calls.beginEdit(effect, active.turnId, active.model.name)
        return
      }
      case 'feedEdit':
        this.#calls.feedEdit(effect.callId, effect.delta)
        return
      case 'finishEdit':
        void this.#calls.endEdit(effect.callId, 'finish')
        return
      case 'cutEdit':
        void this.#calls.endEdit(effect.callId, effect.placed ? 'endShort' : 'cut')
        return
      case 'runTool':
        void this.#calls.runTool(effect.callId, effect.name, effect.input)
        return
      case 'prepareSteers':
        void this.#prepareSteers(effect)
        return
      case 'steerModel': {
        const { call, steer } = effect
        if (this.#caller.steer(steer)) return
        const event = { type: 'steerFailed', id: steer.id } as const
        return this.dispatch({ type: 'model', call, event, at: this.#deps.clock.now() })
      }
      case 'abortTools':
        this.#calls.abortTools()
        return
      case 'scheduleRetry': {
        const { call, delayMs } = effect
        this.#cancelRetry = this.#deps.timers.after(delayMs, () =>
          this.dispatch({ type: 'retryDue', call, at: this.#deps.clock.now() }),
        )
        return
      }
      case 'cancelRetry':
        this.#cancelRetry?.()
        return
      default:
        assertNever(effect, 'effect')
    }
  }

  async #prepareSteers(effect: Extract<Effect, { type: 'prepareSteers' }>): Promise<void> {
    const { joins, turnId, call, steers } = effect
    const { attachments, shown } = await this.#hooks.prepareSteers(steers).catch((error): PreparedSteers => {
      this.#deps.onBug(error, 'what goes along with a steer')
      // The words themselves must not be lost with it.
      return { attachments: Object.fromEntries(steers.map(({ itemId }) => [itemId, []])), shown: [] }
    })
    this.dispatch({ type: 'steersPrepared', joins, turnId, call, attachments })
    for (const path of shown) this.noteShown(path)
  }

  /** At once for most requests; where it takes counting, others have their turn meanwhile. */
  #beginCall(effect: CallModel): void {
    this.#meter.due()
    const model = this.#engine.active?.model
    const counting = model && this.window.count(effect.request, model)
    if (!counting) return this.#callModel(effect)
    counting
      .then(() => {
        const { active } = this.#engine
        // It may have been stopped or turned round meanwhile.
        if (active?.call === effect.call && active.phase === 'streaming') this.#callModel(effect)
      })
      .catch((error) => this.#deps.onBug(error, 'counting tokens'))
  }

  #callModel(effect: CallModel): void {
    const { call, request } = effect
    const { active } = this.#engine
    if (!active) return
    const { model } = active
    const fitted = this.window.fit(request, model)
    if (fitted.outcome === 'tooLarge') {
      const event = { type: 'failed', failure: tooLarge(fitted) } as const
      return this.dispatch({ type: 'model', call, event, at: this.#deps.clock.now() })
    }
    const steps = this.#steps
    const { turnId } = active
    if (!steps) return this.#admit(model, fitted.request, effect, request)
    const step = { turnId, request: active.request - 1 }
    steps.begin(call, step, {
      ask: () => this.#admit(model, fitted.request, effect, request),
      onEvent: (event) => this.#onModelEvent(call, event),
    })
  }

  /** Waits for the model to take the request, and sends it. */
  #admit(model: ModelDescription, sent: ModelRequest, effect: CallModel, whole: ThreadRequest): void {
    this.#sent = sent
    const { active } = this.#engine
    if (!active) return
    const { turnId, request: count } = active
    const { mode } = this.thread
    const { maxOutputTokens } = sent
    this.#weigh = () => {
      this.window
        .weigh(whole, model)
        .then(this.#hooks.onWeighed)
        .catch((error) => this.#deps.onBug(error, 'counting tokens'))
    }
    const calling = this.#meter.begin({ turnId, mode, request: count - 1, model, maxOutputTokens })
    this.#ticket = this.#deps.admissions.ask({
      modelId: model.id,
      user: this.#user(),
      work: this.thread.job === undefined ? 'live' : 'background',
      tokens: () => estimateTokens(JSON.stringify(sent)) + sent.maxOutputTokens,
      onWaiting: (place) => this.#tell({ type: 'turn/waiting', ...place }),
      onAdmitted: (ticket, waited) => {
        calling.meter.admitted()
        // A redirect leaves the line and comes again.
        if (waited || this.thread.turns.at(-1)?.waiting) this.#tell({ type: 'turn/admitted' })
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
    const call = { threadId: this.thread.id, modelId: model.id, inputTokens: this.window.tokensOf(request) }
    // A rule-based assistant costs nothing.
    this.#counted =
      model.kind === 'language' ? this.#deps.usage.begin({ ...call, purpose: 'turn' }) : undefined
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
        this.#meter.end(calling, event.type, event.type === 'failed' ? event.failure.code : undefined)
        ticket.end(used)
      }
      bill.saw(event)
      if (event.type === 'failed' && bill.said) this.#billCut()
      const isRefused = event.type === 'failed' && event.failure.code === 'contextOverflow'
      // It counts otherwise than was known; nothing was shown yet, and nobody need see that it is sent again.
      if (isRefused && this.window.refused(model)) this.#callModel(effect)
      else if (!this.#steps?.keeps(event, effect.call)) this.#onModelEvent(effect.call, event)
      if (!calling.meter.saw(event, inAt)) return
      this.#meter.measure(calling.turnId)
      this.#weighSent()
    }
    this.#caller.call(model, { request, silenceMs: effect.silenceMs, onEvent })
  }

  #abortModel(): void {
    this.#caller.abort()
    this.#weighSent()
    this.#counted?.stop()
    this.#ticket?.end()
    this.#steps?.cut()
    this.#meter.interrupt()
    if (this.#bill?.heard) this.#billCut()
  }

  /** What the backend was asked and said is paid for although it could not say how much that was. */
  #billCut(): void {
    const bill = this.#bill
    const turnId = this.thread.turns.at(-1)?.id
    this.#bill = undefined
    if (!bill || bill.isCounted || !turnId) return
    const { usage: before } = this.thread.turns.at(-1) ?? {}
    const inputTokens = this.window.tokensOf(bill.request)
    const { outputTokens } = bill
    const usage = {
      inputTokens: (before?.inputTokens ?? 0) + inputTokens,
      cachedTokens: before?.cachedTokens ?? 0,
      outputTokens: (before?.outputTokens ?? 0) + outputTokens,
    }
    const contextTokens = inputTokens + outputTokens
    this.publish({ type: 'turn/usageReported', turnId, usage, contextTokens, estimated: true })
  }

  /** Guests who came by one link share, and so do the turns of a thread. */
  #user(): string {
    const asked = this.thread.turns.at(-1)?.items.findLast((item) => item.type === 'userMessage')
    return asked?.guest?.linkId ?? this.thread.id
  }

  #tell(fact: Told): void {
    const turnId = this.active?.turnId
    if (turnId) this.publish({ ...fact, turnId })
  }

  #onModelEvent(call: number, event: ModelEvent): void {
    const model = this.#engine.active?.model
    // What follows was asked with more than was sent.
    if (event.type === 'steersApplied') this.#sent = undefined
    if (event.type === 'usage' && model && this.#sent) {
      this.window
        .learn(this.#sent, model, event.usage.inputTokens)
        .catch((error) => this.#deps.onBug(error, 'counting tokens'))
    }
    this.dispatch({ type: 'model', call, event, at: this.#deps.clock.now() })
  }
}
