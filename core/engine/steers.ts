import type { Turn } from '../protocol/turn.ts'
import { waitingSteers } from '../state/steers.ts'
import type { Draft } from './draft.ts'
import type { EngineInput, SteerAttachments } from './turn-state.ts'

/** The same id again changes nothing. */
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
