import type { editor } from 'monaco-editor/editor'

/** A decoration, and by what its looks are known from those it had before. */
export interface Looks {
  readonly key: string
  readonly decoration: editor.IModelDeltaDecoration
}

/**
 * Shows these decorations and no others. What has moved along with the text, as they do by themselves, is left
 * alone: setting it anew would have the editor draw its lines again in each frame in which text streams.
 */
export function createKeptDecorations(collection: editor.IEditorDecorationsCollection): {
  show(wanted: readonly Looks[]): void
  clear(): void
} {
  let keys: readonly string[] = []

  function isShown(wanted: readonly Looks[]): boolean {
    return (
      wanted.length === keys.length &&
      wanted.every(({ key, decoration: { range } }, index) => {
        const shown = collection.getRange(index)
        return (
          key === keys[index] &&
          shown?.startLineNumber === range.startLineNumber &&
          shown.startColumn === range.startColumn &&
          shown.endLineNumber === range.endLineNumber &&
          shown.endColumn === range.endColumn
        )
      })
    )
  }

  return {
    show(wanted) {
      if (isShown(wanted)) return
      collection.set(wanted.map(({ decoration }) => decoration))
      keys = wanted.map(({ key }) => key)
    },
    clear() {
      collection.clear()
      keys = []
    },
  }
}
