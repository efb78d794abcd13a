import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { createFakeModel } from '../../bench/fake-model/fake-model.ts'
import { RelayClient } from '../../bench/lib/relay-client.ts'
import type { ModelEvent } from '../../core/engine/model-stream.ts'
import { seededRandom } from '../../core/lib/random.ts'
import { threadIdSchema } from '../../core/protocol/ids.ts'
import { createScratch } from '../../scripts/lib/scratch.ts'
import { startTandem, type TandemProcess } from '../../scripts/lib/tandem-process.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { ManualTimers } from '../testing/manual-timers.ts'
import { createWorld, until } from '../testing/world.ts'
import { CallJournal } from './call-journal.ts'
import { CallLedger } from './call-ledger.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function place(store: Store = createMemoryStore()) {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-usage-'))
  folders.push(folder)
  const { clock } = new ManualTimers()
  const bugs: unknown[] = []
  const onBug = (error: unknown) => bugs.push(error)
  const file = join(folder, 'usage.journal')
  const random = seededRandom(5)
  return { file, bugs, store, clock, open: () => CallLedger.open({ store, clock, random, file, onBug }) }
}
const call = {
  threadId: threadIdSchema.parse('thr_1'),
  modelId: 'a/m',
  purpose: 'turn',
  inputTokens: 1000,
} as const
const sent: ModelEvent = { type: 'sent', connection: 'reused', connectMs: 0 }
const text = (length: number): ModelEvent => ({ type: 'textDelta', text: 'x'.repeat(length) })
const usage = { inputTokens: 900, cachedTokens: 100, outputTokens: 77 }
const told: ModelEvent = { type: 'usage', usage }

test('[USAGE-1] a call counts once, with what its provider told, else with what was sent and had arrived', async () => {
  const { open, bugs } = place()
  const ledger = await open()
  const one = ledger.begin(call)
  for (const event of [sent, text(400), told, { type: 'completed' } as const]) one.saw(event)
  one.stop()
  const stopped = ledger.begin(call)
  for (const event of [sent, text(400)]) stopped.saw(event)
  stopped.stop()
  await ledger.stored()
  expect(await ledger.sums(0)).toEqual([
    {
      modelId: 'a/m',
      calls: 2,
      estimated: 1,
      usage: { inputTokens: 1900, cachedTokens: 100, outputTokens: 177 },
    },
  ])
  expect(bugs).toEqual([])
})

test('[USAGE-1] a call that never left is none; one that was refused took nothing', async () => {
  const { open } = place()
  const ledger = await open()
  const failed = { type: 'failed', failure: { code: 'noBackend', detail: '', retriable: true } } as const
  ledger.begin(call).saw(failed)
  const refused = ledger.begin(call)
  for (const event of [sent, failed]) refused.saw(event)
  const nothing = { inputTokens: 0, cachedTokens: 0, outputTokens: 0 }
  expect(await ledger.sums(0)).toEqual([{ modelId: 'a/m', calls: 1, estimated: 0, usage: nothing }])
})

test('[USAGE-2] what a server that died had under way is settled by the next, as far as it had come, and once', async () => {
  const { open, file, clock } = place()
  const dead = await open()
  const [done, open1, never] = [dead.begin(call), dead.begin(call), dead.begin(call)]
  for (const event of [sent, told, { type: 'completed' } as const]) done.saw(event)
  clock.advance(1000)
  for (const event of [sent, text(200)]) open1.saw(event)
  await expect.poll(() => readFileSync(file, 'utf8')).toContain('"outputTokens":50}\n')
  never.saw({ type: 'failed', failure: { code: 'noBackend', detail: '', retriable: true } })
  // Its connection was still being opened.
  dead.begin(call)
  // Half a line, as a kill leaves it.
  appendFileSync(file, '{"type":"begun","call":{"id":"use_')
  for (let start = 0; start < 3; start++) {
    const next = await open()
    expect(await next.sums(0)).toEqual([
      {
        modelId: 'a/m',
        calls: 2,
        estimated: 1,
        usage: { inputTokens: 1900, cachedTokens: 100, outputTokens: 127 },
      },
    ])
    await next.close()
  }
  expect(readFileSync(file, 'utf8')).toBe('')
})

test('[USAGE-2] whenever the server dies, and whatever the store refuses, each call that began is there once', async () => {
  const step = fc.record({
    what: fc.constantFrom('begin', 'end', 'grow', 'die', 'refuse', 'store'),
    pick: fc.nat(20),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const memory = createMemoryStore()
      let refuses = false
      const store: Store = {
        ...memory,
        appendEvents: (topic, rows) =>
          refuses ? Promise.reject(new Error('full')) : memory.appendEvents(topic, rows),
      }
      const { open, clock } = place(store)
      let ledger = await open()
      let began = 0
      let calls: ReturnType<CallLedger['begin']>[] = []
      for (const { what, pick } of steps) {
        const one = calls[pick % Math.max(1, calls.length)]
        clock.advance(300)
        if (what === 'begin') {
          const begun = ledger.begin(call)
          begun.saw(sent)
          calls.push(begun)
          began++
        } else if (what === 'grow') one?.saw(text(40))
        else if (what === 'end') one?.saw({ type: 'completed' })
        else if (what === 'refuse') refuses = !refuses
        else if (what === 'store') await ledger.stored()
        else {
          calls = []
          await ledger.stored()
          ledger = await open()
        }
      }
      refuses = false
      ledger = await open()
      const [sum] = await ledger.sums(0)
      expect(sum?.calls ?? 0).toBe(began)
    }),
    { numRuns: 60 },
  )
})

