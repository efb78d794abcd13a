import { afterEach, expect, test } from 'vitest'
import type { FakeRequest } from '../../bench/fake-model/script.ts'
import { createWorld, type World } from '../testing/world.ts'
import { countTextTokens } from './tokenizer.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

const window = { contextWindow: 9000, maxOutputTokens: 1000 }
const noise = (seed: number, chars: number) =>
  Array.from(
    { length: Math.ceil(chars / 8) },
    (_, index) => `w${(seed * 7919 + index * 104_729) % 99_991} `,
  ).join('')
const isSummary = ({ body }: Pick<FakeRequest, 'body'>) => JSON.stringify(body).includes('<conversation>')

test('[RWINDOW-21] an API that condenses by itself is asked to; what it condensed is not sent again, the window counts without it, pins stay', async () => {
  const options = { window, countText: countTextTokens, traits: { compactsItself: true } }
  const world = await createWorld({}, options)
  worlds.push(world)
  let condensed = 0
  world.model.script = (request) => {
    const said = { type: 'text', text: `Heard ${request.userText.slice(0, 20)}` } as const
    const tokens = countTextTokens(JSON.stringify(request.history))
    const [{ compact_threshold: most = 0 } = {}] = (request.body.context_management ?? []) as {
      compact_threshold?: number
    }[]
    if (most === 0 || tokens < most) return [said]
    return [{ type: 'compaction', encrypted: `sealed ${++condensed}` }, said]
  }
  const thread = await world.newThread()
  await world.ask(thread, 'The magic word is xylophone.')
  const pinned = thread.state().turns[0]?.items.find(({ type }) => type === 'userMessage')
  if (pinned) await thread.compactor.pin(pinned.id, true)
  let most = 0
  for (let turn = 1; turn <= 14; turn++) {
    const { status, failure } = await world.ask(thread, `part ${turn}: ${noise(turn, 3000)}`)
    expect([turn, status, failure]).toEqual([turn, 'completed', undefined])
    const { history, summary } = await thread.requests.windowUse()
    most = Math.max(most, history + summary)
  }
  expect(condensed).toBeGreaterThan(1)
  expect(most).toBeLessThan(window.contextWindow)
  expect(world.model.refused).toBe(0)
  expect(world.model.requests.some(({ body }) => isSummary({ body: body ?? {} }))).toBe(false)
  // A connection that remembers nothing is sent the sealed summary, what is pinned and what followed.
  world.model.dropConnections()
  await new Promise((resolve) => setTimeout(resolve, 20))
  await world.ask(thread, 'last')
  const body = world.model.requests.at(-1)?.body
  const sent = JSON.stringify(body?.input)
  expect(body?.previous_response_id).toBeUndefined()
  expect(sent).toContain(`sealed ${condensed}`)
  expect(sent).toContain('xylophone')
  expect(sent).not.toContain(noise(2, 3000).slice(0, 200))
})
