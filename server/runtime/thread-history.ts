import { RequestError } from '../../core/protocol/errors.ts'
import type { ThreadId } from '../../core/protocol/ids.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { ResultOf } from '../../core/protocol/methods.ts'
import { type LoggedEvent, threadEventSchema } from '../../core/protocol/thread.ts'
import type { EventRow, Store } from '../store/store.ts'

/** How the log's rows of a growing hunk begin. */
const hunkStart = '{"type":"edit/hunkChanged"'

interface Page {
  readonly threadId: ThreadId
  readonly since: number
  readonly limit: number
}

/**
 * A piece of a thread's log, bounded in rows and size. A row that only says a hunk grew, with the next one saying it
 * of the same hunk moments later, is left out: folded up to any row that is there the thread is the same.
 */
export async function readHistory(
  store: Store,
  { threadId, since, limit }: Page,
): Promise<ResultOf<'thread/history'>> {
  const topic = `thread:${threadId}`
  const head = await store.headSeq(topic)
  if (head === 0) throw new RequestError('notFound', 'There is no such thread.')
  const thinned: EventRow[] = []
  let upTo = since
  let chars = 0
  let growing: { readonly id: string; readonly at: number } | undefined
  /** Not told yet: the row after it says whether it is. */
  let held: { readonly id: string; readonly row: EventRow } | undefined
  const take = (row: EventRow) => {
    thinned.push(row)
    chars += row.body.length
  }
  for (let read = 0; read < limits.historyReadEvents; ) {
    const rows = await store.readEvents(topic, upTo, limits.logPageEvents)
    for (const row of rows) {
      const id = growingHunk(row)
      if (held && (held.id !== id || row.at - (growing?.at ?? 0) >= limits.replayGrowthMs)) {
        take(held.row)
        growing = { id: held.id, at: held.row.at }
      }
      held = undefined
      if (thinned.length >= limit || chars >= limits.historyChars) return answer(thinned, upTo, head)
      upTo = row.seq
      if (id !== undefined && growing?.id === id) held = { id, row }
      else {
        take(row)
        growing = id === undefined ? undefined : { id, at: row.at }
      }
    }
    read += rows.length
    if (rows.length < limits.logPageEvents) break
  }
  if (held) take(held.row)
  return answer(thinned, upTo, head)
}

function answer(rows: readonly EventRow[], upTo: number, head: number): ResultOf<'thread/history'> {
  const logged = rows.map(
    ({ seq, at, body }): LoggedEvent => ({ seq, at, event: threadEventSchema.parse(JSON.parse(body)) }),
  )
  return { rows: logged, upTo, head }
}

/** The hunk, when the row says no more than that it is being written. Read off the text: most rows are such. */
function growingHunk({ body }: EventRow): string | undefined {
  if (!body.startsWith(hunkStart) || !body.includes('"status":"writing"')) return undefined
  return /"hunk":\{"id":"([^"]+)"/.exec(body)?.[1]
}
