import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import type * as Y from 'yjs'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { type IdRange, type IdRanges, subtract, toIdRanges, unite } from './id-ranges.ts'

/** Exactly which characters were written and which were taken out, by their ids in the document. */
export interface ChangeSet {
  readonly insertions: IdRanges
  readonly deletions: IdRanges
}

export const noChanges: ChangeSet = { insertions: [], deletions: [] }

/** What one finished transaction inserted and deleted. Ids of bookkeeping may be among them; they revert to nothing. */
export function changesOf(transaction: Y.Transaction): ChangeSet {
  const insertions: IdRange[] = []
  for (const [client, end] of transaction.afterState) {
    const clock = transaction.beforeState.get(client) ?? 0
    insertions.push({ client, clock, length: end - clock })
  }
  return { insertions: toIdRanges(insertions), deletions: deletionsOf(transaction) }
}

/** What a transaction has deleted so far. */
export function deletionsOf(transaction: Y.Transaction): IdRanges {
  const ranges: IdRange[] = []
  for (const [client, deleted] of transaction.deleteSet.clients) {
    for (const { clock, len } of deleted) ranges.push({ client, clock, length: len })
  }
  return toIdRanges(ranges)
}

/** Both, one after the other: what the first inserted and the second deleted is no deletion of theirs. */
export function mergeChangeSets(first: ChangeSet, second: ChangeSet): ChangeSet {
  const insertions = unite(first.insertions, second.insertions)
  return { insertions, deletions: subtract(unite(first.deletions, second.deletions), insertions) }
}

export function encodeChangeSet(changes: ChangeSet): string {
  const encoder = encoding.createEncoder()
  writeChangeSet(encoder, changes)
  return encodeBase64(encoding.toUint8Array(encoder))
}

/** `undefined` for text that is no change set. */
export function decodeChangeSet(text: string): ChangeSet | undefined {
  const bytes = decodeBase64(text)
  if (bytes === undefined) return undefined
  try {
    const decoder = decoding.createDecoder(bytes)
    const changes = readChangeSet(decoder)
    return decoding.hasContent(decoder) ? undefined : changes
  } catch {
    return undefined
  }
}

export function writeChangeSet(encoder: encoding.Encoder, { insertions, deletions }: ChangeSet): void {
  writeRanges(encoder, insertions)
  writeRanges(encoder, deletions)
}

/** Throws for bytes that are none. */
export function readChangeSet(decoder: decoding.Decoder): ChangeSet {
  return { insertions: readRanges(decoder), deletions: readRanges(decoder) }
}

function writeRanges(encoder: encoding.Encoder, ranges: IdRanges): void {
  encoding.writeVarUint(encoder, ranges.length)
  for (const { client, clock, length } of ranges) {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
    encoding.writeVarUint(encoder, length)
  }
}

function readRanges(decoder: decoding.Decoder): IdRanges {
  const ranges: IdRange[] = []
  const count = decoding.readVarUint(decoder)
  for (let i = 0; i < count; i++) {
    const client = decoding.readVarUint(decoder)
    const clock = decoding.readVarUint(decoder)
    ranges.push({ client, clock, length: decoding.readVarUint(decoder) })
  }
  return toIdRanges(ranges)
}
