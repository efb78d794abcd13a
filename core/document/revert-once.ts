import * as Y from 'yjs'
import { type ChangeSet, decodeChangeSet, encodeChangeSet } from './change-set.ts'
import { revertChanges } from './revert-changes.ts'

/** By hunk: the change set that was reverted last, and its inverse. */
const mapName = 'reverted'

/**
 * Reverts a hunk's change set and notes it in the same update. Asked for the same once more, because a crash came before
 * it was noted elsewhere, it changes nothing and answers the same inverse.
 */
export function revertOnce(
  doc: Y.Doc,
  {
    hunkId,
    changes,
    origin,
    revert = () => revertChanges(doc, changes, origin),
  }: {
    readonly hunkId: string
    readonly changes: ChangeSet
    readonly origin: unknown
    /** Where more is to go with them. */
    readonly revert?: () => ChangeSet
  },
): ChangeSet {
  const reverted = doc.getMap(mapName)
  const encoded = encodeChangeSet(changes)
  const known = inverseOf(doc, hunkId, encoded)
  if (known !== undefined) return known
  return Y.transact(
    doc,
    () => {
      const inverse = revert()
      const isEmpty = inverse.insertions.length === 0 && inverse.deletions.length === 0
      if (!isEmpty) reverted.set(hunkId, [encoded, encodeChangeSet(inverse)])
      return inverse
    },
    origin,
  )
}

/** Whether this very change set was the last of the hunk to be reverted. */
export function isReverted(doc: Y.Doc, hunkId: string, changes: ChangeSet): boolean {
  return inverseOf(doc, hunkId, encodeChangeSet(changes)) !== undefined
}

function inverseOf(doc: Y.Doc, hunkId: string, encoded: string): ChangeSet | undefined {
  const last: unknown = doc.getMap(mapName).get(hunkId)
  if (!Array.isArray(last) || last[0] !== encoded || typeof last[1] !== 'string') return undefined
  return decodeChangeSet(last[1])
}
