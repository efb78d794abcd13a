import type { editor } from 'monaco-editor/editor'
import type { BoundView, Places } from './binding.ts'

export interface ViewEvents {
  /** An IME composition has ended. */
  composed(): void
  /** Others' text was applied, the last of it at `offset`, and is about to be drawn. */
  applied(offset: number): void
}

/** Monaco's editor as the binding wants it. */
export function asBoundView(
  code: editor.IStandaloneCodeEditor,
  events: ViewEvents,
): BoundView & { dispose(): void } {
  let composing = false
  const subscriptions = [
    code.onDidCompositionStart(() => {
      composing = true
    }),
    code.onDidCompositionEnd(() => {
      composing = false
      events.composed()
    }),
  ]
  return {
    capture: () => capture(code),
    restore: (places) => restore(code, places, { caret: !composing }),
    draw(offset) {
      events.applied(offset)
      code.render()
    },
    composition() {
      const model = code.getModel()
      const selection = composing ? code.getSelection() : null
      if (!model || !selection) return undefined
      const { startLineNumber, endLineNumber } = selection
      return {
        from: model.getOffsetAt({ lineNumber: startLineNumber, column: 1 }),
        to: model.getOffsetAt({ lineNumber: endLineNumber, column: model.getLineMaxColumn(endLineNumber) }),
      }
    },
    reveal(offset) {
      const position = code.getModel()?.getPositionAt(offset)
      if (!position) return
      code.setPosition(position)
      code.revealPositionInCenterIfOutsideViewport(position)
    },
    dispose() {
      for (const subscription of subscriptions) subscription.dispose()
    },
  }
}

/** All of the line's height can be seen. */
export function isLineInView(code: editor.IStandaloneCodeEditor, line: number): boolean {
  const { height, horizontalScrollbarHeight } = code.getLayoutInfo()
  const top = code.getTopForLineNumber(line) - code.getScrollTop()
  const bottom = code.getBottomForLineNumber(line) - code.getScrollTop()
  return top >= 0 && bottom <= height - horizontalScrollbarHeight
}

function capture(code: editor.IStandaloneCodeEditor): Places {
  const model = code.getModel()
  if (!model) return { selections: [], top: { offset: 0, hidden: 0 } }
  const first = code.getVisibleRanges()[0]?.startLineNumber ?? 1
  // Room between two lines belongs to the one above: what is written below must not move it.
  const isRoom = first > 1 && code.getScrollTop() < code.getTopForLineNumber(first)
  const line = isRoom ? first - 1 : first
  return {
    selections: (code.getSelections() ?? []).map((selection) => ({
      anchor: model.getOffsetAt({
        lineNumber: selection.selectionStartLineNumber,
        column: selection.selectionStartColumn,
      }),
      active: model.getOffsetAt({
        lineNumber: selection.positionLineNumber,
        column: selection.positionColumn,
      }),
    })),
    top: {
      offset: model.getOffsetAt({ lineNumber: line, column: 1 }),
      hidden: code.getScrollTop() - code.getTopForLineNumber(line),
    },
  }
}

/** Touches nothing that is already so: setting a selection closes suggestions. */
function restore(code: editor.IStandaloneCodeEditor, places: Places, { caret }: { caret: boolean }): void {
  const model = code.getModel()
  if (!model) return
  if (caret && places.selections.length > 0) {
    const wanted = places.selections.map(({ anchor, active }) => {
      const from = model.getPositionAt(anchor)
      const to = model.getPositionAt(active)
      return {
        selectionStartLineNumber: from.lineNumber,
        selectionStartColumn: from.column,
        positionLineNumber: to.lineNumber,
        positionColumn: to.column,
      }
    })
    const present = code.getSelections() ?? []
    const same =
      present.length === wanted.length &&
      wanted.every((selection, index) => {
        const other = present[index]
        return (
          other?.selectionStartLineNumber === selection.selectionStartLineNumber &&
          other.selectionStartColumn === selection.selectionStartColumn &&
          other.positionLineNumber === selection.positionLineNumber &&
          other.positionColumn === selection.positionColumn
        )
      })
    if (!same) code.setSelections(wanted, 'others')
  }
  const line = model.getPositionAt(places.top.offset).lineNumber
  const top = code.getTopForLineNumber(line) + places.top.hidden
  if (Math.abs(code.getScrollTop() - top) >= 1) code.setScrollTop(top, 1)
}
