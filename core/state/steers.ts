import type { ItemId, SteerId } from '../protocol/ids.ts'
import type { Item, PromptContext } from '../protocol/item.ts'
import type { ThreadState } from '../protocol/thread.ts'
import type { Turn } from '../protocol/turn.ts'

/** Words that wait for the next request. */
export interface WaitingSteer {
  readonly itemId: ItemId
  readonly text: string
  readonly context: PromptContext
}

type UserMessage = Extract<Item, { type: 'userMessage' }>

/** The person's words that the model was shown or is to be shown: not those that wait or were returned. */
export function isSaid(item: Item): item is UserMessage {
  return item.type === 'userMessage' && (item.kind !== 'steer' || item.state === 'applied')
}

export function waitingSteers(turn: Turn | undefined): readonly WaitingSteer[] {
  return (turn?.items ?? []).flatMap((item) =>
    item.type === 'userMessage' && item.state === 'accepted'
      ? [{ itemId: item.id, text: item.text, context: item.context ?? { openPaths: [] } }]
      : [],
  )
}

/** How each steer of the thread stands. */
export function steersIn(thread: ThreadState): ReadonlyMap<SteerId, UserMessage['state']> {
  return new Map(
    thread.turns.flatMap(({ items }) =>
      items.flatMap((item) =>
        item.type === 'userMessage' && item.steerId !== undefined
          ? [[item.steerId, item.state] as const]
          : [],
      ),
    ),
  )
}
