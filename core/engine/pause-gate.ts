import { limits } from '../protocol/limits.ts'
import type { EngineInput } from './turn-state.ts'

/** What the model and its calls bring; people's own inputs never wait. */
const held: ReadonlySet<EngineInput['type']> = new Set([
  'model',
  'toolSettled',
  'editSettled',
  'steersPrepared',
  'retryDue',
])

/** Holds back what would move a paused turn on, in its order, so that nothing of it is shown or written. */
export class PauseGate {
  #held: EngineInput[] | undefined
  #chars = 0

  get isPaused(): boolean {
    return this.#held !== undefined
  }

  /** More than a pause may hold has come. */
  get isFull(): boolean {
    return this.#chars > limits.pausedChars
  }

  pause(): void {
    this.#held ??= []
  }

  /** Whether the input was kept back. */
  holds(input: EngineInput): boolean {
    if (!this.#held || !held.has(input.type)) return false
    this.#held.push(input)
    if (input.type === 'model') this.#chars += JSON.stringify(input.event).length
    return true
  }

  /** The turn goes on: all that was held. */
  open(): readonly EngineInput[] {
    const inputs = this.#held ?? []
    this.#held = undefined
    this.#chars = 0
    return inputs
  }

  /** The turn is cut: what the model said is dropped, how calls ended is not. */
  cut(): readonly EngineInput[] {
    return this.open().filter(({ type }) => type !== 'model')
  }
}
