import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Turn } from '../../core/protocol/turn.ts'
import { readConfig } from '../config.ts'
import { ManualTimers } from '../testing/manual-timers.ts'
import { createWorld, until } from '../testing/world.ts'
import { Admissions, type Place, type Ticket } from './admissions.ts'

function line(
  limits: ConstructorParameters<typeof Admissions>[0]['limits'],
  pools: Readonly<Record<string, string>> = {},
) {
  const timers = new ManualTimers()
  const admissions = new Admissions({ clock: timers.clock, timers, limits, pools })
  const begun: string[] = []
  const places: Record<string, Place[]> = {}
  const ask = (user: string, tokens = 100, modelId = 'a/m') => {
    let ticket: Ticket | undefined
    const name = `${user} ${begun.length}`
    const waiting = admissions.ask({
      modelId,
      user,
      work: 'live',
      tokens: () => tokens,
      onWaiting: (place) => {
        places[user] = [...(places[user] ?? []), place]
      },
      onAdmitted: (given) => {
        ticket = given
        begun.push(name)
      },
    })
    return { end: (used?: number) => (ticket ?? waiting).end(used) }
  }
  return { timers, admissions, begun, places, ask }
}

test('[RADMIT-1] a model without bounds is asked in the same tick, and what it costs is not even counted', () => {
  const { admissions } = line({ 'a/m': { concurrent: 1 } })
  let begun = false
  admissions.ask({
    modelId: 'b/free',
    user: 'u',
    work: 'live',
    tokens: () => {
      throw new Error('nobody asks')
    },
    onWaiting: () => {},
    onAdmitted: (_, waited) => {
      begun = !waited
    },
  })
  expect(begun).toBe(true)
})

test('[RADMIT-2] who waits is told the place and when it begins, and begins by time or when another ends', () => {
  const { timers, begun, places, ask } = line({ 'a/m': { requestsPerMinute: 60, concurrent: 60 } })
  for (let index = 0; index < 60; index++) ask('first')
  expect(begun).toHaveLength(60)
  ask('second')
  expect(places.second).toEqual([{ position: 1, readyAt: expect.any(Number) }])
  timers.advance(1000)
  // Time alone is not enough: all calls are taken.
  expect(begun).toHaveLength(60)
  const few = line({ 'a/m': { concurrent: 1 } })
  const one = few.ask('first')
  few.ask('second')
  one.end()
  one.end()
  expect(few.begun).toHaveLength(2)
})

test('[RADMIT-2] one that leaves the line lets those behind it move up', () => {
  const { timers, begun, places, ask } = line({ 'a/m': { concurrent: 1 } })
  const one = ask('one')
  const two = ask('two')
  ask('three')
  timers.advance(250)
  expect(places.three?.map(({ position }) => position)).toEqual([2])
  two.end()
  timers.advance(250)
  expect(places.three?.map(({ position }) => position)).toEqual([2, 1])
  one.end()
  expect(begun).toHaveLength(2)
})

test('[RADMIT-3] a turn that waits says so, begins when the one before it ends, and is over for the pool when it ends', async () => {
  const world = await createWorld({}, { limits: { 'fake/fake-fast': { concurrent: 1 } } })
  const release = Promise.withResolvers<void>()
  world.model.script = () => [
    { type: 'hold', until: release.promise },
    { type: 'text', text: 'Done.' },
  ]
  const threads = [await world.newThread(), await world.newThread(), await world.newThread()] as const
  const [first, second, third] = threads
  await first.start('one', { openPaths: [] }, 0)
  await second.start('two', { openPaths: [] }, 0)
  const asked = third.start('three', { openPaths: [] }, 0)
  const turn = (thread: (typeof threads)[number]): Turn | undefined => thread.state().turns.at(-1)
  await until(() => turn(third)?.waiting !== undefined)
  expect(turn(second)).toMatchObject({ status: 'running', waiting: { position: 1 } })
  expect(turn(third)?.waiting?.position).toBe(2)
  expect(world.model.requests.filter(({ kind }) => kind === 'responses-websocket')).toHaveLength(1)
  third.control.interrupt(await asked)
  expect(turn(third)).toMatchObject({ status: 'interrupted' })
  expect(turn(third)?.waiting).toBeUndefined()
  release.resolve()
  await until(() => turn(second)?.settledAt !== undefined)
  expect(turn(second)).toMatchObject({ status: 'completed' })
  expect(turn(second)?.waiting).toBeUndefined()
  // Neither the one that ended nor the one that was stopped holds a place.
  expect(await world.ask(third, 'again')).toMatchObject({ status: 'completed' })
  expect(world.bugs).toEqual([])
  await world.close()
})

