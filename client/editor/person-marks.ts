import * as Y from 'yjs'
import { z } from 'zod'
import { type Presence, personColors, presenceSchema } from '../../core/protocol/people.ts'
import { caretMark } from './caret-mark.ts'
import type { DocumentReplica } from './document-replica.ts'
import { createKeptDecorations, type Looks } from './keep-decorations.ts'
import type { CodeEditor } from './monaco.ts'
import { createPersonFlags, type Flagged } from './person-flags.ts'

type Self = Omit<Presence, 'path'>

/** What each browser says of its person; positions are JSON of Yjs relative positions. Others may say anything. */
const caretSchema = z.object({
  // A model is shown by its hunks.
  author: presenceSchema
    .omit({ path: true })
    .extend({ kind: z.literal('person') })
    .optional(),
  cursor: z.object({ anchor: z.unknown(), head: z.unknown() }),
})

export interface PersonMarks {
  /** Shows where the others are in the document. */
  show(replica: DocumentReplica): void
  /** Tells the others who and where this person is. */
  tell(replica: DocumentReplica, code: CodeEditor, self: Self): void
  /** The line where that person's caret is in what was shown last. */
  lineOf(person: Self): number | undefined
  clear(): void
}

export function createPersonMarks(code: CodeEditor): PersonMarks {
  const marks = createKeptDecorations(code.createDecorationsCollection())
  const flags = createPersonFlags(code)
  let flagged: readonly (Flagged & { readonly color: number })[] = []
  let told = ''

  return {
    show({ awareness, text }) {
      const model = code.getModel()
      if (!model) return
      const present: (typeof flagged)[number][] = []
      const wanted: Looks[] = []
      for (const [client, state] of awareness.getStates()) {
        if (client === awareness.clientID) continue
        const presence = caretSchema.safeParse(state)
        if (!presence.success || !text.doc) continue
        const anchor = locate(presence.data.cursor.anchor, text.doc)
        const head = locate(presence.data.cursor.head, text.doc)
        if (anchor === undefined || head === undefined) continue
        const { author } = presence.data
        const color = author?.color ?? client % personColors
        // The first author colour is the model's.
        const colorClass = `tandem-author-${color + 2}`
        const caret = model.getPositionAt(head)
        const { lineNumber, column } = caret
        if (author) present.push({ client, name: author.name, color, colorClass, lineNumber, column })
        const from = model.getPositionAt(Math.min(anchor, head))
        const to = model.getPositionAt(Math.max(anchor, head))
        if (anchor !== head) {
          const className = `tandem-person-selection ${colorClass}`
          wanted.push({
            key: className,
            decoration: {
              range: {
                startLineNumber: from.lineNumber,
                startColumn: from.column,
                endLineNumber: to.lineNumber,
                endColumn: to.column,
              },
              options: { className },
            },
          })
        }
        const className = `tandem-person-caret ${colorClass}`
        wanted.push({
          key: className,
          decoration: {
            range: {
              startLineNumber: caret.lineNumber,
              startColumn: caret.column,
              endLineNumber: caret.lineNumber,
              endColumn: caret.column,
            },
            options: caretMark(className),
          },
        })
      }
      marks.show(wanted)
      flagged = present
      flags.show(present)
    },
    lineOf: ({ name, color }) =>
      flagged.find((person) => person.name === name && person.color === color)?.lineNumber,
    tell({ awareness, text }, editorOf, self) {
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
      const state = { author: { kind: 'person', ...self }, cursor }
      const next = JSON.stringify(state)
      if (next === told) return
      told = next
      awareness.setLocalState(state)
    },
    clear() {
      marks.clear()
      flags.clear()
      flagged = []
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
