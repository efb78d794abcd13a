import { afterEach, expect, test } from 'vitest'
import { createWorld, until, type World } from '../testing/world.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

async function writing() {
  const world = await createWorld({})
  worlds.push(world)
  world.model.script = [
    {
      match: 'write',
      steps: [
        { type: 'text', text: 'x'.repeat(400) },
        { type: 'hold', until: new Promise(() => {}) },
      ],
    },
  ]
  const thread = await world.newThread()
  const turn = () => thread.state().turns.at(-1)
  const turnId = await thread.start('write', { openPaths: [] }, 0)
  await until(() => JSON.stringify(turn()?.items).includes('x'.repeat(400)))
  return { world, thread, turnId, turn }
}

test('[UPLINK-7] an answer that is stopped is cut upstream at once, and counted as well as can be', async () => {
  const { world, thread, turnId, turn } = await writing()
  const at = Number(process.hrtime.bigint()) / 1e6
  thread.control.interrupt(turnId)
  await until(() => turn()?.usage !== undefined)
  expect(turn()).toMatchObject({ status: 'interrupted', usageEstimated: true, usage: { outputTokens: 100 } })
  expect(turn()?.usage?.inputTokens).toBeGreaterThan(100)
  const request = world.model.requests.find(({ kind }) => kind === 'responses-websocket')
  await request?.over
  expect((request?.cutAt ?? Infinity) - at).toBeLessThan(500)
})

test('[UPLINK-7] so is one that is lost, and what the backend counted stays as it is', async () => {
  const { world, thread, turn } = await writing()
  world.model.dropConnections()
  await until(() => turn()?.usage !== undefined && turn()?.settledAt !== undefined)
  expect(turn()).toMatchObject({ status: 'failed', usageEstimated: true, usage: { outputTokens: 100 } })
  world.model.script = [{ match: /./, steps: [{ type: 'text', text: 'ok' }] }]
  const whole = await world.ask(thread, 'again')
  expect(whole.usage).toBeDefined()
  expect(whole.usageEstimated).toBeUndefined()
})
