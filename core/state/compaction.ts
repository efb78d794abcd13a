import type { Compaction } from '../protocol/compaction.ts'
import type { ThreadEvent, ThreadState } from '../protocol/thread.ts'
import type { Turn } from '../protocol/turn.ts'

/** The summary in force: the latest whose turns are in the thread. A rewind behind it leaves those before in force. */
function compactionOf({ compactions = [], turns }: ThreadState): Compaction | undefined {
  if (compactions.length === 0) return undefined
  const ids = new Set(turns.map(({ id }) => id))
  return compactions.findLast(({ throughTurnId }) => ids.has(throughTurnId))
}

/** The turns the model is sent themselves, and those a summary stands for. */
export function splitTurns(thread: ThreadState): {
  readonly compaction: Compaction | undefined
  readonly covered: readonly Turn[]
  readonly turns: readonly Turn[]
} {
  const compaction = compactionOf(thread)
  if (!compaction) return { compaction, covered: [], turns: thread.turns }
  const end = thread.turns.findIndex(({ id }) => id === compaction.throughTurnId) + 1
  return { compaction, covered: thread.turns.slice(0, end), turns: thread.turns.slice(end) }
}

type EventOf<T extends ThreadEvent['type']> = Extract<ThreadEvent, { type: T }>

export function compacted(
  state: ThreadState,
  { compaction, contextTokens }: EventOf<'thread/compacted'>,
): ThreadState {
  const { compacting: _, uncompacted: __, ...rest } = state
  return { ...rest, compactions: [...(state.compactions ?? []), compaction], contextTokens }
}

export function uncompacted(
  state: ThreadState,
  { compactionId, contextTokens }: EventOf<'thread/uncompacted'>,
): ThreadState {
  const { compactions = [], ...rest } = state
  const left = compactions.filter(({ id }) => id !== compactionId)
  return { ...rest, ...(left.length > 0 && { compactions: left }), uncompacted: true, contextTokens }
}

export function pinned(state: ThreadState, { itemId, pinned }: EventOf<'message/pinned'>): ThreadState {
  const { pins = [], ...rest } = state
  const left = pins.filter((id) => id !== itemId)
  if (pinned) left.push(itemId)
  return { ...rest, ...(left.length > 0 && { pins: left }) }
}
