import { PauseGate } from '../../core/engine/pause-gate.ts'
import type { ThreadRequest } from '../../core/engine/prompt.ts'
import { step } from '../../core/engine/turn-machine.ts'
import type { ActiveTurn, Effect, EngineInput, EngineState } from '../../core/engine/turn-state.ts'
import { assert, assertNever } from '../../core/lib/assert-never.ts'
import type { Clock } from '../../core/lib/clock.ts'
import type { Random } from '../../core/lib/random.ts'
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
import type { Admissions } from './admissions.ts'
import type { CallLedger } from './call-ledger.ts'
import { CallRunner } from './call-runner.ts'
import { Meter } from './meter.ts'
import type { ModelCatalogue } from './model-catalogue.ts'
import type { Observer } from './observer.ts'
import type { Portions } from './portions.ts'
import type { PreparedSteers } from './prepare-prompt.ts'
import { Progress } from './progress.ts'
import type { RequestWindow } from './request-window.ts'
import { StepGate, type StepJournal } from './step-gate.ts'
import type { TokenCounts } from './token-counts.ts'
import type { OwnTools } from './tool-runner.ts'
import { TurnCall } from './turn-call.ts'

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
  readonly portions: Portions
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
  readonly onWeighed: ConstructorParameters<typeof TurnCall>[0]['onWeighed']
}

/** Feeds one thread's engine, performs its effects, publishes its events. */
export class TurnRunner {
  readonly topic: string
  readonly #deps: RunnerDeps
  #engine: EngineState
  readonly #inputs: EngineInput[] = []
  #isHandling = false
  readonly #call: TurnCall
  readonly #calls: CallRunner
  readonly #progress: Progress
  #cancelRetry: (() => void) | undefined
  readonly #gate = new PauseGate()
  #cancelPause: (() => void) | undefined
  readonly #meter: Meter
  #stored: Promise<void> = Promise.resolve()
  readonly #steps: StepGate | undefined

  readonly #hooks: RunnerHooks

  constructor(thread: ThreadState, deps: RunnerDeps, hooks: RunnerHooks) {
    this.#hooks = hooks
    this.topic = `thread:${thread.id}`
    this.#deps = deps
    this.#engine = { thread, active: undefined }
    const { clock, timers, workspace, documents, snapshots, store, onBug } = deps
    const { sharesConnection = false } = deps
    const where = { threadId: thread.id, workspaceRoot: workspace.root, sharesConnection }
    const isAside = () => {
      const turn = this.thread.turns.at(-1)
      return turn !== undefined && asksAside(turn)
    }
    const readText = async (path: string) =>
      (isAside() ? this.#calls.textSeen(path) : undefined) ?? documents.readText(workspace.id, path)
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
    this.#call = new TurnCall({
      ...deps,
      session: { ...where, readFile: readText },
      meter: this.#meter,
      steps: this.#steps,
      thread: () => this.thread,
      active: () => this.active,
      publish,
      onEvent: (call, event) => this.dispatch({ type: 'model', call, event, at: clock.now() }),
      onWeighed: hooks.onWeighed,
    })
    const running = () => this.running()
    this.#progress = new Progress({
      threadId: thread.id,
      store,
      clock,
      timers,
      random: deps.random,
      running,
      onBug,
    })
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

  get window(): RequestWindow {
    return this.#call.window
  }

  warm(model: ModelDescription, request: ThreadRequest): void {
    this.#call.warm(model, request)
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
    this.#call.close()
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
      if (effect.type === 'abortModel') this.#call.abort()
      else if (effect.type === 'callModel') this.#call.begin(effect)
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
      this.#progress.grew(event)
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
        if (this.#call.steer(steer)) return
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
}
