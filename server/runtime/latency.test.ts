import { afterEach, expect, test } from 'vitest'
import type { Step } from '../../bench/fake-model/script.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { hopsOf, sumOf } from '../../core/state/latency.ts'
import { createWorld, until, type World } from '../testing/world.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close()
})

async function make(steps: readonly Step[] | readonly (readonly Step[])[]): Promise<World> {
  const world = await createWorld({ 'a.txt': 'one\n' })
  worlds.push(world)
  world.model.script = [{ match: /./, steps }]
  return world
}

const readFile = { type: 'functionCall', name: 'read_file', text: '{"path":"a.txt"}' } as const

/** The stamps are in the order of the hops. */
function inOrder(turn: Turn): boolean {
  return (turn.calls ?? []).every(
    ({ asked, admitted = 0, connected = 0, sent = 0, firstToken, out, ended }) => {
      const stamps = [
        asked,
        admitted,
        connected,
        sent,
        ...(firstToken === undefined ? [] : [firstToken]),
        out ?? sent,
        ended,
      ]
      return stamps.every((stamp, index) => stamp >= (stamps[index - 1] ?? 0))
    },
  )
}

test('[RHUD-1] every call of a turn leaves its stamps in the log, in order, and they are there after a restart', async () => {
  const world = await make([[readFile], [{ type: 'text', text: 'It says one.' }]])
  const thread = await world.newThread()
  const turn = await world.ask(thread, 'what does it say?')
  expect(turn.calls).toMatchObject([
    { request: 0, prompted: true, status: 'completed', modelId: 'fake/fake-fast' },
    { request: 1, prompted: false, status: 'completed', connection: 'reused' },
  ])
  expect(inOrder(turn)).toBe(true)
  const first = turn.calls?.[0]
  expect(first && sumOf(hopsOf(first))).toBe(first?.out)
  expect(turn.measurement?.firstTokenMs).toBeCloseTo((first?.out ?? 0) / 1000, 2)
  await world.stored()
  await world.threads.close()
  const after = await world.restart()
  expect((await after.threads.get(thread.state().id)).state().turns[0]?.calls).toEqual(turn.calls)
  await after.threads.close()
})

test('[RHUD-2] a call that is stopped, and one that fails, say so, and once', async () => {
  const world = await make([{ type: 'text', tokens: 100_000, tokensPerSecond: 500 }])
  const thread = await world.newThread()
  const turnId = await thread.start('talk', { openPaths: [] }, performance.now())
  await until(() => thread.state().turns[0]?.measurement !== undefined)
  await thread.control.redirect(turnId, { text: 'rather so', context: { openPaths: [] } }, performance.now())
  world.model.script = [{ match: /./, steps: [{ type: 'fault', fault: { type: 'status', status: 400 } }] }]
  await until(() => thread.state().turns[0]?.measurement !== undefined)
  thread.control.interrupt(turnId)
  await until(() => thread.state().turns[0]?.settledAt !== undefined)
  const failed = await world.ask(thread, 'and now')
  expect(failed.calls).toMatchObject([{ status: 'failed', prompted: true }])
  const calls = thread.state().turns[0]?.calls ?? []
  expect(calls.map(({ status, prompted }) => [status, prompted])).toEqual([
    ['interrupted', true],
    ['interrupted', true],
  ])
})

test('[RHUD-3] nothing is logged for a token: the log of a long answer is as long as that of a short one', async () => {
  const world = await make([{ type: 'text', tokens: 2000 }])
  const thread = await world.newThread()
  await world.ask(thread, 'at length')
  await world.stored()
  const long = (await world.store.readEvents(`thread:${thread.state().id}`, 0)).length
  world.model.script = [{ match: /./, steps: [{ type: 'text', text: 'Yes.' }] }]
  await world.ask(thread, 'in short')
  await world.stored()
  const both = (await world.store.readEvents(`thread:${thread.state().id}`, 0)).length
  expect(both - long).toBeLessThanOrEqual(long)
  expect(thread.state().turns[0]?.calls?.[0]?.tokens).toBeGreaterThan(1000)
})

test('[RHUD-4] to compare, the last request runs once more over a new connection with the whole history; it counts, its answer is gone', async () => {
  const world = await make([{ type: 'text', text: 'Yes.' }])
  const thread = await world.newThread()
  await world.ask(thread, 'first')
  const before = await world.ask(thread, 'second')
  const sockets = world.model.socketsSeen
  await thread.requests.compare(before.id)
  const turn = thread.state().turns[1]
  expect(world.model.socketsSeen).toBe(sockets + 1)
  const request = world.model.requests.at(-1)
  expect(request).toMatchObject({ kind: 'responses-sse', reused: false })
  expect(JSON.stringify(request?.body)).toContain('first')
  expect(turn?.comparison?.call).toMatchObject({ status: 'completed', connection: 'opened', http: true })
  expect(turn?.usage?.inputTokens).toBeGreaterThan(before.usage?.inputTokens ?? 0)
  expect(turn?.contextTokens).toBe(before.contextTokens)
  expect(turn?.items).toEqual(before.items)
  expect(await world.usage.sums(0)).toMatchObject([{ modelId: 'fake/fake-fast', calls: 3 }])
  await world.ask(thread, 'third')
  expect(thread.state().turns[2]?.calls?.[0]).toMatchObject({ connection: 'reused' })
})

test('[RHUD-5] what cannot be compared says why, and a comparison that fails says how', async () => {
  const world = await make([{ type: 'text', tokens: 5000, tokensPerSecond: 500 }])
  const thread = await world.newThread()
  const turnId = await thread.start('talk', { openPaths: [] }, performance.now())
  await expect(thread.requests.compare(turnId)).rejects.toMatchObject({ code: 'conflict' })
  thread.control.interrupt(turnId)
  await until(() => thread.state().turns[0]?.settledAt !== undefined)
  world.model.script = [{ match: /./, steps: [{ type: 'fault', fault: { type: 'status', status: 500 } }] }]
  await thread.requests.compare(turnId)
  expect(thread.state().turns[0]?.comparison).toMatchObject({ call: { status: 'failed' } })
  expect(thread.state().turns[0]?.comparison?.failure).not.toBe('')
  world.model.script = [{ match: /./, steps: [{ type: 'text', text: 'Yes.' }] }]
  await world.ask(thread, 'next')
  await expect(thread.requests.compare(turnId)).rejects.toMatchObject({ code: 'notFound' })
})
