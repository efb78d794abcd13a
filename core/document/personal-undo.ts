import type * as Y from 'yjs'
import { type ChangeSet, changesOf, mergeChangeSets, noChanges } from './change-set.ts'
import { revertChanges } from './revert-changes.ts'

/** What a person can take back, and do again, the latest last. */
export interface UndoSteps {
  readonly undo: readonly ChangeSet[]
  readonly redo: readonly ChangeSet[]
}

/** Ctrl+Z of one person: of a shared text it takes back, and does again, what they did themselves. */
export interface PersonalUndo {
  /** Of the person's own transactions. */
  readonly origin: unknown
  /** What takes it back in its turn; `undefined` when there is nothing to undo. */
  undo(): ChangeSet | undefined
  redo(): ChangeSet | undefined
  canUndo(): boolean
  canRedo(): boolean
  /** What is done from now on is a step of its own. */
  stopCapturing(): void
  steps(): UndoSteps
  /** Has these in place of its own: the text is that of another document now, whose history this one has. */
  replaceSteps(steps: UndoSteps): void
}

/** Steps kept; older ones are forgotten. */
const steps = 1000

/**
 * Undo in the same algebra as undoing a hunk, so that the two never meet in a character that is there twice, or comes
 * back though its other reason to be gone stands. Needs a document that keeps what is deleted.
 */
export function createPersonalUndo(options: {
  readonly doc: Y.Doc
  readonly origin: unknown
  /** What is done within this long, in milliseconds, is one step. */
  readonly captureMs: number
  readonly now: () => number
}): PersonalUndo {
  const { doc, origin, captureMs, now } = options
  const reverting = {}
  const undoStack: ChangeSet[] = []
  const redoStack: ChangeSet[] = []
  let lastAt = Number.NEGATIVE_INFINITY

  function capture(transaction: Y.Transaction): void {
    if (transaction.origin !== origin) return
    const changes = changesOf(transaction)
    if (isNothing(changes)) return
    const at = now()
    const joined = at - lastAt < captureMs ? undoStack.pop() : undefined
    undoStack.push(mergeChangeSets(joined ?? noChanges, changes))
    if (undoStack.length > steps) undoStack.shift()
    redoStack.length = 0
    lastAt = at
  }

  /** Steps that change nothing, as others have taken them back already, are passed over. */
  function take(from: ChangeSet[], to: ChangeSet[]): ChangeSet | undefined {
    lastAt = Number.NEGATIVE_INFINITY
    for (let step = from.pop(); step; step = from.pop()) {
      const inverse = revertChanges(doc, step, reverting)
      if (isNothing(inverse)) continue
      to.push(inverse)
      return inverse
    }
    return undefined
  }

  doc.on('afterTransaction', capture)
  return {
    origin,
    undo: () => take(undoStack, redoStack),
    redo: () => take(redoStack, undoStack),
    canUndo: () => undoStack.length > 0,
    canRedo: () => redoStack.length > 0,
    stopCapturing() {
      lastAt = Number.NEGATIVE_INFINITY
    },
    steps: () => ({ undo: [...undoStack], redo: [...redoStack] }),
    replaceSteps(steps) {
      undoStack.splice(0, undoStack.length, ...steps.undo)
      redoStack.splice(0, redoStack.length, ...steps.redo)
      lastAt = Number.NEGATIVE_INFINITY
    },
  }
}

function isNothing({ insertions, deletions }: ChangeSet): boolean {
  return insertions.length === 0 && deletions.length === 0
}