test('[RELAY-71] what has ended leaves the journal once there is much of it, and no call is lost while it does', async () => {
  const { open, file, bugs } = place()
  const ledger = await open()
  const runs = ledger.begin(call)
  runs.saw(sent)
  const began = 3000
  for (let n = 1; n < began; n++) {
    const one = ledger.begin(call)
    for (const event of [sent, told, { type: 'completed' } as const]) one.saw(event)
    if (n % 200 > 0) continue
    await ledger.stored()
    // A server that dies now, whatever becomes of the journal just then.
    const copy = `${file}.${n}`
    writeFileSync(copy, readFileSync(file))
    const left = CallJournal.read(copy)
    expect(new Set(left.map(({ id }) => id)).size).toBe(left.length)
    expect(left.filter(({ outcome }) => outcome === 'lost')).toHaveLength(1)
    expect(await ledger.sums(0)).toMatchObject([{ calls: n }])
    await expect.poll(() => statSync(file).size).toBeLessThan(256 * 1024)
  }
  await ledger.stored()
  const next = await open()
  expect(await next.sums(0)).toMatchObject([{ calls: began, estimated: 1 }])
  expect(bugs).toEqual([])
})

test('[USAGE-3] turns with their tools, summaries, failures and stops have as many rows as the model had requests', async () => {
  const world = await createWorld({ 'a.txt': 'one\n' })
  const hold = Promise.withResolvers<void>()
  world.model.script = ({ userText, round }) => {
    if (userText === 'tools' && round < 3) {
      return [{ type: 'functionCall', name: 'read_file', text: `{"path":"a.txt","startLine":${round + 1}}` }]
    }
    if (userText === 'fail') return [{ type: 'fault', fault: { type: 'status', status: 400, body: {} } }]
    if (userText === 'hold') return [{ type: 'hold', until: hold.promise }]
    return [{ type: 'text', text: 'Done.' }]
  }
  const thread = await world.newThread()
  for (const words of ['tools', 'hello', 'fail', 'hello again']) await world.ask(thread, words)
  await thread.compactor.request()
  await until(() => thread.state().compactions !== undefined)
  const turnId = await thread.start('hold', { openPaths: [] }, 0)
  const made = () =>
    world.model.requests.filter(({ kind, body }) => kind !== 'models' && body?.generate !== false)
  await until(() => made().length === 9)
  thread.control.interrupt(turnId)
  await world.usage.stored()
  const [sum] = await world.usage.sums(0)
  expect(sum).toMatchObject({ modelId: 'fake/fake-fast', calls: made().length, estimated: 1 })
  hold.resolve()
  expect(world.bugs).toEqual([])
  await world.close()
})

test('[USAGE-4] killed with kill -9 again and again, a server has a row for each request its model got', {
  timeout: 90_000,
}, async () => {
  const model = await createFakeModel({ tokensPerSecond: 200 })
  model.script = () => [{ type: 'text', tokens: 60 }]
  const scratch = createScratch({ files: {}, modelUrl: model.url })
  const nodeFlags = ['--import', new URL('../../scripts/lib/without-pages.mjs', import.meta.url).href]
  let tandem: TandemProcess | undefined
  const start = async () => {
    tandem = await startTandem({ ...scratch, workspaces: [scratch.workspace], nodeFlags })
    return tandem
  }
  const random = seededRandom(11)
  try {
    for (let kill = 0; kill < 4; kill++) {
      const running = await start()
      const client = await RelayClient.connect(running)
      const threads = await Promise.all([client.openThread(), client.openThread(), client.openThread()])
      const asked = threads.map((threadId) =>
        client.request('turn/start', { threadId, text: 'go', context: { openPaths: [] } }).catch(() => {}),
      )
      await new Promise((resolve) => setTimeout(resolve, random.next() * 250))
      await running.end('SIGKILL')
      await Promise.all(asked)
    }
    // What had left when the last one died arrives before its connections end.
    await expect.poll(() => model.openSockets).toBe(0)
    const client = await RelayClient.connect(await start())
    const { sums } = await client.request('usage/read', { since: 0 })
    const made = model.requests.filter(({ kind, body }) => kind !== 'models' && body?.generate !== false)
    expect(made.length).toBeGreaterThan(4)
    expect(sums.map(({ modelId, calls }) => [modelId, calls])).toEqual([['fake/fake-fast', made.length]])
    expect(sums[0]?.estimated).toBeGreaterThan(0)
  } finally {
    await tandem?.end()
    await model.close()
    scratch.remove()
  }
})
