import type { ThreadId, TurnId } from '../../core/protocol/ids.ts'
import type { Item } from '../../core/protocol/item.ts'
import { limits } from '../../core/protocol/limits.ts'
import {
  type ThreadEvent,
  type ThreadHit,
  type ThreadSummary,
  threadEventSchema,
} from '../../core/protocol/thread.ts'
import type { Store } from '../store/store.ts'

/** Rows asked of the store at once. */
const page = 50
/** What is shown around the words, in UTF-16 code units. */
const shownBefore = 40
const shownAfter = 100
const said = ['{"type":"item/started"', '{"type":"item/completed"', '{"type":"turn/copied"']
const rewound = ['{"type":"thread/rewound"']

interface Searched {
  readonly store: Store
  readonly threads: readonly ThreadSummary[]
  /** The turns of a thread that went back: its log still has those that left. */
  readonly turnsOf: (id: ThreadId) => Promise<ReadonlySet<TurnId>>
}

/** Finds words in titles, prompts and answers of `threads`, in their order, each place once. */
export async function searchThreads(searched: Searched, query: string): Promise<ThreadHit[]> {
  const words = new RegExp(query.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'iu')
  const hits: ThreadHit[] = []
  for (const thread of searched.threads) {
    if (hits.length >= limits.threadHits) break
    const inTitle = around(thread.title, words)
    const { id: threadId, title } = thread
    if (inTitle) hits.push({ threadId, title, ...inTitle })
    hits.push(...(await searchTurns(searched, thread, query, words)))
  }
  return hits.slice(0, limits.threadHits)
}

async function searchTurns(
  { store, turnsOf }: Searched,
  { id: threadId, title }: ThreadSummary,
  query: string,
  words: RegExp,
): Promise<readonly ThreadHit[]> {
  const hits = new Map<string, ThreadHit>()
  // As the words stand in JSON.
  const text = JSON.stringify(query).slice(1, -1)
  const topic = `thread:${threadId}`
  const wentBack = await store.searchEvents(topic, { since: 0, starts: rewound, text: 'rewindId', limit: 1 })
  const turns = wentBack.length > 0 ? await turnsOf(threadId) : undefined
  let since = 0
  while (hits.size < limits.threadHitsEach) {
    const rows = await store.searchEvents(topic, { since, starts: said, text, limit: page })
    for (const { body, seq } of rows) {
      since = seq
      for (const { turnId, item } of itemsOf(threadEventSchema.parse(JSON.parse(body)))) {
        if (item.type !== 'userMessage' && item.type !== 'agentMessage') continue
        if (turns && !turns.has(turnId)) continue
        const found = around(item.text, words)
        if (found && hits.size < limits.threadHitsEach)
          hits.set(item.id, { threadId, turnId, title, ...found })
      }
    }
    if (rows.length < page) break
  }
  return [...hits.values()]
}

function itemsOf(event: ThreadEvent): readonly { readonly turnId: TurnId; readonly item: Item }[] {
  if (event.type === 'item/started' || event.type === 'item/completed') return [event]
  if (event.type !== 'turn/copied') return []
  return event.turn.items.map((item) => ({ turnId: event.turn.id, item }))
}

function around(text: string, words: RegExp): Pick<ThreadHit, 'before' | 'match' | 'after'> | undefined {
  const found = words.exec(text)
  if (!found) return undefined
  const [match] = found
  const end = found.index + match.length
  const from = Math.max(0, found.index - shownBefore)
  const before = oneLine(text.slice(from, found.index))
  const after = oneLine(text.slice(end, end + shownAfter))
  return {
    before: from > 0 ? `…${before}` : before,
    match,
    after: end + shownAfter < text.length ? `${after}…` : after,
  }
}

/** On one line, without the halves of characters that were cut. */
function oneLine(text: string): string {
  return text.replace(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/g, '').replace(/\s+/g, ' ')
}
