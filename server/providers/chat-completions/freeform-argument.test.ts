import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FreeformArgument, freeformInput } from './freeform-argument.ts'

describe('the argument of a flattened freeform tool', () => {
  it('[PROV-2] gives the same text for any split of the arguments', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', 'é', '世', '👋', '\u2028', '{') })
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 20 }), (value, places) => {
        const json = JSON.stringify({ input: value })
        const at = [...new Set(places.map((place) => place % (json.length + 1)))].sort((a, b) => a - b)
        const reader = new FreeformArgument()
        const pieces = [0, ...at].map((from, index) => json.slice(from, at[index] ?? json.length))
        expect(pieces.map((piece) => reader.push(piece)).join('')).toBe(value)
        expect(freeformInput(json)).toBe(value)
      }),
    )
  })

  it('[PROV-2] takes what a model wrote instead of the arguments asked for', () => {
    expect(new FreeformArgument().push('*** Begin')).toBe('')
    expect(freeformInput('*** Begin Patch\n')).toBe('*** Begin Patch\n')
    expect(freeformInput('"raw"')).toBe('raw')
  })
})
