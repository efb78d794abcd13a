import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCsv } from '../src/csv.ts'

test('reads plain rows', () => {
  assert.deepEqual(parseCsv('a,b\nc,d\n'), [
    ['a', 'b'],
    ['c', 'd'],
  ])
})

test('keeps commas in quotes', () => {
  assert.deepEqual(parseCsv('"a,1",b'), [['a,1', 'b']])
})
