import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { ThreadId } from '../../core/protocol/ids.ts'
import { threadIdSchema } from '../../core/protocol/ids.ts'
import { type LongThread, longThread } from '../../core/testing/long-thread.ts'
import type { Scratch } from '../../scripts/lib/scratch.ts'
import { startTandem, type TandemProcess } from '../../scripts/lib/tandem-process.ts'
import { RelayClient } from '../lib/relay-client.ts'

/** As the log has it. */
export const threadTitle = 'A long thread'

/** How a thread looks, without its names. */
export type Shape = Omit<LongThread, 'threadId' | 'workspaceId'>

/**
 * An hour at 1,000 tokens a second, as the server logs it: 72,000 rows (a growing hunk is told every 50 ms) and
 * 14 MB of text. Deltas, 3.6 million of them, are not logged.
 */
export const hour: Shape = {
  turns: 120,
  edits: 10,
  hunks: 4,
  growth: 13,
  stepMs: 50,
  words: 300,
  lineWords: 40,
}

/** Two million rows in the log: as much text, and a day of a hunk that is told every 50 ms. */
export const twoMillion: Shape = {
  turns: 400,
  edits: 5,
  hunks: 2,
  growth: 496,
  stepMs: 50,
  words: 300,
  lineWords: 1,
}

export function serve({ data, config, workspace }: Scratch): Promise<TandemProcess> {
  return startTandem({ data, config, workspaces: [workspace] })
}

/** Writes a thread's log into the server's database while no server runs; answers how many rows. */
export async function storeThread(
  scratch: Scratch,
  name: string,
  shape: Shape,
): Promise<{ readonly threadId: ThreadId; readonly rows: number }> {
  const tandem = await serve(scratch)
  const client = await RelayClient.connect(tandem)
  const { workspaceId } = client
  client.close()
  await tandem.end()
  const threadId = threadIdSchema.parse(`thr_${name}`)
  const topic = `thread:${threadId}`
  const db = new DatabaseSync(join(scratch.data, 'tandem.db'))
  db.exec('PRAGMA synchronous = OFF; BEGIN')
  const insert = db.prepare('INSERT INTO event (topic, seq, at, body) VALUES (?, ?, ?, ?)')
  let rows = 0
  for (const { seq, at, event } of longThread({ ...shape, threadId, workspaceId })) {
    insert.run(topic, seq, at, JSON.stringify(event))
    rows = seq
  }
  db.prepare('INSERT INTO topic (name, head) VALUES (?, ?)').run(topic, rows)
  const { head } = db.prepare('SELECT head FROM topic WHERE name = ?').get(`workspace:${workspaceId}`) ?? {}
  const next = Number(head ?? 0) + 1
  const thread = { id: threadId, title: threadTitle, createdAt: 0, updatedAt: 0, running: false }
  const added = JSON.stringify({ type: 'threadList/added', thread })
  insert.run(`workspace:${workspaceId}`, next, 0, added)
  db.prepare(
    'INSERT INTO topic (name, head) VALUES (?, ?) ON CONFLICT DO UPDATE SET head = excluded.head',
  ).run(`workspace:${workspaceId}`, next)
  db.exec('COMMIT')
  db.close()
  return { threadId, rows }
}

/** Up to which row the server keeps a folded state. */
export function keptSeq(scratch: Scratch, threadId: ThreadId): number {
  const db = new DatabaseSync(join(scratch.data, 'tandem.db'), { readOnly: true })
  try {
    const { seq } = db.prepare('SELECT seq FROM snapshot WHERE topic = ?').get(`thread:${threadId}`) ?? {}
    return Number(seq ?? 0)
  } finally {
    db.close()
  }
}
