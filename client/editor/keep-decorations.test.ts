import type { editor } from 'monaco-editor/editor'
import { expect, test } from 'vitest'
import { createKeptDecorations } from './keep-decorations.ts'

type Decoration = editor.IModelDeltaDecoration
type Place = Decoration['range']

/** A collection that counts how often it is set, and whose ranges a test moves as text would. */
function setUp() {
  let ranges: Place[] = []
  let sets = 0
  const collection = {
    getRange: (index: number) => ranges[index] ?? null,
    set(decorations: readonly Decoration[]) {
      sets++
      ranges = decorations.map(({ range }) => range)
    },
    clear() {
      ranges = []
    },
  } as unknown as editor.IEditorDecorationsCollection
  return {
    kept: createKeptDecorations(collection),
    sets: () => sets,
    shown: () => ranges,
    move: (next: Place[]) => {
      ranges = next
    },
  }
}

function lines(startLineNumber: number, endLineNumber: number): Place {
  return { startLineNumber, startColumn: 1, endLineNumber, endColumn: 1 }
}

function looks(key: string, range: Place) {
  return { key, decoration: { range, options: { className: key } } }
}

test('[BIND-20] marks that moved with the text are not set again', () => {
  const { kept, sets, move } = setUp()
  kept.show([looks('writing', lines(3, 4)), looks('added', lines(9, 9))])
  move([lines(3, 7), lines(12, 12)])
  kept.show([looks('writing', lines(3, 7)), looks('added', lines(12, 12))])
  expect(sets()).toBe(1)
})

test('[BIND-20] marks of another place, other looks or another number are', () => {
  const { kept, sets, shown } = setUp()
  kept.show([looks('writing', lines(3, 4))])
  kept.show([looks('writing', lines(3, 5))])
  kept.show([looks('added', lines(3, 5))])
  expect(sets()).toBe(3)
  kept.show([])
  expect([sets(), shown()]).toEqual([4, []])
  kept.show([looks('added', lines(3, 5))])
  kept.clear()
  kept.show([looks('added', lines(3, 5))])
  expect(shown()).toEqual([lines(3, 5)])
})
