/** Further to the right the small differences between a width that was measured and the drawn one would add up. */
const plainColumns = 300
/** Drawn lines may differ from counted ones by less than this, in pixels. */
const tolerance = 2

interface Range {
  left: number
  width: number
}

/** What Monaco keeps of a line it has drawn. */
interface RenderedLine {
  readonly domNode: object | null
  readonly input: {
    readonly lineContent: string
    readonly isBasicASCII: boolean
    readonly isLTR: boolean
    readonly spaceWidth: number
  }
  readonly _characterMapping: {
    readonly length: number
    /** Columns from the left, tabs as wide as they are. */
    getHorizontalOffset(column: number): number
  }
  /** 0 where nothing but text is in the line. */
  readonly _containsForeignElements?: number
}

/** A line as Monaco draws it. */
export interface LineOnPage {
  _renderedViewLine: RenderedLine | null
  getVisibleRangesForRange(
    lineNumber: number,
    startColumn: number,
    endColumn: number,
    context: object,
  ): { readonly outsideRenderedLine: boolean; readonly ranges: Range[] } | null
  getWidth(context: object | null): number
}

/** Widths of characters as Monaco measured them. */
export interface MeasuredFont {
  readonly spaceWidth: number
  readonly typicalHalfwidthCharacterWidth: number
  readonly maxDigitWidth: number
  readonly middotWidth: number
}

/**
 * Has places in lines of plain characters counted. Monaco can do so itself, but does it neither on Linux nor where one
 * arrow is wider than the letters: it asks the page where each line begins, and with that forces a layout in the middle
 * of each drawing. A line whose width is not the counted one ends it for its font. Returns what is to be told of fonts.
 */
export function countPlainLines(lines: LineOnPage): (font: MeasuredFont) => void {
  const { getVisibleRangesForRange, getWidth } = lines
  const evenWidths = new Set<number>()
  const refuted = new Set<number>()

  const isPlain = ({ domNode, input, _containsForeignElements }: RenderedLine) =>
    domNode !== null &&
    evenWidths.has(input.spaceWidth) &&
    input.isBasicASCII &&
    input.isLTR &&
    _containsForeignElements === 0 &&
    input.lineContent.length < plainColumns

  lines.getVisibleRangesForRange = function (lineNumber, startColumn, endColumn, context) {
    const line = this._renderedViewLine
    if (!line || !isPlain(line)) {
      return getVisibleRangesForRange.call(this, lineNumber, startColumn, endColumn, context)
    }
    const placeOf = (column: number) => {
      const inLine = Math.min(Math.max(column, 1), line.input.lineContent.length + 1)
      return line._characterMapping.getHorizontalOffset(inLine) * line.input.spaceWidth
    }
    const left = placeOf(startColumn)
    return { outsideRenderedLine: false, ranges: [{ left, width: placeOf(endColumn) - left }] }
  }

  lines.getWidth = function (context) {
    const width = getWidth.call(this, context)
    const line = this._renderedViewLine
    if (line && isPlain(line)) {
      const { length } = line._characterMapping
      const counted = line._characterMapping.getHorizontalOffset(length) * line.input.spaceWidth
      if (Math.abs(counted - width) >= tolerance) {
        refuted.add(line.input.spaceWidth)
        evenWidths.delete(line.input.spaceWidth)
      }
    }
    return width
  }

  return ({ spaceWidth, typicalHalfwidthCharacterWidth, maxDigitWidth, middotWidth }) => {
    const others = [typicalHalfwidthCharacterWidth, maxDigitWidth, middotWidth]
    const isEven = others.every((width) => Math.abs(width - spaceWidth) < 0.001)
    if (isEven && !refuted.has(spaceWidth)) evenWidths.add(spaceWidth)
  }
}
