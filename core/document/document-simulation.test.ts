import { describe, expect, test } from 'vitest'
import { simulateDocument } from '../testing/document-simulation.ts'

const seeds = 2000
const parts = 4

/** Each part runs its own seeds; the run is the same wherever it is asked for. */
const partOf = (part: number) =>
  Array.from({ length: seeds / parts }, (_, index) => simulateDocument(part * (seeds / parts) + index + 1))

describe.each([0, 1, 2, 3])('part %i of the seeds', (part) => {
  const results = partOf(part)

  test('[DOC-1] all replicas end with the same text', () => {
    expect(results.filter((result) => !result.converged)).toEqual([])
  })

  test('[DOC-2] no character a person typed is lost', () => {
    expect(results.filter((result) => result.lostCharacters > 0)).toEqual([])
    expect(results.reduce((sum, result) => sum + result.typedCharacters, 0)).toBeGreaterThan(10_000)
  })

  test('[DOC-3] undo of all hunks leaves what people wrote, in its order, and nothing of the models', () => {
    expect(results.filter((result) => !result.undoExact)).toEqual([])
  })

  test('[DOC-4] and redo gives the text from before', () => {
    expect(results.flatMap((result) => result.problem ?? [])).toEqual([])
  })
})
