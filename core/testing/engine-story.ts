import type { ModelEvent } from '../engine/model-stream.ts'
import { PauseGate } from '../engine/pause-gate.ts'
import { step } from '../engine/turn-machine.ts'
import type { Effect, EngineInput, EngineState, ModelChoice } from '../engine/turn-state.ts'
import { seededRandom } from '../lib/random.ts'
import {
  type ItemId,
  steerIdSchema,
  threadIdSchema,
  turnIdSchema,
  workspaceIdSchema,
} from '../protocol/ids.ts'
import type { Item, PromptContext } from '../protocol/item.ts'
import type { ModelDescription, ModelFailure } from '../protocol/model.ts'
import type { ThreadEvent } from '../protocol/thread.ts'
import type { Mode, Turn } from '../protocol/turn.ts'
import { waitingSteers } from '../state/steers.ts'
import { reduceThread } from '../state/thread-reducer.ts'

export const testModel: ModelDescription = {
  id: 'test/spark',
  providerId: 'test',
  name: 'Spark',
  kind: 'language',
  contextWindow: 128_000,
  maxOutputTokens: 16_000,
  modalities: ['text'],
  tools: 'custom',
  transport: 'websocket',
  steer: false,
  status: 'ready',
}

/** Drives the engine line by line and keeps what it said; time passes one millisecond an input. */
export class EngineStory {
  state: EngineState
  readonly events: ThreadEvent[] = []
  readonly effects: Effect[] = []
  #at = 1000
  readonly #random = seededRandom(1)
  readonly #gate = new PauseGate()
  readonly #choice: ModelChoice
  readonly #planner: { readonly planner?: ModelChoice }

  constructor(
    options: { model?: ModelDescription; mode?: Mode; planner?: ModelChoice } & Partial<ModelChoice> = {},
  ) {
    const { model = testModel, fallbacks = [], passedOver = [] } = options
    this.#choice = { model, fallbacks, passedOver }
    this.#planner = options.planner ? { planner: options.planner } : {}
    const thread = reduceThread(undefined, {
      type: 'thread/created',
      id: threadIdSchema.parse('thr_1'),
      workspaceId: workspaceIdSchema.parse('wsp_1'),
      title: '',
      modelId: model.id,
      mode: options.mode ?? 'live',
      at: 0,
    })
    this.state = { thread, active: undefined }
  }

  give(input: EngineInput): this {
    return this.#gate.holds(input) ? this : this.#step(input)
  }

  #step(input: EngineInput): this {
    const result = step(this.state, input, this.#random)
    this.state = result.state
    this.events.push(...result.events)
    this.effects.push(...result.effects)
    return this
  }

  start(text: string, attachments: readonly string[] = [], context: Partial<PromptContext> = {}): this {
    const turnId = turnIdSchema.parse(`trn_${this.state.thread.turns.length + 1}`)
    const prompt = { text, context: { openPaths: [], ...context }, attachments }
    return this.give({
      type: 'start',
      turnId,
      prompt,
      choice: this.#choice,
      ...this.#planner,
      guidance: undefined,
      at: this.#tick(),
    })
  }

  /** Events of the call that is running now. */
  model(...events: readonly ModelEvent[]): this {
    for (const event of events) {
      this.give({ type: 'model', call: this.state.active?.call ?? 0, event, at: this.#tick() })
    }
    return this
  }

  text(...texts: readonly string[]): this {
    return this.model(...texts.map((text): ModelEvent => ({ type: 'textDelta', text })))
  }

  edit(callId: string, ...pieces: readonly string[]): this {
    return this.model(
      { type: 'toolCallStarted', callId, name: 'apply_patch', format: 'freeform' },
      ...pieces.map((delta): ModelEvent => ({ type: 'toolCallDelta', callId, delta })),
    )
  }

  editEnds(callId: string, input: string): this {
    return this.model({ type: 'toolCallCompleted', callId, name: 'apply_patch', input, format: 'freeform' })
  }

  editSettles(callId: string, options: { ok: boolean; message: string }): this {
    return this.give({ type: 'editSettled', callId, outcome: { ...options, files: [] }, at: this.#tick() })
  }

  tool(callId: string, name: string, input: string): this {
    return this.model(
      { type: 'toolCallStarted', callId, name, format: 'json' },
      { type: 'toolCallCompleted', callId, name, input, format: 'json' },
    )
  }

  toolSettles(callId: string, output: string): this {
    return this.give({ type: 'toolSettled', callId, status: 'completed', output, at: this.#tick() })
  }

  fails(failure: Partial<ModelFailure> & Pick<ModelFailure, 'code'>): this {
    return this.model({ type: 'failed', failure: { detail: '', retriable: true, ...failure } })
  }

  interrupt(): this {
    return this.#cut({ type: 'interrupt', at: this.#tick() })
  }

  redirect(text: string): this {
    return this.#cut({
      type: 'redirect',
      prompt: { text, context: { openPaths: [] }, attachments: [] },
      steers: this.#attachments(),
      at: this.#tick(),
    })
  }

  steer(text: string, id = text): this {
    const steerId = steerIdSchema.parse(`ste_${id}`)
    return this.give({ type: 'steer', steerId, text, context: { openPaths: [] }, at: this.#tick() })
  }

  /** What goes along with the steers that wait has been read. */
  prepared(attachments = this.#attachments()): this {
    const asked = this.effects.findLast((effect) => effect.type === 'prepareSteers')
    if (asked?.type !== 'prepareSteers') throw new Error('no steers are to be prepared')
    const { turnId, call, joins } = asked
    return this.give({ type: 'steersPrepared', joins, turnId, call, attachments })
  }

  pause(): this {
    this.#gate.pause()
    return this
  }

  unpause(): this {
    for (const input of this.#gate.open()) this.#step(input)
    return this
  }

  /** As the edge does it: the cut comes before what was held of calls. */
  #cut(input: EngineInput): this {
    const rest = this.#gate.cut()
    this.#step(input)
    for (const late of rest) this.#step(late)
    return this
  }

  #attachments(): Record<ItemId, readonly string[]> {
    const waiting = waitingSteers(this.state.thread.turns.at(-1))
    return Object.fromEntries(waiting.map(({ itemId, text }) => [itemId, [`Text with ${text}`]]))
  }

  resume(): this {
    const turnId = this.turn.id
    return this.give({ type: 'resume', turnId, choice: this.#choice, guidance: undefined, at: this.#tick() })
  }

  retryDue(): this {
    return this.give({ type: 'retryDue', call: this.state.active?.call ?? 0, at: this.#tick() })
  }

  recovered(): this {
    return this.give({ type: 'recovered', at: this.#tick() })
  }

  get turn(): Turn {
    const turn = this.state.thread.turns.at(-1)
    if (!turn) throw new Error('the story has no turn yet')
    return turn
  }

  item<T extends Item['type']>(type: T): Extract<Item, { type: T }> {
    const item = this.turn.items.findLast((candidate) => candidate.type === type)
    if (!item) throw new Error(`the story has no ${type}`)
    return item as Extract<Item, { type: T }>
  }

  /** Effects since the last time they were taken. */
  take(): Effect[] {
    return this.effects.splice(0)
  }

  /** What the latest request shows the model. */
  lastRequest() {
    const call = this.effects.findLast((effect) => effect.type === 'callModel')
    if (call?.type !== 'callModel') throw new Error('the model was not called')
    return call.request
  }

  #tick(): number {
    return ++this.#at
  }
}
