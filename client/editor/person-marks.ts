import type { editor } from 'monaco-editor/editor'
import * as Y from 'yjs'
import { z } from 'zod'
import type { DocumentReplica } from './document-replica.ts'
import type { CodeEditor } from './monaco.ts'

/** What each browser says of its person; positions are JSON of Yjs relative positions. Others may say anything. */
const presenceSchema = z.object({
  // A model is shown by its hunks.
  author: z.object({ kind: z.literal('person') }).optional(),
  cursor: z.object({ anchor: z.unknown(), head: z.unknown() }),
})
/** Author colours that are people's; the first is the model's. */
const personColors = 5

export interface PersonMarks {
  /** Shows where the others are in the document. */
  show(replica: DocumentReplica): void
  /** Tells the others where this person is. */
  tell(replica: DocumentReplica, code: CodeEditor): void
  clear(): void
}

export function createPersonMarks(code: CodeEditor): PersonMarks {
  const collection = code.createDecorationsCollection()
  let told = ''

  return {
    show({ awareness, text }) {
      const model = code.getModel()
      if (!model || (awareness.getStates().size <= 1 && collection.length === 0)) return
      const decorations: editor.IModelDeltaDecoration[] = []
      for (const [client, state] of awareness.getStates()) {
        if (client === awareness.clientID) continue
        const presence = presenceSchema.safeParse(state)
        if (!presence.success || !text.doc) continue
        const anchor = locate(presence.data.cursor.anchor, text.doc)
        const head = locate(presence.data.cursor.head, text.doc)
        if (anchor === undefined || head === undefined) continue
        const color = `tandem-author-${(client % personColors) + 2}`
        const caret = model.getPositionAt(head)
        const from = model.getPositionAt(Math.min(anchor, head))
        const to = model.getPositionAt(Math.max(anchor, head))
        if (anchor !== head) {
          decorations.push({
            range: {
              startLineNumber: from.lineNumber,
              startColumn: from.column,
              endLineNumber: to.lineNumber,
              endColumn: to.column,
            },
            options: { className: `tandem-person-selection ${color}` },
          })
        }
        decorations.push({
          range: {
            startLineNumber: caret.lineNumber,
            startColumn: caret.column,
            endLineNumber: caret.lineNumber,
            endColumn: caret.column,
          },
          options: { beforeContentClassName: `tandem-person-caret ${color}` },
        })
      }
      collection.set(decorations)
    },
    tell({ awareness, text }, editorOf) {
      const model = editorOf.getModel()
      const selection = editorOf.getSelection()
      if (!model || !selection) return
      const anchor = model.getOffsetAt({
        lineNumber: selection.selectionStartLineNumber,
        column: selection.selectionStartColumn,
      })
      const head = model.getOffsetAt(selection.getPosition())
      const cursor = {
        anchor: Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, anchor)),
        head: Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, head)),
      }
      const next = JSON.stringify(cursor)
      if (next === told) return
      told = next
      awareness.setLocalStateField('cursor', cursor)
    },
    clear() {
      collection.clear()
      told = ''
    },
  }
}

function locate(position: unknown, doc: Y.Doc): number | undefined {
  try {
    const relative = Y.createRelativePositionFromJSON(position)
    return Y.createAbsolutePositionFromRelativePosition(relative, doc)?.index
  } catch {
    return undefined
  }
}
