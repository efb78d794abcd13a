import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCsv } from '../src/csv.ts'

test('line breaks and doubled quotes inside of quotes', () => {
  assert.deepEqual(parseCsv('"a\nb","say ""hi"""\r\nc,d\r\n'), [
    ['a\nb', 'say "hi"'],
    ['c', 'd'],
  ])
})

test('empty fields and empty rows are kept, an end of line adds none', () => {
  assert.deepEqual(parseCsv(',\n\n"",x'), [['', ''], [''], ['', 'x']])
  assert.deepEqual(parseCsv('a,'), [['a', '']])
  assert.deepEqual(parseCsv(''), [])
})

test('line breaks in quotes stay as they are', () => {
  assert.deepEqual(parseCsv('"a\r\nb"'), [['a\r\nb']])
})

test('a quote that is never closed names the line it began in', () => {
  assert.throws(() => parseCsv('a\n"b\nc\nd'), /\b2\b/)
})
