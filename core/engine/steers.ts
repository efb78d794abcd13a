import type { Turn } from '../protocol/turn.ts'
import { waitingSteers } from '../state/steers.ts'
import type { Draft } from './draft.ts'
import { steerInput } from './render-turn.ts'
import type { EngineInput, SteerAttachments } from './turn-state.ts'

/** The same id again changes nothing. A response that takes words while it runs is given them. */
export function acceptSteer(draft: Draft, input: Extract<EngineInput, { type: 'steer' }>): void {
  const { steerId, text, context, guest, at } = input
  const items = draft.thread.turns.at(-1)?.items ?? []
  if (items.some((item) => item.type === 'userMessage' && item.steerId === steerId)) return
  const id = draft.newItemId()
  const by = guest && { guest }
  draft.start({
    type: 'userMessage',
    id,
    kind: 'steer',
    state: 'accepted',
    steerId,
    text,
    context,
    ...by,
    at,
  })
  const { turnId, call, phase, model } = draft.turn
  if (phase !== 'streaming' || !model.steer) return
  const steers = [{ itemId: id, text, context }]
  draft.effect({ type: 'prepareSteers', joins: 'response', turnId, call, steers })
}

/** Hands those whose attachments are there to the response that runs. */
export function giveSteers(draft: Draft, attachments: SteerAttachments): void {
  const { call } = draft.turn
  for (const steer of waitingSteers(draft.thread.turns.at(-1))) {
    const { itemId } = steer
    const texts = attachments[itemId]
    if (!texts || draft.turn.given[itemId]) continue
    draft.patch({ given: { ...draft.turn.given, [itemId]: texts } })
    draft.effect({ type: 'steerModel', call, steer: { id: itemId, input: steerInput(texts, steer) } })
  }
}

/** The response took these up: all that follows knows them, and counts as a request of its own. */
export function takeUpSteers(draft: Draft, ids: readonly string[]): void {
  const given = Object.entries(draft.turn.given)
  applySteers(draft, Object.fromEntries(given.filter(([id]) => ids.includes(id))))
  const left = Object.fromEntries(given.filter(([id]) => !ids.includes(id)))
  draft.patch({ given: left, request: draft.turn.request + 1, settledCalls: 0, failedCalls: 0 })
}

/** The response does not take these: they join the next request like any other. */
export function keepForNext(draft: Draft, id: string): void {
  const given = Object.entries(draft.turn.given).filter(([other]) => other !== id)
  draft.patch({ given: Object.fromEntries(given) })
}

/** Says those of the waiting ones whose attachments are there; one that came later waits for the next request. */
export function applySteers(draft: Draft, attachments: SteerAttachments): void {
  const { turnId } = draft.turn
  for (const { itemId } of waitingSteers(draft.thread.turns.at(-1))) {
    const texts = attachments[itemId]
    if (!texts) continue
    for (const text of texts) draft.start({ type: 'context', id: draft.newItemId(), text })
    draft.emit({ type: 'steer/applied', turnId, itemId })
  }
}

/** The turn ends: what no request carried goes back to the person. */
export function returnSteers(draft: Draft, turn: Turn): void {
  for (const { itemId } of waitingSteers(turn))
    draft.emit({ type: 'steer/returned', turnId: turn.id, itemId })
}
