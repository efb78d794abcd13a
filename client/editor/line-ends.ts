import { columnsOf } from './flag-place.ts'
import type { CodeEditor, Monaco } from './monaco.ts'

/** No line is looked at further: by then there is no room beside it anyway. */
const readChars = 1000

/** In pixels from where lines begin, also when they are scrolled away to the left. */
interface LineEnds {
  /** As far as can be seen. */
  readonly roomPx: number
  /** Where a line's text ends in view, that of its last row; `undefined` where there is no such line. */
  endOf(lineNumber: number): { readonly px: number; readonly isWrapped: boolean } | undefined
}

/** Counted, not measured: to measure, the page would have to be laid out in the middle of being drawn. */
export function readLineEnds(code: CodeEditor, { EditorOption }: Monaco['editor']): LineEnds {
  const model = code.getModel()
  const columnPx = code.getOption(EditorOption.fontInfo).typicalHalfwidthCharacterWidth
  const { contentWidth, verticalScrollbarWidth } = code.getLayoutInfo()
  const { wrappingColumn } = code.getOption(EditorOption.wrappingInfo)
  const tabSize = model?.getOptions().tabSize ?? 2
  const scrolledPx = code.getScrollLeft()
  return {
    roomPx: contentWidth - verticalScrollbarWidth + scrolledPx,
    endOf(lineNumber) {
      if (!model || lineNumber < 1 || lineNumber > model.getLineCount()) return undefined
      const columns = columnsOf(model.getLineContent(lineNumber).slice(0, readChars), tabSize)
      const isWrapped = wrappingColumn > 0 && columns > wrappingColumn
      const lastRow = isWrapped ? columns % wrappingColumn : columns
      return { px: Math.max(scrolledPx, lastRow * columnPx), isWrapped }
    },
  }
}
