import * as Y from 'yjs'
import { assert } from '../lib/assert-never.ts'
import type { TextTarget } from '../patch/edit.ts'
import { type ChangeSet, changesOf, deletionsOf, mergeChangeSets, noChanges } from './change-set.ts'
import { createDocument, textOf } from './document-text.ts'
import { noteLate, noteWriting, noteWritten } from './half-written.ts'
import { type IdRanges, intersect, itemsIn, subtract, unite } from './id-ranges.ts'
import { mergeUpdates } from './merge-updates.ts'
import { encodePosition } from './position.ts'
import { replaceText } from './replace-text.ts'
import { restoreAsCopy, revertChanges } from './revert-changes.ts'
import { readWithdrawals } from './withdrawals.ts'

/** Ends of a hunk's text, encoded so that every replica finds them wherever they have moved. */
export interface Anchor {
  readonly from: string
  readonly to: string
}

/** The document as the model saw it. What is written here reaches the live document with `merge`. */
export interface Fork extends TextTarget {
  /** Yjs client that writes here. */
  readonly clientId: number
  /** Brings what was written since the last merge into the live document, as one update with this fork as its origin. */
  merge(): void
  /** Merges, then takes over what others wrote in the live document. */
  refresh(): void
  /** The hunk is finished: it survives the writer. */
  endHunk(hunkId: string): void
  /** What the hunk changed in the live document, as far as it is merged. */
  changes(hunkId: string): ChangeSet
  anchor(hunkId: string): Anchor | undefined
  /** What can be seen here now, for a later fork; valid in the live document once merged. */
  snapshot(): Y.Snapshot
  /** Where the present hunk's text ends, as Yjs has it in JSON; `undefined` between hunks. */
  caret(): unknown
  destroy(): void
}

interface Hunk {
  /** As seen here. */
  seen: ChangeSet
  /** Deletions seen here that no merge has carried over yet. */
  unmerged: IdRanges
  /** Deletions that took effect in the live document. */
  effective: IdRanges
  /** Deletions of what somebody else had already deleted there: not this hunk's to bring back. */
  late: IdRanges
  /** Where its text lies here, while it is written. */
  from: number
  to: number
  /** Where it wrote or deleted last: the offset behind that, and the character. */
  end: { readonly at: number; readonly id: Y.ID } | undefined
  anchor: Anchor | undefined
}

/**
 * Models write as Yjs clients below this. Yjs orders what is written at one place at once by client: a model's text
 * takes the place of what it replaces, left of what people type behind that.
 */
export const modelClients = 2 ** 26

export interface ForkOptions {
  readonly live: Y.Doc
  /** Never used before in this document. */
  readonly clientId: number
  /** What the model saw; without it, the document as it is. The live document must keep deleted text. */
  readonly snapshot?: Y.Snapshot
}

