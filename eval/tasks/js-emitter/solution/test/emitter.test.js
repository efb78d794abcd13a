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

test('skips nobody when one takes itself off', () => {
  const heard = []
  const emitter = new Emitter()
  const off = emitter.on('a', () => off())
  emitter.on('a', () => heard.push('second'))
  emitter.emit('a')
  assert.deepEqual(heard, ['second'])
})
