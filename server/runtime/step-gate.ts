import type { ModelEvent } from '../../core/engine/model-stream.ts'
import type { Effect, EngineInput } from '../../core/engine/turn-state.ts'
import type { Clock } from '../../core/lib/clock.ts'
import type { TurnId } from '../../core/protocol/ids.ts'

/** Names a request of a turn. */
export interface StepName {
  readonly turnId: TurnId
  /** From 0. */
  readonly request: number
}

/** What keeps the requests of a thread, so that a server that dies asks for nothing twice. */
export interface StepJournal {
  /**
   * Before a request leaves: what the one before it led to is done with. `stored` settles when the log has all of
   * that. Answers the whole answer when the model has given it before; rejects when the step is not to run.
   */
  begin(step: StepName, stored: () => Promise<void>): Promise<readonly ModelEvent[] | undefined>
  /** The model's whole answer. It is acted on when this has resolved. */
  answered(events: readonly ModelEvent[]): Promise<void>
}

interface Options {
  readonly journal: StepJournal
  readonly clock: Clock
  readonly stored: () => Promise<void>
  readonly onInput: (input: EngineInput) => void
  readonly perform: (effect: Held) => void
  readonly onBug: (error: unknown, where: string) => void
}

type Held = Exclude<Effect, { type: 'abortModel' | 'callModel' }>

/** What an answer makes the server do. */
const acts: ReadonlySet<Effect['type']> = new Set([
  'beginEdit',
  'feedEdit',
  'finishEdit',
  'cutEdit',
  'runTool',
])

/** Why a step does not run, in words for people. */
export class StepRefused extends Error {}

/** Holds what a model's answer makes the server do until the whole answer is in the journal. */
export class StepGate {
  readonly #options: Options
  #call = 0
  #events: ModelEvent[] = []
  /** `undefined`: nothing is held. */
  #held: Held[] | undefined
  #onEvent: (event: ModelEvent) => void = () => undefined

  constructor(options: Options) {
    this.#options = options
  }

  /** `ask` sends the request; what is known of its answer already comes by `onEvent` instead. */
  begin(
    call: number,
    step: StepName,
    { ask, onEvent }: { readonly ask: () => void; readonly onEvent: (event: ModelEvent) => void },
  ): void {
    const { journal, stored, onBug } = this.#options
    this.#call = call
    this.#events = []
    this.#held = []
    this.#onEvent = onEvent
    journal
      .begin(step, stored)
      .then((known) => {
        if (this.#call !== call) return
        if (known) this.#replay(known)
        else ask()
      })
      .catch((error) => {
        if (this.#call !== call) return
        if (!(error instanceof StepRefused)) onBug(error, 'journal of a job')
        this.#fail(error)
      })
  }

  holds(effect: Held): boolean {
    if (!this.#held || !acts.has(effect.type)) return false
    this.#held.push(effect)
    return true
  }

  /** True for the end of a whole answer: it is passed on when it is kept. */
  keeps(event: ModelEvent, call: number): boolean {
    if (event.type !== 'sent' && event.type !== 'heard') this.#events.push(event)
    if (!isEnd(event) || call !== this.#call) return false
    this.#options.journal
      .answered(joined(this.#events))
      .then(() => {
        if (call === this.#call) this.#release(event)
      })
      .catch((error) => {
        this.#options.onBug(error, 'journal of a job')
        if (call === this.#call) this.#fail(error)
      })
    return true
  }

  /** Half an answer is acted on in nothing. */
  cut(): void {
    const held = this.#held ?? []
    this.#call = 0
    this.#held = undefined
    const outcome = {
      ok: false,
      message: 'The answer was cut off; nothing of this edit was made.',
      files: [],
    }
    const at = this.#options.clock.now()
    for (const effect of held) {
      if (effect.type === 'beginEdit')
        this.#options.onInput({ type: 'editSettled', callId: effect.callId, outcome, at })
    }
  }

  #replay(events: readonly ModelEvent[]): void {
    for (const event of events) {
      if (isEnd(event)) this.#release(event)
      // What it took was counted when it came.
      else if (event.type !== 'usage') this.#onEvent(event)
    }
  }

  #release(end: ModelEvent): void {
    const held = this.#held ?? []
    this.#onEvent(end)
    // The end may have been one after which nothing is done.
    if (!this.#held) return
    this.#held = undefined
    for (const effect of held) this.#options.perform(effect)
  }

  #fail(error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error)
    this.#onEvent({ type: 'failed', failure: { code: 'internal', detail, retriable: false } })
  }
}

/** As far as it goes the answer is whole: one that has reached its length is gone on with. */
function isEnd(event: ModelEvent): boolean {
  return event.type === 'completed' || (event.type === 'failed' && event.failure.code === 'outputLimit')
}

/** Deltas of one thing as one: an answer is kept, not its pace. */
function joined(events: readonly ModelEvent[]): readonly ModelEvent[] {
  const all: ModelEvent[] = []
  for (const event of events) {
    const last = all.at(-1)
    if (event.type === 'textDelta' && last?.type === 'textDelta')
      all[all.length - 1] = { ...last, text: last.text + event.text }
    else if (event.type === 'reasoningDelta' && last?.type === 'reasoningDelta')
      all[all.length - 1] = { ...last, text: last.text + event.text }
    else if (event.type === 'toolCallDelta' && last?.type === 'toolCallDelta' && last.callId === event.callId)
      all[all.length - 1] = { ...last, delta: last.delta + event.delta }
    else all.push(event)
  }
  return all
}
