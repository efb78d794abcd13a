import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import type { ThreadId } from '../../core/protocol/ids.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { createScratch } from '../../scripts/lib/scratch.ts'
import { startTandem } from '../../scripts/lib/tandem-process.ts'
import { createFakeModel, type FakeModel } from '../fake-model/fake-model.ts'
import { pingFromThread } from '../lib/pings.ts'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'

const window = { contextWindow: 128_000, maxOutputTokens: 16_000 }
const fact = 'The magic word is xylophone-7431.'
const delaySchema = z.object({ wall: z.number(), cpu: z.number() })
/** Tokens of one prompt, about. */
const turnTokens = 20_000

/**
 * A history many times the window, summarised again and again while the thread goes on, against a model that enforces
 * its window: whether what is pinned stays, whether anything is refused, and how long the server ever stood still.
 */
export async function measureWindow({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const turns = (quick ? 400_000 : 2_000_000) / turnTokens
  const model = await createFakeModel({ contextWindow: window.contextWindow })
  let written = 0
  model.script = ({ body }) =>
    isSummary(body)
      ? [{ type: 'text', text: `Summary ${++written}. ${words(written, 400)}`, tokensPerSecond: 400 }]
      : [{ type: 'text', text: 'Heard.' }]
  const scratch = createScratch({ files: {}, modelUrl: model.url, window })
  const delayFile = join(scratch.data, 'loop-delay')
  const preload = new URL('../lib/loop-delay.ts', import.meta.url)
  preload.searchParams.set('out', delayFile)
  const nodeFlags = ['--import', preload.href]
  const tandem = await startTandem({ ...scratch, workspaces: [scratch.workspace], nodeFlags })
  try {
    const client = await RelayClient.connect(tandem)
    const threadId = await client.openThread()
    await ask(client, threadId, fact)
    const first = (await read(client, threadId)).turns[0]?.items.find(({ type }) => type === 'userMessage')
    if (!first) throw new Error('The first message is gone.')
    await client.request('message/pin', { threadId, itemId: first.id, pinned: true })
    await wait(500)
    process.kill(tandem.pid, 'SIGUSR2')
    const summaries = followSummaries(client)
    const pings = pingFromThread(tandem)
    const compacted: number[] = []
    for (let turn = 1; turn <= turns; turn++) {
      await ask(client, threadId, `part ${turn}: ${words(turn, turnTokens)}`)
      const startedAt = performance.now()
      // It is decided on when the turn has been counted.
      await wait(30)
      while (summaries.isRunning) await wait(20)
      if (performance.now() - startedAt > 50) compacted.push(performance.now() - startedAt)
    }
    await wait(250)
    const delay = delaySchema.parse(JSON.parse(readFileSync(delayFile, 'utf8')))
    const without = turnsOf(model)
      .slice(1)
      .filter(({ text }) => !text.includes(fact))
    return [
      row('window.history', 'tokens', [turns * turnTokens]),
      row('window.compactions', 'count', [summaries.count]),
      row('window.compaction', 'ms', compacted),
      row('window.refused', 'requests', [model.refused], 0),
      row('window.withoutPin', 'requests', [without.length], 0),
      row('window.loopDelay', 'ms', [delay.wall], 50),
      row('window.loopDelay.own', 'ms', [delay.cpu], 50),
      row('window.longestPing', 'ms', [await pings()], 50),
    ]
  } finally {
    await tandem.end()
    await model.close()
    scratch.remove()
  }
}

function isSummary(body: unknown): boolean {
  return JSON.stringify(body).includes('<conversation>')
}

/** What requests of turns said, of those that said all of it. */
function turnsOf(model: FakeModel): readonly { readonly text: string }[] {
  return model.requests
    .filter(({ kind, body }) => kind !== 'models' && body?.generate !== false)
    .filter(({ body }) => !isSummary(body) && body?.previous_response_id === undefined)
    .map(({ body }) => ({ text: JSON.stringify(body) }))
}

/** Different each time, about a token each. */
function words(seed: number, count: number): string {
  const list = ['the', 'file', 'holds', 'a', 'list', 'of', 'names', 'that', 'were', 'read', 'from', 'disk']
  return Array.from({ length: count }, (_, index) => list[(seed * 31 + index * 7) % list.length]).join(' ')
}

async function ask(client: RelayClient, threadId: ThreadId, text: string): Promise<void> {
  const settled = new Promise<void>((resolve) => {
    const stop = client.onEvent(({ topic, event }) => {
      if (topic !== `thread:${threadId}` || event.type !== 'turn/settled') return
      if (event.status !== 'completed') throw new Error(event.failure?.detail ?? event.status)
      stop()
      resolve()
    })
  })
  await client.request('turn/start', { threadId, text, context: { openPaths: [] } })
  await settled
}

async function read(client: RelayClient, threadId: ThreadId): Promise<ThreadState> {
  return (await client.request('thread/read', { threadId })).thread
}

/** By events: reading all of a long thread again and again would be what blocks the server. */
function followSummaries(client: RelayClient): { count: number; isRunning: boolean } {
  const known = { count: 0, isRunning: false }
  client.onEvent(({ event }) => {
    if (event.type === 'thread/compacting') known.isRunning = event.compacting?.status === 'running'
    if (event.type !== 'thread/compacted') return
    known.count++
    known.isRunning = false
  })
  return known
}
