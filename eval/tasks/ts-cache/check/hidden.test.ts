import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cache } from '../src/cache.ts'

const at = (max: number, ttlMs = 100) => {
  const clock = { ms: 0 }
  return { clock, cache: new Cache<string, number | undefined>({ max, ttlMs, now: () => clock.ms }) }
}

test('an entry is there until it is exactly as old as allowed', () => {
  const { clock, cache } = at(2)
  cache.set('a', 1)
  clock.ms = 99
  assert.equal(cache.get('a'), 1)
  clock.ms = 100
  assert.equal(cache.get('a'), undefined)
  assert.equal(cache.size, 0)
  assert.equal(cache.delete('a'), false)
})

test('the one used longest ago goes', () => {
  const { cache } = at(2)
  cache.set('a', 1)
  cache.set('b', 2)
  cache.get('a')
  cache.set('c', 3)
  assert.deepEqual([cache.has('a'), cache.has('b'), cache.has('c')], [true, false, true])
})

test('looking whether one is there is no use', () => {
  const { cache } = at(2)
  cache.set('a', 1)
  cache.set('b', 2)
  cache.has('a')
  cache.set('c', 3)
  assert.equal(cache.has('a'), false)
})

test('one that has run out goes before one that was used longer ago', () => {
  const { clock, cache } = at(2)
  cache.set('long', 1)
  clock.ms = 50
  cache.set('young', 2)
  clock.ms = 60
  cache.get('long')
  clock.ms = 110
  cache.set('new', 3)
  assert.deepEqual([cache.has('young'), cache.has('new'), cache.size], [true, true, 2])
})

test('replacing begins a new life and needs no room', () => {
  const { clock, cache } = at(2)
  cache.set('a', 1)
  cache.set('b', 2)
  clock.ms = 90
  cache.set('a', 4)
  assert.equal(cache.has('b'), true)
  clock.ms = 150
  assert.equal(cache.get('a'), 4)
})

test('asking makes nothing younger, and undefined is a value', () => {
  const { clock, cache } = at(2)
  cache.set('a', undefined)
  clock.ms = 60
  cache.get('a')
  assert.equal(cache.has('a'), true)
  clock.ms = 100
  assert.equal(cache.has('a'), false)
})
