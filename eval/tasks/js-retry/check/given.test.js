import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retry } from '../src/retry.js'

test('waits twice as long each time, up to the most', async () => {
  const waits = []
  const sleep = async (ms) => waits.push(ms)
  let calls = 0
  const work = async () => {
    if (++calls < 5) throw new Error('not yet')
    return 'done'
  }
  assert.equal(await retry(work, { attempts: 5, baseMs: 10, maxMs: 50, sleep }), 'done')
  assert.deepEqual(waits, [10, 20, 40, 50])
})

test('gives up after as many attempts as were allowed', async () => {
  let calls = 0
  const work = async () => {
    calls++
    throw new Error(`failure ${calls}`)
  }
  await assert.rejects(retry(work, { attempts: 3, baseMs: 1, sleep: async () => {} }), /failure 3/)
  assert.equal(calls, 3)
})
