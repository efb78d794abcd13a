import { itemIdSchema, type TurnId } from '../protocol/ids.ts'
import type { ThreadEvent, ThreadState } from '../protocol/thread.ts'
import { type Turn, turnSchema } from '../protocol/turn.ts'
import { splitTurns } from './compaction.ts'

/** The turns up to and with one; `undefined` when it is not among them. */
export function turnsThrough(turns: readonly Turn[], id: TurnId): readonly Turn[] | undefined {
  const end = turns.findIndex((turn) => turn.id === id)
  return end < 0 ? undefined : turns.slice(0, end + 1)
}

/**
 * A settled turn as another thread takes it over, under an id of its own: what was said and done, without what undoing
 * it needs, for its edits stay those of its thread.
 */
export function copyTurn(turn: Turn, id: TurnId): Turn {
  const { undone, measurement: _, calls: _calls, comparison: _comparison, ...rest } = turn
  const own = (old: string) => `${id}${old.slice(turn.id.length)}`
  const items = turn.items.map((item) => {
    if (item.type !== 'fileChange') return { ...item, id: own(item.id) }
    const files = item.files.map((file) => ({
      ...file,
      hunks: file.hunks.map(({ changes: __, anchor: ___, inverse: ____, ...hunk }) => ({
        ...hunk,
        id: own(hunk.id),
      })),
    }))
    return { ...item, id: own(item.id), files }
  })
  return turnSchema.parse({ ...rest, id, items, copied: true, ...(undone && { undone: {} }) })
}

/** What stands for copied turns in requests, and what is pinned in them. */
export function copyMarks(origin: ThreadState, copies: readonly Turn[]): readonly ThreadEvent[] {
  const ids = new Map<string, TurnId>()
  for (const [index, { id }] of copies.entries()) ids.set(origin.turns[index]?.id ?? '', id)
  const { compaction } = splitTurns(origin)
  const throughTurnId = compaction && ids.get(compaction.throughTurnId)
  const contextTokens = copies.at(-1)?.contextTokens ?? 0
  const pins = (origin.pins ?? []).flatMap((pin) => {
    const dot = pin.indexOf('.')
    const turnId = ids.get(pin.slice(0, dot))
    const itemId = turnId && itemIdSchema.parse(`${turnId}${pin.slice(dot)}`)
    return itemId ? [{ type: 'message/pinned', itemId, pinned: true } as const] : []
  })
  if (!compaction || !throughTurnId) return pins
  const own = { ...compaction, throughTurnId }
  return [{ type: 'thread/compacted', compaction: own, contextTokens }, ...pins]
}
