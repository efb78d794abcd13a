import type { EditorPlace } from '../store/documents-slice.ts'
import type { CodeEditor } from './monaco.ts'

/** A selection longer than this is named by its lines, its text cut off: the prompt has the file anyway. */
const selectionChars = 20_000

/** Where the person is in the shown text. */
export function readPlace(code: CodeEditor): EditorPlace {
  const model = code.getModel()
  const selection = code.getSelection()
  if (!model || !selection) return { cursor: undefined, selection: undefined }
  const cursor = { line: selection.positionLineNumber, column: selection.positionColumn }
  if (selection.isEmpty()) return { cursor, selection: undefined }
  const from = model.getOffsetAt(selection.getStartPosition())
  const to = model.getOffsetAt(selection.getEndPosition())
  const end = model.getPositionAt(Math.min(to, from + selectionChars))
  const text = model.getValueInRange({
    startLineNumber: selection.startLineNumber,
    startColumn: selection.startColumn,
    endLineNumber: end.lineNumber,
    endColumn: end.column,
  })
  // A selection that ends before the first character of a line does not hold that line.
  const endLine =
    selection.endColumn === 1 && selection.endLineNumber > selection.startLineNumber
      ? selection.endLineNumber - 1
      : selection.endLineNumber
  return { cursor, selection: { startLine: selection.startLineNumber, endLine, text } }
}
