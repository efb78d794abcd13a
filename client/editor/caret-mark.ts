import type { editor } from 'monaco-editor/editor'

/**
 * How a caret that is not the person's own is drawn. It lies in the layer behind the text: an element in the line
 * would have Monaco read that line's places back from the page, a layout in the middle of each drawing.
 */
export function caretMark(className: string): editor.IModelDecorationOptions {
  // It goes along with what is written at it, between two drawings too.
  return { className, stickiness: 3 }
}

interface Place {
  readonly lineNumber: number
  readonly column: number
}

/** Where a model's words appear, of where its text ends: a last line's end is there before its words. */
export function tipOf(model: editor.ITextModel, end: Place): Place {
  if (end.column > 1 || end.lineNumber === 1) return end
  const lineNumber = end.lineNumber - 1
  return { lineNumber, column: model.getLineMaxColumn(lineNumber) }
}
