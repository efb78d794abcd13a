import type { editor } from 'monaco-editor/editor'
import type * as Y from 'yjs'
import { placeOfHunk } from '../../core/document/hunk-place.ts'
import { createFindPlace } from '../../core/document/position.ts'
import type { Hunk } from '../../core/protocol/item.ts'
import { caretMark, tipOf } from './caret-mark.ts'
import type { PlacedHunk } from './hunk-actions.ts'
import type { LineRange } from './inline-zone.ts'
import { createKeptDecorations, type Looks } from './keep-decorations.ts'
import type { CodeEditor } from './monaco.ts'

export interface MarkedPlace {
  readonly lineNumber: number
  readonly writing: boolean
}

export interface ModelMarks {
  /** Shows the hunks at their places of now. Answers where the model writes, else where it wrote last. */
  show(text: Y.Text, hunks: readonly Hunk[]): MarkedPlace | undefined
  /** Finished hunks where they were shown last. */
  placed(): readonly PlacedHunk[]
  clear(): void
}

/** Marks what the model writes and wrote. `words.removed` heads the text a hunk took out. */
export function createModelMarks(code: CodeEditor, words: { readonly removed: string }): ModelMarks {
  const marks = createKeptDecorations(code.createDecorationsCollection())
  let placed: readonly PlacedHunk[] = []

  return {
    show(text, hunks) {
      const model = code.getModel()
      const { doc } = text
      if (!model || !doc) return undefined
      let last: MarkedPlace | undefined
      const wanted: Looks[] = []
      const finished: PlacedHunk[] = []
      const find = createFindPlace(doc)
      for (const hunk of hunks) {
        const place = placeOfHunk(doc, hunk, find)
        // Not known yet: the event came before the text it speaks of.
        if (place === undefined) continue
        const start = model.getPositionAt(place.from)
        const end = model.getPositionAt(place.to)
        if (hunk.status === 'writing') {
          const tip = start.lineNumber === end.lineNumber ? end : tipOf(model, end)
          wanted.push(...named(`${hunk.id} writing`, writingMarks(start, tip)))
          last = { lineNumber: tip.lineNumber, writing: true }
        } else {
          finished.push({ id: hunk.id, firstLine: start.lineNumber, lastLine: lastLineOf(start, end) })
          if (!last?.writing) last = { lineNumber: start.lineNumber, writing: false }
          const key = `${hunk.id} ${hunk.removedText.length}`
          wanted.push(...named(key, writtenMarks({ hunk, start, end, removed: words.removed })))
        }
      }
      marks.show(wanted)
      placed = finished
      return last
    },
    placed: () => placed,
    clear() {
      marks.clear()
      placed = []
    },
  }
}

function named(key: string, decorations: readonly editor.IModelDeltaDecoration[]): Looks[] {
  return decorations.map((decoration) => ({ key, decoration }))
}

type Position = { readonly lineNumber: number; readonly column: number }

function rangeOf(start: Position, end: Position) {
  return {
    startLineNumber: start.lineNumber,
    startColumn: start.column,
    endLineNumber: end.lineNumber,
    endColumn: end.column,
  }
}

/** From the first line of the hunks to the last, where they are now. */
export function linesOfHunks(
  model: editor.ITextModel,
  { doc }: Y.Text,
  hunks: readonly Hunk[],
): LineRange | undefined {
  const ranges = hunks.flatMap((hunk) => {
    const place = doc && placeOfHunk(doc, hunk)
    if (!place) return []
    const start = model.getPositionAt(place.from)
    return [{ startLine: start.lineNumber, endLine: lastLineOf(start, model.getPositionAt(place.to)) }]
  })
  if (ranges.length === 0) return undefined
  return {
    startLine: Math.min(...ranges.map(({ startLine }) => startLine)),
    endLine: Math.max(...ranges.map(({ endLine }) => endLine)),
  }
}

/** A text that ends with its line's end has nothing of the next line. */
function lastLineOf(start: Position, end: Position): number {
  return end.column === 1 && end.lineNumber > start.lineNumber ? end.lineNumber - 1 : end.lineNumber
}

function ruler(color: string): editor.IModelDecorationOverviewRulerOptions {
  return { color: { id: color }, position: 7 }
}

function writingMarks(start: Position, tip: Position): editor.IModelDeltaDecoration[] {
  return [
    {
      range: rangeOf(start, tip),
      options: {
        // Whole lines: where a line's text ends would have to be read back from the page for each of them, each frame.
        isWholeLine: true,
        className: 'tandem-writing',
        linesDecorationsClassName: 'tandem-writing-bar',
        // Grows with the text between two frames.
        stickiness: 3,
        overviewRuler: ruler('tandem.writing'),
      },
    },
    { range: rangeOf(tip, tip), options: caretMark('tandem-model-caret') },
  ]
}

function writtenMarks(mark: {
  readonly hunk: Hunk
  readonly start: Position
  readonly end: Position
  readonly removed: string
}): editor.IModelDeltaDecoration[] {
  const { hunk, start, end, removed } = mark
  const empty = start.lineNumber === end.lineNumber && start.column === end.column
  const lastLine = lastLineOf(start, end)
  const hover = hunk.removedText === '' ? undefined : removedHover(removed, hunk.removedText)
  const result: editor.IModelDeltaDecoration[] = []
  if (!empty) {
    result.push({
      range: rangeOf({ lineNumber: start.lineNumber, column: 1 }, { lineNumber: lastLine, column: 1 }),
      options: {
        isWholeLine: true,
        className: 'tandem-added',
        linesDecorationsClassName: hover ? 'tandem-changed-bar' : 'tandem-added-bar',
        stickiness: 1,
        overviewRuler: ruler('tandem.added'),
      },
    })
  }
  if (hover) {
    result.push({
      range: rangeOf(
        { lineNumber: start.lineNumber, column: 1 },
        { lineNumber: start.lineNumber, column: 1 },
      ),
      options: {
        ...(empty && {
          isWholeLine: true,
          className: 'tandem-removed-line',
          overviewRuler: ruler('tandem.removed'),
        }),
        linesDecorationsClassName: 'tandem-removed-mark',
        linesDecorationsTooltip: `${removed}:\n${clip(hunk.removedText)}`,
        lineNumberHoverMessage: hover,
        stickiness: 1,
      },
    })
  }
  return result
}

/** As code, in a fence longer than any in it: removed text is shown, never rendered. */
function removedHover(heading: string, text: string): { readonly value: string } {
  const clipped = clip(text)
  const longest = Math.max(2, ...(clipped.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  return { value: `${heading}\n\n${fence}\n${clipped}\n${fence}` }
}

const shownChars = 4000

function clip(text: string): string {
  const trimmed = text.replace(/\n$/, '')
  return trimmed.length > shownChars ? `${trimmed.slice(0, shownChars)}\n…` : trimmed
}