test('[RADMIT-4] bounds are read from the file', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'tandem-limits-')), 'tandem.config.json')
  const limits = {
    'cerebras/gpt-oss-120b': { requestsPerMinute: 30, tokensPerMinute: 60_000, concurrent: 4 },
  }
  writeFileSync(file, JSON.stringify({ limits }))
  expect(readConfig(['--config', file], {}).limits).toEqual(limits)
  expect(readConfig([], {}).limits).toEqual({})
  writeFileSync(file, JSON.stringify({ limits: { 'a/m': { concurrent: 0 } } }))
  expect(() => readConfig(['--config', file], {})).toThrow(/limits.a\/m.concurrent/)
})

test('[RADMIT-25] models of one key share a pool, by name; what it has left is told for each of them', () => {
  const pools = { a: 'team', 'b/n': 'team' }
  const { begun, ask, admissions } = line({ team: { concurrent: 2 } }, pools)
  ask('one', 100, 'a/m')
  ask('two', 100, 'b/n')
  const third = ask('three', 100, 'a/other')
  ask('four', 100, 'b/free')
  expect(begun).toHaveLength(3)
  expect(admissions.view('b/n')).toMatchObject({ modelId: 'b/n', pool: 'team', running: 2, waiting: 1 })
  expect(admissions.waitMs({ modelId: 'a/x', user: 'u', work: 'live', tokens: 1 })).toBeGreaterThan(0)
  third.end()
  expect(admissions.view('a/m')).toMatchObject({ waiting: 0 })
})

test('[RADMIT-25] pools and bounds by kind of work and user are read from the file; bounds of a model in a pool stop the start', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'tandem-pools-')), 'tandem.config.json')
  const provider = { api: 'chat', baseUrl: 'http://127.0.0.1:1/v1' } as const
  const providers = [
    { ...provider, id: 'a', pool: 'team' },
    { ...provider, id: 'b', models: [{ id: 'n', pool: 'team' }, { id: 'free' }] },
  ]
  const limits = {
    team: {
      concurrent: 8,
      live: { concurrent: 6 },
      background: { concurrent: 2 },
      perUser: { requestsPerMinute: 20 },
    },
  }
  writeFileSync(file, JSON.stringify({ providers, limits }))
  const config = readConfig(['--config', file], {})
  expect([config.limits, config.pools]).toEqual([limits, { a: 'team', 'b/n': 'team' }])
  writeFileSync(file, JSON.stringify({ providers, limits: { 'a/any': { concurrent: 1 } } }))
  expect(() => readConfig(['--config', file], {})).toThrow('limits: a/any shares the pool team')
})

test('[RADMIT-26] a Live turn takes what background work does not use, and what is left is told by kind of work', async () => {
  const world = await createWorld(
    {},
    { limits: { 'fake/fake-fast': { live: { concurrent: 2 }, background: { concurrent: 1 } } } },
  )
  const release = Promise.withResolvers<void>()
  world.model.script = () => [
    { type: 'hold', until: release.promise },
    { type: 'text', text: 'Done.' },
  ]
  const [first, second, third] = [await world.newThread(), await world.newThread(), await world.newThread()]
  for (const thread of [first, second]) await thread?.start('hello', { openPaths: [] }, 0)
  await third?.start('hello', { openPaths: [] }, 0)
  // The idle share of background work is lent.
  await until(() => third?.state().turns.at(-1)?.waiting === undefined)
  const limits = await first?.requests.limits([])
  expect(limits?.pool.bounds.map(({ of, what, left }) => [of, what, left])).toEqual([
    ['live', 'calls', 0],
    ['background', 'calls', 0],
  ])
  release.resolve()
  for (const thread of [first, second, third])
    await until(() => thread?.state().turns.at(-1)?.settledAt !== undefined)
  expect(world.bugs).toEqual([])
  await world.close()
})
