import { assert } from '../lib/assert-never.ts'
import { type ItemId, itemIdSchema } from '../protocol/ids.ts'
import type { Item } from '../protocol/item.ts'
import type { ThreadEvent, ThreadState } from '../protocol/thread.ts'
import { reduceThread } from '../state/thread-reducer.ts'
import type { ActiveTurn, Effect, EngineState, Step } from './turn-state.ts'

/** One step in the making: collects events (folding each at once) and effects. Lives only inside `step`. */
export class Draft {
  thread: ThreadState
  active: ActiveTurn | undefined
  readonly #events: ThreadEvent[] = []
  readonly #effects: Effect[] = []

  constructor(state: EngineState) {
    this.thread = state.thread
    this.active = state.active
  }

  get turn(): ActiveTurn {
    assert(this.active, 'this input is only handled while a turn is active')
    return this.active
  }

  emit(event: ThreadEvent): void {
    this.thread = reduceThread(this.thread, event)
    this.#events.push(event)
  }

  effect(effect: Effect): void {
    this.#effects.push(effect)
  }

  patch(changes: Partial<ActiveTurn>): void {
    this.active = { ...this.turn, ...changes }
  }

  newItemId(): ItemId {
    const { turnId, nextItem } = this.turn
    this.patch({ nextItem: nextItem + 1 })
    return itemIdSchema.parse(`${turnId}.${nextItem}`)
  }

  start(item: Item): void {
    this.emit({ type: 'item/started', turnId: this.turn.turnId, item })
  }

  complete(item: Item): void {
    this.emit({ type: 'item/completed', turnId: this.turn.turnId, item })
  }

  item(id: ItemId): Item | undefined {
    return this.thread.turns.at(-1)?.items.findLast((item) => item.id === id)
  }

  done(): Step {
    return {
      state: { thread: this.thread, active: this.active },
      events: this.#events,
      effects: this.#effects,
    }
  }
}
