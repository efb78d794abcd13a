import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Emitter } from '../src/emitter.js'

test('tells those who listen', () => {
  const heard = []
  const emitter = new Emitter()
  emitter.on('a', (value) => heard.push(value))
  emitter.emit('a', 1)
  assert.deepEqual(heard, [1])
})
