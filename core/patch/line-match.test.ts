import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ExactSearch } from './line-match.ts'

test('[EDIT-15] places to the letter are the same with and without an index', () => {
  const lines = fc.array(fc.constantFrom('', 'a', 'b', '}'), { maxLength: 12 })
  const wanted = fc.array(fc.constantFrom('', 'a', 'b', '}'), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(lines, wanted, fc.nat(12), fc.nat(3), (text, old, from, limit) => {
      const search = new ExactSearch(text)
      const first = search.places(old, { from, limit })
      for (let again = 0; again < 4; again++) expect(search.places(old, { from, limit })).toEqual(first)
      const all = text
        .map((_, at) => at)
        .filter((at) => at >= from && old.every((line, by) => text[at + by] === line))
      expect(first).toEqual(all.length > limit ? [] : all)
    }),
  )
})
