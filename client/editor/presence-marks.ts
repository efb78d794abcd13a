import * as Y from 'yjs'
import { z } from 'zod'
import { type TurnId, turnIdSchema } from '../../core/protocol/ids.ts'
import { type Presence, personColors, presenceSchema } from '../../core/protocol/people.ts'
import { caretMark, tipOf } from './caret-mark.ts'
import type { DocumentReplica } from './document-replica.ts'
import { createKeptDecorations, type Looks } from './keep-decorations.ts'
import type { CodeEditor, Monaco } from './monaco.ts'
import { createPresenceFlags, type Flagged } from './presence-flags.ts'

type Self = Omit<Presence, 'path'>

const personSchema = presenceSchema.omit({ path: true }).extend({ kind: z.literal('person') })
const modelSchema = z.object({
  kind: z.literal('model'),
  name: z.string(),
  turnId: turnIdSchema,
  /** It stands still, as a person writes in its lines. */
  paused: z.boolean().optional(),
})
/**
 * What each browser says of its person and the server of models; positions are JSON of Yjs relative positions. Browsers
 * may say anything.
 */
const caretSchema = z.object({
  author: z.discriminatedUnion('kind', [personSchema, modelSchema]).optional(),
  cursor: z.object({ anchor: z.unknown(), head: z.unknown() }),
})
/** The first author colour is the models'. */
const firstPersonColor = 2

export interface PresenceMarks {
  /** Shows where others are in the document, people and models; models with carets of their own hunks by name only. */
  show(replica: DocumentReplica, hasMarks: (turnId: TurnId) => boolean): void
  /** Tells the others who and where this person is. */
  tell(replica: DocumentReplica, code: CodeEditor, self: Self): void
  /** The line where that person's caret is in what was shown last. */
  lineOf(person: Self): number | undefined
  clear(): void
}

export function createPresenceMarks(code: CodeEditor, monaco: Monaco): PresenceMarks {
  const marks = createKeptDecorations(code.createDecorationsCollection())
  const flags = createPresenceFlags(code, monaco.editor)
  let flagged: readonly (Flagged & { readonly color?: number })[] = []
  let told = ''

  return {
    show({ awareness, text }, hasMarks) {
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
        const caret = model.getPositionAt(head)
        if (author?.kind === 'model') {
          const { name, turnId } = author
          const { lineNumber, column } = tipOf(model, caret)
          present.push({ client, name, colorClass: 'tandem-author-1', isModel: true, lineNumber, column })
          if (!hasMarks(turnId)) wanted.push(caretAt('tandem-model-caret', lineNumber, column))
          continue
        }
        const { lineNumber, column } = caret
        const color = author?.color ?? client % personColors
        const colorClass = `tandem-author-${color + firstPersonColor}`
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
        wanted.push(caretAt(`tandem-person-caret ${colorClass}`, lineNumber, column))
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

/** The turns whose models are in the middle of a text. */
export function modelTurnsIn(awareness: DocumentReplica['awareness']): readonly TurnId[] {
  return [...awareness.getStates().values()].flatMap((state) => {
    const author = caretSchema.safeParse(state).data?.author
    return author?.kind === 'model' && !author.paused ? [author.turnId] : []
  })
}

function caretAt(className: string, lineNumber: number, column: number): Looks {
  const range = {
    startLineNumber: lineNumber,
    startColumn: column,
    endLineNumber: lineNumber,
    endColumn: column,
  }
  return { key: className, decoration: { range, options: caretMark(className) } }
}

function locate(position: unknown, doc: Y.Doc): number | undefined {
  try {
    const relative = Y.createRelativePositionFromJSON(position)
    return Y.createAbsolutePositionFromRelativePosition(relative, doc)?.index
  } catch {
    return undefined
  }
}
