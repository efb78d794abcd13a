import type { editor } from 'monaco-editor/editor'
import type { BoundModel, TextBinding } from './binding.ts'
import {
  composeOps,
  opsToReplacements,
  type Replacement,
  replacementsToOps,
  type TextOp,
} from './text-ops.ts'

/** Monaco's model as the binding wants it: offsets, no undo stack. */
export function asBoundModel(model: editor.ITextModel): BoundModel {
  return {
    length: () => model.getValueLength(),
    text: () => model.getValue(),
    apply: (replacements) => model.applyEdits(replacements.map((r) => toEdit(model, r))),
    onChange(listener) {
      const subscription = model.onDidChangeContent((event) => listener(toReplacements(event.changes)))
      return () => subscription.dispose()
    },
  }
}

/** Monaco's undo stack knows one author. Keys, menus and commands all end in these methods, so here it is replaced. */
export function routeUndo(model: editor.ITextModel, binding: TextBinding): void {
  model.undo = () => binding.undo()
  model.redo = () => binding.redo()
  model.canUndo = () => binding.canUndo()
  model.canRedo = () => binding.canRedo()
}

function toEdit(model: editor.ITextModel, { at, remove, insert }: Replacement) {
  const start = model.getPositionAt(at)
  const end = remove === 0 ? start : model.getPositionAt(at + remove)
  return {
    range: {
      startLineNumber: start.lineNumber,
      startColumn: start.column,
      endLineNumber: end.lineNumber,
      endColumn: end.column,
    },
    text: insert,
  }
}

/** Monaco lists changes in the order they can be done one after the other: mostly from the end, but batches may be joined. */
function toReplacements(changes: readonly editor.IModelContentChange[]): Replacement[] {
  const list = changes.map((change) => ({
    at: change.rangeOffset,
    remove: change.rangeLength,
    insert: change.text,
  }))
  const fromTheEnd = list.every((change, index) => {
    const previous = list[index - 1]
    return previous === undefined || change.at + change.remove <= previous.at
  })
  const ops = fromTheEnd
    ? replacementsToOps(list.reverse())
    : list.reduce<TextOp[]>((joined, change) => composeOps(joined, replacementsToOps([change])), [])
  return opsToReplacements(ops)
}
