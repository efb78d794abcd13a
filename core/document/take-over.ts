import * as Y from 'yjs'
import { type ChangeSet, changesOf, mergeChangeSets, noChanges } from './change-set.ts'
import { textOf } from './document-text.ts'
import { mergeText } from './merge-text.ts'
import { runsOf } from './text-runs.ts'

/**
 * Makes a document's text that of another one, whose whole history it takes in: change sets made there are good here
 * from now on. Answers what that did to it. `again`: it has done so before, and what it wrote of that anew stays.
 */
export function takeOver(
  doc: Y.Doc,
  other: Y.Doc,
  {
    own,
    others,
    again = false,
  }: { readonly own: unknown; readonly others: unknown; readonly again?: boolean },
): ChangeSet {
  let changes = noChanges
  const note = (transaction: Y.Transaction) => {
    if (transaction.origin === own || transaction.origin === others)
      changes = mergeChangeSets(changes, changesOf(transaction))
  }
  doc.on('afterTransaction', note)
  if (!again) doc.transact(() => deleteUnknown(doc, other), own)
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(other), others)
  // Of what both know it may have deleted some.
  mergeText(textOf(doc), textOf(other).toString(), own)
  doc.off('afterTransaction', note)
  return changes
}

/** Takes out what the other document never had. */
function deleteUnknown(doc: Y.Doc, other: Y.Doc): void {
  const known = Y.decodeStateVector(Y.encodeStateVector(other))
  const text = textOf(doc)
  let at = 0
  const unknown: { readonly from: number; readonly length: number }[] = []
  for (const run of runsOf(doc)) {
    if (run.deleted) continue
    const kept = Math.min(run.text.length, Math.max(0, (known.get(run.client) ?? 0) - run.clock))
    if (kept < run.text.length) unknown.push({ from: at + kept, length: run.text.length - kept })
    at += run.text.length
  }
  for (const { from, length } of unknown.toReversed()) text.delete(from, length)
}