export function createFork({ live, clientId, snapshot }: ForkOptions): Fork {
  const doc = createDocument(clientId)
  const fromLive = {}
  if (snapshot === undefined) Y.applyUpdate(doc, Y.encodeStateAsUpdate(live), fromLive)
  else Y.createDocFromSnapshot(live, snapshot, doc)
  const text = textOf(doc)
  const hunks = new Map<string, Hunk>()
  let current: { readonly id: string; readonly hunk: Hunk; readonly clock: number } | undefined
  let pending: Uint8Array[] = []
  /** Copies that stand here for text which somebody else deleted in the live document: they must not appear there. */
  let ghosts: IdRanges = []
  /** What dropped hunks took out here and no merge has carried over yet. */
  let takenOut: IdRanges = []

  doc.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin !== fromLive) pending.push(update)
  })
  doc.on('afterTransaction', (transaction: Y.Transaction) => {
    if (current === undefined || transaction.origin !== current.hunk) return
    const { hunk } = current
    const changes = changesOf(transaction)
    hunk.unmerged = unite(hunk.unmerged, subtract(changes.deletions, hunk.seen.insertions))
    hunk.seen = mergeChangeSets(hunk.seen, changes)
  })

  const fork: Fork = {
    clientId,
    text: () => text.toString(),
    replace(from, to, insert) {
      assert(current !== undefined, 'text is replaced within a hunk')
      const { id, hunk, clock } = current
      doc.transact((transaction) => {
        // Old text goes first: new text then stands behind it in one piece, whatever others type in between.
        const behind = hunk.end?.at === from ? hunk.end.id : undefined
        const last = replaceText(text, { from, to, insert }, { behind })
        hunk.end = last && { at: from + insert.length, id: last }
        const deletions = unite(hunk.seen.deletions, deletionsOf(transaction))
        const isNew = hunk.from > hunk.to
        if (isNew || to > from) noteWriting(doc, id, { client: clientId, clock, deletions })
      }, hunk)
      const end = hunk.from > hunk.to ? from : hunk.to
      hunk.from = Math.min(hunk.from, from)
      hunk.to = Math.max(from, end - Math.max(0, Math.min(end, to) - from)) + insert.length
    },
    beginHunk(hunkId) {
      if (current !== undefined) fork.endHunk(current.id)
      const hunk: Hunk = {
        seen: noChanges,
        unmerged: [],
        effective: [],
        late: [],
        from: text.length + 1,
        to: -1,
        end: undefined,
        anchor: undefined,
      }
      hunks.set(hunkId, hunk)
      current = { id: hunkId, hunk, clock: Y.getState(doc.store, clientId) }
    },
    endHunk(hunkId) {
      if (current?.id !== hunkId) return
      current.hunk.anchor = fork.anchor(hunkId)
      current = undefined
      noteWritten(doc, hunkId)
    },
    revertHunk(hunkId) {
      const hunk = hunks.get(hunkId)
      if (hunk === undefined) return
      fork.merge()
      if (current?.id === hunkId) current = undefined
      hunks.delete(hunkId)
      // Others may have undone meanwhile what wrote the text that this hunk deleted: it does not come back.
      const withdrawals = readWithdrawals(live)
      const unwanted = withdrawals.among(hunk.effective)
      live.transact(() => withdrawals.remove(unwanted), fork)
      const notOurs = unite(hunk.late, unwanted)
      doc.transact((transaction) => {
        const deletions = subtract(hunk.seen.deletions, notOurs)
        revertChanges(doc, { insertions: hunk.seen.insertions, deletions }, undefined)
        takenOut = unite(takenOut, deletionsOf(transaction))
        ghosts = unite(ghosts, restoreAsCopy(doc, notOurs))
        noteWritten(doc, hunkId)
      })
      fork.merge()
    },
    merge() {
      if (pending.length === 0) return
      const update = mergeUpdates(pending)
      pending = []
      let deleted: IdRanges = []
      Y.transact(
        live,
        (transaction) => {
          Y.applyUpdate(live, update)
          for (const item of itemsIn(transaction, ghosts)) item.delete(transaction)
          deleted = subtract(deletionsOf(transaction), ghosts)
        },
        fork,
        false,
      )
      for (const [id, hunk] of hunks) {
        const late = settleDeletions(hunk, deleted)
        if (late.length > 0) live.transact(() => noteLate(live, id, late), fork)
      }
      // Dropped text that another hunk had deleted there already: undoing that one must not bring it back.
      const elsewhere = subtract(takenOut, deleted)
      ghosts = []
      takenOut = []
      if (elsewhere.length > 0) revertChanges(live, { insertions: elsewhere, deletions: [] }, fork)
    },
    refresh() {
      fork.merge()
      const open = current === undefined ? undefined : { hunk: current.hunk, anchor: placesOf(current.hunk) }
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(live, Y.encodeStateVector(doc)), fromLive)
      if (open?.anchor === undefined) return
      open.hunk.from = indexOf(open.anchor.from) ?? open.hunk.from
      open.hunk.to = indexOf(open.anchor.to) ?? open.hunk.to
      const at = open.hunk.end && indexOf(new Y.RelativePosition(null, null, open.hunk.end.id, -1))
      open.hunk.end = open.hunk.end && at !== undefined ? { ...open.hunk.end, at } : undefined
    },
    changes(hunkId) {
      const hunk = hunks.get(hunkId)
      if (hunk === undefined) return noChanges
      return { insertions: hunk.seen.insertions, deletions: subtract(hunk.effective, hunk.seen.insertions) }
    },
    anchor(hunkId) {
      const hunk = hunks.get(hunkId)
      if (hunk === undefined || hunk.anchor !== undefined || hunk.from > hunk.to) return hunk?.anchor
      const { from, to } = hunk
      if (from === to) {
        const place = encodePosition(text, from, from > 0 && from === text.length ? 'after' : 'before')
        return { from: place, to: place }
      }
      return { from: encodePosition(text, from, 'before'), to: encodePosition(text, to, 'after') }
    },
    snapshot: () => Y.snapshot(doc),
    caret() {
      if (current === undefined) return undefined
      const at = Math.max(0, current.hunk.to)
      return Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, at, -1))
    },
    destroy() {
      doc.destroy()
    },
  }
  return fork

  function placesOf(hunk: Hunk) {
    if (hunk.from > hunk.to) return undefined
    return {
      from: Y.createRelativePositionFromTypeIndex(text, hunk.from, 0),
      to: Y.createRelativePositionFromTypeIndex(text, hunk.to, hunk.from === hunk.to ? 0 : -1),
    }
  }

  function indexOf(position: Y.RelativePosition): number | undefined {
    return Y.createAbsolutePositionFromRelativePosition(position, doc)?.index
  }
}

/** Answers the deletions that somebody else had made before. */
function settleDeletions(hunk: Hunk, deleted: IdRanges): IdRanges {
  if (hunk.unmerged.length === 0) return []
  const late = subtract(hunk.unmerged, deleted)
  hunk.effective = unite(hunk.effective, intersect(hunk.unmerged, deleted))
  hunk.late = unite(hunk.late, late)
  hunk.unmerged = []
  return late
}
