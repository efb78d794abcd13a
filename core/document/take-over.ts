import * as Y from 'yjs'
import { textOf } from './document-text.ts'
import { type IdRanges, intersect, subtract, toIdRanges } from './id-ranges.ts'
import { mergeText } from './merge-text.ts'
import { revertChanges } from './revert-changes.ts'
import { revertOnce } from './revert-once.ts'
import { createRevivalIndex } from './revivals.ts'
import { runsOf } from './text-runs.ts'

/**
 * Makes a document's text that of another one, whose whole history it takes in: change sets made there are good here
 * from now on. What it had is brought back by `giveBack`.
 */
export function takeOver(
  doc: Y.Doc,
  other: Y.Doc,
  { own, others }: { readonly own: unknown; readonly others: unknown },
): void {
  doc.transact(() => deleteUnknown(doc, other), own)
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(other), others)
  // Of what both know it may have deleted some: that comes back as what it was, so that it can be undone.
  const lost = intersect(rangesOf(doc, { deleted: true }), liveIn(other))
  if (lost.length > 0) revertChanges(doc, { insertions: [], deletions: lost }, own)
  mergeText(textOf(doc), textOf(other).toString(), own)
}

/** The characters a document's text is made of. */
export function liveIn(doc: Y.Doc): IdRanges {
  return rangesOf(doc, { deleted: false })
}

/**
 * After a take over the document has the text from before again: what people wrote since went with the other text. Asked
 * once more under the same name it changes nothing.
 */
export function giveBack(
  doc: Y.Doc,
  {
    name,
    live,
    origin,
  }: {
    readonly name: string
    /** What the text was made of. */
    readonly live: IdRanges
    readonly origin: unknown
  },
): void {
  const changes = { insertions: [], deletions: live }
  const revert = () => {
    const insertions = subtract(liveIn(doc), createRevivalIndex(doc)(live))
    return revertChanges(doc, { insertions, deletions: live }, origin)
  }
  revertOnce(doc, { hunkId: name, changes, origin, revert })
}

function rangesOf(doc: Y.Doc, { deleted }: { readonly deleted: boolean }): IdRanges {
  const runs = runsOf(doc).filter((run) => run.deleted === deleted)
  return toIdRanges(runs.map(({ client, clock, text }) => ({ client, clock, length: text.length })))
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
