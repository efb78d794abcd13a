import type { Clock } from '../../core/lib/clock.ts'
import { mintId, type Random } from '../../core/lib/random.ts'
import { itemIdSchema, type TurnId, turnIdSchema } from '../../core/protocol/ids.ts'
import type { Item } from '../../core/protocol/item.ts'
import type { ThreadEvent, ThreadState } from '../../core/protocol/thread.ts'

export type Said = Pick<Extract<Item, { type: 'userMessage' }>, 'text' | 'job'>
export type MakeTurn = (turn: {
  readonly turnId: TurnId
  /** Number of its first item. */
  readonly firstItem: number
  readonly publish: (event: ThreadEvent) => void
}) => Promise<unknown>

/** A turn without a model: people get what was made elsewhere, and judge it like what a model wrote here. */
export async function bringInTurn(options: {
  readonly thread: ThreadState
  readonly clock: Clock
  readonly random: Random
  readonly publish: (event: ThreadEvent) => void
  readonly said: Said
  readonly make: MakeTurn
}): Promise<TurnId> {
  const { thread, clock, random, publish, said, make } = options
  const turnId = turnIdSchema.parse(mintId('trn', random))
  const { modelId, mode } = thread
  publish({ type: 'turn/started', turnId, modelId, mode, at: clock.now() })
  const id = itemIdSchema.parse(`${turnId}.0`)
  const item = { type: 'userMessage', id, kind: 'prompt', ...said, at: clock.now() } as const
  publish({ type: 'item/started', turnId, item })
  let status: 'completed' | 'failed' = 'failed'
  try {
    await make({ turnId, firstItem: 1, publish })
    status = 'completed'
  } finally {
    publish({ type: 'turn/settled', turnId, status, at: clock.now() })
  }
  return turnId
}
