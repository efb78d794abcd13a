import { expect, test } from 'vitest'
import { seededRandom } from '../../core/lib/random.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { ManualTimers } from '../testing/manual-timers.ts'
import { type Attempt, type EffectKind, Outbox, type Settled } from './outbox.ts'

async function wanting(...ids: readonly string[]): Promise<Store> {
  const store = createMemoryStore()
  await store.addJobs([{ id: 'job_a', head: '', body: '' }])
  const effects = ids.map((id) => ({ id, body: '{}' }))
  await store.writeJob('job_a', {
    fence: await store.claimJob('job_a'),
    from: '',
    head: '',
    body: '',
    effects,
  })
  return store
}

interface Story {
  readonly performed: string[]
  readonly settled: (Settled & { readonly id: string })[]
  readonly timers: ManualTimers
  readonly outbox: Outbox
}

/** A server that looks after the store; `dies` names the moment at which it does. */
function serve(
  store: Store,
  kind: Partial<EffectKind> & { readonly attempt?: (nth: number) => Attempt },
  dies?: 'sending' | 'performed' | 'settled',
): Story {
  const performed: string[] = []
  const settled: Story['settled'] = []
  const timers = new ManualTimers()
  const { attempt = () => ({ is: 'done' }), ...own } = kind
  const outbox = new Outbox({
    store,
    timers,
    clock: timers.clock,
    random: seededRandom(1),
    onBug: (error) => {
      throw error
    },
    crash: (point) => (point === dies ? new Promise(() => undefined) : Promise.resolve()),
    kindOf: () => ({
      isRepeatable: true,
      attempts: 3,
      async perform({ id }) {
        performed.push(id)
        return attempt(performed.length)
      },
      async settled({ id }, how) {
        settled.push({ id, ...how })
      },
      ...own,
    }),
  })
  return { performed, settled, timers, outbox }
}

/** Lets everything happen that needs no time. */
async function calm({ timers }: Story): Promise<void> {
  for (let i = 0; i < 40; i++) {
    timers.settle()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('[NOTIFY-5] each effect is done once and told of, and one that fails is tried again after longer and longer waits, up to a bound', async () => {
  const store = await wanting('a', 'b')
  const story = serve(store, { attempt: () => ({ is: 'later', problem: 'busy' }) })
  const { outbox, performed, settled, timers } = story
  await outbox.start()
  await calm(story)
  expect(performed.toSorted()).toEqual(['a', 'b'])
  const [first] = await store.readEffects()
  expect(first?.due).toBeGreaterThan(timers.clock.now())
  for (let i = 0; i < 8; i++) {
    timers.advance(60_000)
    await calm(story)
  }
  expect(performed.filter((id) => id === 'a')).toHaveLength(3)
  expect(settled.map(({ id, is }) => `${id} ${is}`).toSorted()).toEqual(['a failed', 'b failed'])
  expect(await store.readEffects()).toEqual([])
})

test('[NOTIFY-6] a server that dies at any moment is followed by one that does a repeatable effect again, under the same id', async () => {
  for (const point of ['sending', 'performed', 'settled'] as const) {
    const store = await wanting('a')
    const first = serve(store, {}, point)
    await first.outbox.start()
    await calm(first)
    const second = serve(store, {})
    await second.outbox.start()
    await calm(second)
    const all = [...first.performed, ...second.performed]
    expect([point, new Set(all)]).toEqual([point, new Set(['a'])])
    expect(second.settled).toEqual([{ id: 'a', is: 'done' }])
    expect(await store.readEffects()).toEqual([])
  }
})

test('[NOTIFY-7] what cannot be repeated and may have been done is looked for, and a person is asked when that does not tell', async () => {
  const store = await wanting('a')
  const first = serve(store, { isRepeatable: false }, 'performed')
  await first.outbox.start()
  await calm(first)
  const blind = serve(store, { isRepeatable: false })
  await blind.outbox.start()
  await calm(blind)
  expect([first.performed, blind.performed]).toEqual([['a'], []])
  expect(blind.settled).toMatchObject([{ id: 'a', is: 'doubt' }])
  expect(await store.readEffects()).toMatchObject([{ state: 'doubt' }])
  await blind.outbox.decide('a', 'again')
  await calm(blind)
  expect(blind.performed).toEqual(['a'])
  expect(await store.readEffects()).toEqual([])

  const other = await wanting('b')
  const dying = serve(other, { isRepeatable: false }, 'performed')
  await dying.outbox.start()
  await calm(dying)
  const looking = serve(other, { isRepeatable: false, look: async () => ({ is: 'done', result: 'there' }) })
  await looking.outbox.start()
  await calm(looking)
  expect([looking.performed, looking.settled]).toEqual([[], [{ id: 'b', is: 'done', result: 'there' }]])
})
