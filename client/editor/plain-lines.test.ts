import { expect, test } from 'vitest'
import { countPlainLines, type LineOnPage } from './plain-lines.ts'

const even = { spaceWidth: 8, typicalHalfwidthCharacterWidth: 8, maxDigitWidth: 8, middotWidth: 8 }

/** Lines that answer with what they read from the page: `-1`, and their drawn width. */
function setUp() {
  let readings = 0
  const lines: LineOnPage = {
    _renderedViewLine: null,
    getVisibleRangesForRange() {
      readings++
      return { outsideRenderedLine: false, ranges: [{ left: -1, width: -1 }] }
    },
    getWidth: () => 0,
  }
  const drawnWidths = new Map<object, number>()
  lines.getWidth = function () {
    return drawnWidths.get(this) ?? 0
  }
  const learn = countPlainLines(lines)
  /** `offsets`: columns from the left before each character and after the last. */
  function line(
    text: string,
    drawn: { readonly width?: number; readonly foreign?: number } = {},
  ): LineOnPage {
    const offsets = [0]
    for (const character of text) {
      const last = offsets.at(-1) ?? 0
      offsets.push(character === '\t' ? last + 4 - (last % 4) : last + 1)
    }
    const made: LineOnPage = Object.create(lines)
    made._renderedViewLine = {
      domNode: {},
      input: {
        lineContent: text,
        isBasicASCII: /^[\t -~]*$/.test(text),
        isLTR: true,
        spaceWidth: 8,
      },
      _characterMapping: {
        length: offsets.length,
        getHorizontalOffset: (column) => offsets[column - 1] ?? Number.NaN,
      },
      _containsForeignElements: drawn.foreign ?? 0,
    }
    drawnWidths.set(made, drawn.width ?? (offsets.at(-1) ?? 0) * 8)
    return made
  }
  const place = (of: LineOnPage, from: number, to: number) =>
    of.getVisibleRangesForRange(1, from, to, {})?.ranges
  return { learn, line, place, readings: () => readings }
}

test('[FRAME-22] in a plain line of a font with one width places are counted, tabs as wide as they are', () => {
  const { learn, line, place, readings } = setUp()
  learn(even)
  const code = line('\ta = 1')
  expect(place(code, 1, 2)).toEqual([{ left: 0, width: 32 }])
  expect(place(code, 2, 5)).toEqual([{ left: 32, width: 24 }])
  expect(place(code, 0, 99)).toEqual([{ left: 0, width: 72 }])
  expect(place(line(''), 1, 1)).toEqual([{ left: 0, width: 0 }])
  expect(readings()).toBe(0)
})

test('[FRAME-22] other characters, other elements, long lines and fonts of many widths are read from the page', () => {
  const { learn, line, place, readings } = setUp()
  const code = line('let a')
  place(code, 1, 2)
  learn({ ...even, middotWidth: 13 })
  place(code, 1, 2)
  expect(readings()).toBe(2)
  learn(even)
  place(code, 1, 2)
  expect(readings()).toBe(2)
  place(line('你好'), 1, 2)
  place(line('let a', { foreign: 1 }), 1, 2)
  place(line('x'.repeat(300)), 1, 2)
  expect(readings()).toBe(5)
})

test('[FRAME-22] a line that is drawn wider or narrower than counted ends the counting for its font', () => {
  const { learn, line, place, readings } = setUp()
  learn(even)
  const code = line('let a')
  expect(code.getWidth(null)).toBe(40)
  place(code, 1, 2)
  expect(readings()).toBe(0)
  line('let b', { width: 43 }).getWidth(null)
  place(code, 1, 2)
  expect(readings()).toBe(1)
  learn(even)
  place(code, 1, 2)
  expect(readings()).toBe(2)
})
