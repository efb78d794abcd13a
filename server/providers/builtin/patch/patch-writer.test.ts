import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyOwnPatch } from './check-patch.ts'
import { diffLines } from './line-diff.ts'
import { splitLines, writePatch } from './patch-writer.ts'

const withEnd = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)
const apply = (before: string, after: string): string | undefined =>
  applyOwnPatch(writePatch([{ path: 'a.txt', before, after }]), () => before)?.get('a.txt')

// Few distinct lines, so that most contexts occur several times.
const lines = fc.array(fc.constantFrom('a', 'b', '  }', '', '@@', '+x', '*** x', 'return x'), {
  maxLength: 60,
})

describe('patches', () => {
  it('[BUILTIN-8] a patch turns the old text into the new one, however alike its lines are', () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const [one, two] = [before.join('\n'), after.join('\n')].map(withEnd)
        if (one === two || one === undefined || two === undefined) return
        if (splitLines(one).join() === splitLines(two).join()) return
        expect(apply(one, two)).toBe(two)
      }),
      { numRuns: 400, seed: 7 },
    )
  })

  it('[BUILTIN-8] a small change in a long text gives a small hunk in the right place', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', '}', ''), { minLength: 40, maxLength: 120 }),
        fc.nat(),
        (before, where) => {
          const after = before.map((line, index) =>
            index === where % before.length ? `${line} changed` : line,
          )
          const one = `${before.join('\n')}\n`
          expect(apply(one, `${after.join('\n')}\n`)).toBe(`${after.join('\n')}\n`)
        },
      ),
      { numRuns: 400, seed: 8 },
    )
  })

  it('[BUILTIN-8] changes far apart are hunks of their own with three lines of context', () => {
    const before = Array.from({ length: 30 }, (_, i) => `line ${i}`)
    const after = before.with(5, 'five').with(25, 'twenty-five')
    const text = (all: readonly string[]): string => `${all.join('\n')}\n`
    expect(writePatch([{ path: 'a.txt', before: text(before), after: text(after) }])).toBe(
      [
        '*** Begin Patch',
        '*** Update File: a.txt',
        '@@',
        ...[' line 2', ' line 3', ' line 4', '-line 5', '+five', ' line 6', ' line 7', ' line 8'],
        '@@',
        ...[
          ' line 22',
          ' line 23',
          ' line 24',
          '-line 25',
          '+twenty-five',
          ' line 26',
          ' line 27',
          ' line 28',
        ],
        '*** End Patch',
      ].join('\n'),
    )
  })

  it('[BUILTIN-8] finds the fewest differences between texts of different length', () => {
    expect(diffLines(['a', 'b', 'c'], ['a', 'b', 'new', 'c'])).toEqual([
      { oldStart: 2, oldEnd: 2, newStart: 2, newEnd: 3 },
    ])
  })
})
