import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FreeformArgument } from './freeform-argument.ts'

function read(pieces: readonly string[]): { streamed: string; value: string } {
  const reader = new FreeformArgument()
  const streamed = pieces.map((piece) => reader.push(piece)).join('')
  return { streamed, value: reader.value() }
}

describe('the argument of a flattened freeform tool', () => {
  it('[PROV-2] gives the same text for any split of the arguments', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\t', 'é', '世', '👋', '\u2028', '{', '}') })
    fc.assert(
      fc.property(text, fc.boolean(), fc.array(fc.nat(), { maxLength: 20 }), (value, ascii, places) => {
        const plain = JSON.stringify({ input: value })
        const json = ascii
          ? plain.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
          : plain
        const at = [...new Set(places.map((place) => place % (json.length + 1)))].sort((a, b) => a - b)
        const pieces = [0, ...at].map((from, index) => json.slice(from, at[index] ?? json.length))
        expect(read(pieces)).toEqual({ streamed: value, value })
      }),
    )
  })

  it('[PROV-2] never gives half of a surrogate pair', () => {
    const reader = new FreeformArgument()
    expect(reader.push('{"input":"\\ud83d')).toBe('')
    expect(reader.push('\\ude00!"}')).toBe('😀!')
  })

  it('[PROV-2] takes what a model wrote instead of the arguments asked for', () => {
    expect(read(['{"patch": "*** Begin Patch"}']).streamed).toBe('*** Begin Patch')
    expect(read(['*** Begin Patch\n']).value).toBe('*** Begin Patch\n')
    expect(read(['"raw"']).value).toBe('raw')
    expect(read(['{"dry":true,"input":"x"}'])).toEqual({ streamed: 'x', value: 'x' })
  })
})
