import * as Y from 'yjs'
import { deletionsOf } from './change-set.ts'
import { textOf } from './document-text.ts'
import { type IdRange, type IdRanges, intersect, itemsIn, subtract, toIdRanges, unite } from './id-ranges.ts'
import {
  type FollowedRange,
  follow,
  indexRevivals,
  type Revival,
  readRevivals,
  recordRevivals,
} from './revivals.ts'
import { readWithdrawals } from './withdrawals.ts'

/** Of what is put right after two brought back or took out the same text without knowing of each other. */
const settling = { from: 'settling' }

/** The document that decides takes replicas' updates by this. */
export interface UpdateReceiver {
  receive(update: Uint8Array, origin: unknown): void
}

/**
 * Where a replica brought text back while that was brought back or taken out here too, one copy stays, or none: as if
 * the two had come one after the other. Watches the document from now on.
 */
export function createUpdateReceiver(doc: Y.Doc): UpdateReceiver {
  /** What was taken out here, not by a replica. Who had known of that could not have brought it back. */
  let takenOut: IdRanges = []
  let receiving = false

  doc.on('afterTransaction', (transaction: Y.Transaction) => {
    if (!receiving) takenOut = unite(takenOut, deletionsOf(transaction))
  })

  function settle(came: readonly Revival[]): void {
    doc.transact((transaction) => {
      const withdrawals = readWithdrawals(doc)
      const all = readRevivals(doc.getArray('revived').toArray())
      for (const revival of came) {
        const source = toIdRanges([revival.source])
        // Who had known of a further reason to be gone would have left it gone.
        const withdrawn = withdrawals.among(source)
        // What was taken out here counted no reason of the replica's when it deleted that too.
        withdrawals.remove(subtract(withdrawn, takenOut))
        const unwanted = unite(withdrawn, intersect(takenOut, source))
        remove(
          transaction,
          unwanted.map((range) => copyOf(range, revival)),
        )
        joinTwins(transaction, revival, all)
      }
    }, settling)
  }

  return {
    receive(update, origin) {
      const came: unknown[] = []
      const note = (event: Y.YArrayEvent<unknown>) => {
        for (const { insert } of event.changes.delta) if (Array.isArray(insert)) came.push(...insert)
      }
      const rows = doc.getArray('revived')
      rows.observe(note)
      receiving = true
      try {
        Y.applyUpdate(doc, update, origin)
      } finally {
        receiving = false
        rows.unobserve(note)
      }
      const revivals = readRevivals(came)
      if (revivals.length > 0) settle(revivals)
    },
  }
}

/**
 * Two brought the same text back, neither knowing of the other. Of two living copies the one that stands later in the
 * document's record stays; what was taken out again here is gone.
 */
function joinTwins(transaction: Y.Transaction, revival: Revival, all: readonly Revival[]): void {
  const index = indexRevivals(all)
  const at = all.findIndex((other) => isSame(other, revival))
  for (const [otherAt, other] of all.entries()) {
    if (otherAt === at || other.source.client !== revival.source.client) continue
    for (const range of intersect([other.source], [revival.source])) {
      const mine = sortPieces(transaction, follow(index, copyOf(range, revival), at))
      const theirs = sortPieces(transaction, follow(index, copyOf(range, other), otherAt))
      const [older, newer] = otherAt < at ? [theirs, mine] : [mine, theirs]
      const twins = [...pairs(older.living, newer.living), ...pairs(mine.living, theirs.gone)]
      remove(
        transaction,
        twins.map(({ source }) => source),
      )
      recordRevivals(transaction.doc, twins)
    }
  }
}

function pairs(from: readonly FollowedRange[], to: readonly FollowedRange[]): Revival[] {
  return from.flatMap((one) => to.flatMap((two) => overlap(one, two)))
}

/** The part of both that stands for the same characters, the first to be told by the second from now on. */
function overlap(one: FollowedRange, two: FollowedRange): Revival[] {
  const from = Math.max(one.offset, two.offset)
  const length = Math.min(one.offset + one.length, two.offset + two.length) - from
  if (length <= 0) return []
  const source = { client: one.client, clock: one.clock + from - one.offset, length }
  const clock = two.clock + from - two.offset
  return source.client === two.client && source.clock === clock ? [] : [{ source, client: two.client, clock }]
}

function sortPieces(transaction: Y.Transaction, pieces: readonly FollowedRange[]) {
  const partsOf = (piece: FollowedRange, ranges: IdRanges) =>
    ranges.map((range) => ({ ...range, offset: piece.offset + range.clock - piece.clock }))
  return {
    living: pieces.flatMap((piece) => partsOf(piece, subtract([piece], goneIn(transaction, piece)))),
    gone: pieces.flatMap((piece) => partsOf(piece, goneIn(transaction, piece))),
  }
}

/** Where the copy of a part of the source is. */
function copyOf(part: IdRange, { source, client, clock }: Revival): IdRange {
  return { client, clock: clock + part.clock - source.clock, length: part.length }
}

function isSame(one: Revival, other: Revival): boolean {
  return one.client === other.client && one.clock === other.clock && one.source.length === other.source.length
}

function goneIn(transaction: Y.Transaction, range: IdRange): IdRanges {
  const gone = itemsIn(transaction, [range]).flatMap((item) =>
    item.deleted ? [{ client: item.id.client, clock: item.id.clock, length: item.length }] : [],
  )
  return toIdRanges(gone)
}

function remove(transaction: Y.Transaction, ranges: IdRanges): void {
  if (ranges.length === 0) return
  const text = textOf(transaction.doc)
  for (const item of itemsIn(transaction, toIdRanges(ranges))) {
    if (item.parent === text && !item.deleted) item.delete(transaction)
  }
  // Places in the text that Yjs keeps for speed know nothing of direct changes.
  if (text._searchMarker !== null) text._searchMarker.length = 0
}
