import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { decodeChangeSet, encodeChangeSet, mergeChangeSets } from './change-set.ts'
import { encodeDocumentFrame, parseDocumentFrame } from './frames.ts'
import { type IdRange, intersect, subtract, toIdRanges, unite } from './id-ranges.ts'

const ranges = fc
  .array(fc.record({ client: fc.nat(3), clock: fc.nat(40), length: fc.nat(8) }))
  .map((found) => toIdRanges(found))
const ids = (found: readonly IdRange[]) =>
  new Set(
    found.flatMap(({ client, clock, length }) =>
      Array.from({ length }, (_, index) => `${client}.${clock + index}`),
    ),
  )

describe('sets of ids', () => {
  test('[DOC-13] union, intersection and difference are those of sets', () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        const inBoth = [...ids(a)].filter((id) => ids(b).has(id))
        expect(ids(unite(a, b))).toEqual(new Set([...ids(a), ...ids(b)]))
        expect(ids(intersect(a, b))).toEqual(new Set(inBoth))
        expect(ids(subtract(a, b))).toEqual(new Set([...ids(a)].filter((id) => !ids(b).has(id))))
        for (const result of [unite(a, b), intersect(a, b), subtract(a, b)]) {
          expect(toIdRanges(result)).toEqual(result)
        }
      }),
    )
  })

  test('[DOC-13] base64 is that of Node', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
        expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes)
      }),
    )
    expect(decodeBase64('a')).toBeUndefined()
    expect(decodeBase64('a$==')).toBeUndefined()
  })
})

describe('change set', () => {
  test('[DOC-10] is the same after encoding', () => {
    fc.assert(
      fc.property(ranges, ranges, (insertions, deletions) => {
        const changes = { insertions, deletions }
        expect(decodeChangeSet(encodeChangeSet(changes))).toEqual(changes)
      }),
    )
  })

  test('[DOC-10] text that is none is refused', () => {
    for (const text of ['?', 'AAA', 'AAAAAA==', '//8=']) expect(decodeChangeSet(text)).toBeUndefined()
  })

  test('[DOC-10] what the first wrote and the second deleted is no deletion of both', () => {
    const first = { insertions: [{ client: 1, clock: 0, length: 4 }], deletions: [] }
    const second = { insertions: [], deletions: [{ client: 1, clock: 2, length: 4 }] }
    expect(mergeChangeSets(first, second)).toEqual({
      insertions: [{ client: 1, clock: 0, length: 4 }],
      deletions: [{ client: 1, clock: 4, length: 2 }],
    })
  })
})

describe('document frame', () => {
  test('[DOC-14] survives the wire; other bytes are refused', () => {
    const update = Uint8Array.from([1, 2, 3])
    for (const frame of [
      { type: 'sync', handle: 3, number: 700, update },
      { type: 'ack', handle: 1, number: 0 },
      { type: 'awareness', handle: 9, update },
    ] as const) {
      expect(parseDocumentFrame(encodeDocumentFrame(frame))).toEqual(frame)
    }
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseDocumentFrame(bytes)))
    expect(parseDocumentFrame(new Uint8Array())).toBeUndefined()
    expect(parseDocumentFrame(Uint8Array.from([7, 1, 1]))).toBeUndefined()
  })
})
