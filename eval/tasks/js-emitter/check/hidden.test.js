import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Emitter } from '../src/emitter.js'

test('nobody is skipped', () => {
  const heard = []
  const emitter = new Emitter()
  emitter.once('a', () => heard.push(1))
  emitter.once('a', () => heard.push(2))
  emitter.on('a', () => heard.push(3))
  emitter.emit('a')
  emitter.emit('a')
  assert.deepEqual(heard, [1, 2, 3, 3])
})

test('once is once, also when it emits', () => {
  let calls = 0
  const emitter = new Emitter()
  emitter.once('a', () => {
    calls++
    emitter.emit('a')
  })
  emitter.emit('a')
  assert.equal(calls, 1)
})

test('who was taken off meanwhile does not hear it, who was added hears the next', () => {
  const heard = []
  const emitter = new Emitter()
  const second = () => heard.push('second')
  emitter.on('a', () => {
    emitter.off('a', second)
    emitter.on('a', () => heard.push('third'))
  })
  emitter.on('a', second)
  emitter.emit('a')
  assert.deepEqual(heard, [])
  emitter.emit('a')
  assert.deepEqual(heard, ['third'])
})

test('off knows what once was given, and nothing of what never listened', () => {
  const heard = []
  const emitter = new Emitter()
  const one = () => heard.push('one')
  emitter.once('a', one)
  emitter.on('a', () => heard.push('two'))
  emitter.off('a', () => {})
  emitter.off('a', one)
  emitter.emit('a')
  assert.deepEqual(heard, ['two'])
})

test('each listening ends by itself', () => {
  let calls = 0
  const listener = () => calls++
  const emitter = new Emitter()
  emitter.on('a', listener)
  const off = emitter.on('a', listener)
  off()
  off()
  emitter.emit('a')
  assert.equal(calls, 1)
})
