import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retry } from '../src/retry.js'

test('an abort in the middle of a wait ends it at once', async () => {
  const stop = new AbortController()
  const startedAt = Date.now()
  const failing = async () => {
    throw new Error('never')
  }
  setTimeout(() => stop.abort(new Error('enough')), 30)
  await assert.rejects(retry(failing, { attempts: 9, baseMs: 5000, maxMs: 5000, signal: stop.signal }), /enough/)
  assert.ok(Date.now() - startedAt < 2000)
})

test('nothing is called once it is aborted', async () => {
  let calls = 0
  await assert.rejects(retry(async () => ++calls, { signal: AbortSignal.abort(new Error('no')) }), /no/)
  assert.equal(calls, 0)
})

test('an error that says so is not tried again', async () => {
  let calls = 0
  const work = async () => {
    calls++
    throw Object.assign(new Error('wrong key'), { retriable: false })
  }
  await assert.rejects(retry(work, { sleep: async () => {} }), /wrong key/)
  assert.equal(calls, 1)
})

test('no wait comes behind the last attempt', async () => {
  const waits = []
  const work = async () => {
    throw new Error('no')
  }
  await assert.rejects(retry(work, { attempts: 2, baseMs: 7, sleep: async (ms) => waits.push(ms) }))
  assert.deepEqual(waits, [7])
})
