import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitAt } from '../testing/edit-story.ts'
import { createJsonStringReader } from './json-string.ts'

function read(pieces: readonly string[], property = 'input'): string | { error: string } {
  const reader = createJsonStringReader(property)
  let text = ''
  for (const piece of pieces) {
    const part = reader.push(piece)
    if (!part.ok) return { error: part.error }
    text += part.value
  }
  const rest = reader.finish()
  return rest.ok ? text + rest.value : { error: rest.error }
}

const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 })
const text = fc.string({
  unit: fc.oneof(fc.constantFrom('\n', '"', '\\', '\u0007', '😀', '/'), fc.string({ unit: 'binary' })),
})

test('[EDIT-60] any split of the arguments gives the property as JSON.parse does', () => {
  const others = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 })
  fc.assert(
    fc.property(others, text, others, cuts, fc.boolean(), (before, input, after, at, pretty) => {
      const { input: _, ...rest } = after
      const json = JSON.stringify({ ...before, input, ...rest }, null, pretty ? 2 : 0)
      expect(read(splitAt(json, at))).toBe(input)
    }),
    { numRuns: 500 },
  )
})

test('[EDIT-60] each written form of a character is read, cut anywhere', () => {
  const json = String.raw`{"input" : "a\u00e9\ud83d\ude00\/\b\f\n\r\t\"\\z\u0041" }`
  const whole = 'aé😀/\b\f\n\r\t"\\zA'
  for (let at = 0; at <= json.length; at++) expect(read([json.slice(0, at), json.slice(at)])).toBe(whole)
  expect(read([...json])).toBe(whole)
})

test('[EDIT-61] half a surrogate pair is not handed over before the other half', () => {
  const reader = createJsonStringReader('input')
  expect(reader.push(String.raw`{"input":"a\ud83d`)).toEqual({ ok: true, value: 'a' })
  expect(reader.push(String.raw`\ude00`)).toEqual({ ok: true, value: '😀' })
  expect(reader.push('b\ud83d')).toEqual({ ok: true, value: 'b' })
  expect(reader.push('\ude00"}')).toEqual({ ok: true, value: '😀' })
})

test('[EDIT-62] what JSON.parse refuses is refused, in any split, and nothing else is', () => {
  const broken = fc
    .tuple(
      fc.jsonValue(),
      text,
      fc.nat(),
      fc.constantFrom('', '"', '}', ',', ':', '\\', '1', 'x', '\u0001', '['),
    )
    .map(([other, input, place, extra]) => {
      const json = JSON.stringify({ other, input })
      const at = place % json.length
      return json.slice(0, at) + extra + json.slice(at + 1)
    })
  fc.assert(
    fc.property(broken, cuts, (json, at) => {
      const whole = read([json])
      expect(read(splitAt(json, at))).toEqual(whole)
      const parsed = parse(json)
      if (parsed === undefined || typeof parsed.input !== 'string') expect(whole).toHaveProperty('error')
      else if (typeof whole === 'string') expect(whole).toBe(parsed.input)
      else expect(whole.error).toMatch(/twice|no string/)
    }),
    { numRuns: 1000 },
  )
})

test('[EDIT-62] a missing property, one that is no string and one that is there twice are errors', () => {
  expect(read(['{"other":"x"}'])).toEqual({
    error: 'The arguments are not the JSON they should be: it lacks "input".',
  })
  expect(read(['{"input":{"input":"x"}}'])).toEqual({
    error: 'The arguments are not the JSON they should be: "input" is no string.',
  })
  expect(read(['{"input":"x","input":"y"}'])).toEqual({
    error: 'The arguments are not the JSON they should be: "input" is there twice.',
  })
  expect(read(['[{"input":"x"}]'])).toHaveProperty('error')
  expect(read(['{"a":{"input":"inner"},"input":"outer"}'])).toBe('outer')
})

function parse(json: string): { input?: unknown } | undefined {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
