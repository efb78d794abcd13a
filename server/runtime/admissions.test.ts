import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Turn } from '../../core/protocol/turn.ts'
import { readConfig } from '../config.ts'
import { ManualTimers } from '../testing/manual-timers.ts'
import { createWorld, until } from '../testing/world.ts'
import { Admissions, type Place, type Ticket } from './admissions.ts'

function line(limits: ConstructorParameters<typeof Admissions>[0]['limits']) {
  const timers = new ManualTimers()
  const admissions = new Admissions({ clock: timers.clock, timers, limits })
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
  third.interrupt(await asked)
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
