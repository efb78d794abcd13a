import type { ItemId } from '../protocol/ids.ts'
import type { Item, PromptContext } from '../protocol/item.ts'
import type { Turn } from '../protocol/turn.ts'

/** Words that wait for the next request. */
export interface WaitingSteer {
  readonly itemId: ItemId
  readonly text: string
  readonly context: PromptContext
}

/** The person's words that the model was shown or is to be shown: not those that wait or were returned. */
export function isSaid(item: Item): item is Extract<Item, { type: 'userMessage' }> {
  return item.type === 'userMessage' && (item.kind !== 'steer' || item.state === 'applied')
}

export function waitingSteers(turn: Turn | undefined): readonly WaitingSteer[] {
  return (turn?.items ?? []).flatMap((item) =>
    item.type === 'userMessage' && item.state === 'accepted'
      ? [{ itemId: item.id, text: item.text, context: item.context ?? { openPaths: [] } }]
      : [],
  )
}
