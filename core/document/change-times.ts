import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { limits } from '../protocol/limits.ts'
import { type ChangeSet, readChangeSet, writeChangeSet } from './change-set.ts'
import { unite } from './id-ranges.ts'

/** What came and went in a document, and when the last of it did, in milliseconds of the clock. */
export interface TimedChange {
  readonly at: number
  readonly changes: ChangeSet
}

interface Step extends TimedChange {
  /** When the first of it did. */
  readonly from: number
}

/**
 * When the characters of a document came and went, whoever wrote them. It stays small: what happens within a moment is
 * one step, older moments are longer, and of what no longer fits it is forgotten when it happened.
 */
export class ChangeTimes {
  #steps: Step[] = []
  #ranges = 0

  constructor(changes: readonly TimedChange[] = []) {
    for (const change of changes) this.note(change)
  }

  note({ at, changes }: TimedChange): void {
    if (sizeOf(changes) === 0) return
    const step = { at, changes, from: at }
    const last = this.#steps.at(-1)
    if (last && at >= last.from && at - last.from < limits.documentTimeMs) {
      const joined = join(last, step)
      this.#steps[this.#steps.length - 1] = joined
      this.#ranges += sizeOf(joined.changes) - sizeOf(last.changes)
    } else {
      this.#steps.push(step)
      this.#ranges += sizeOf(changes)
    }
    if (this.#ranges > limits.documentTimeRanges) this.#thin()
  }

  list(): readonly TimedChange[] {
    return this.#steps
  }

  #thin(): void {
    const old = this.#steps.splice(0, this.#steps.length >> 1)
    const joined = old.flatMap((step, index) => {
      const next = old[index + 1]
      if (index % 2 === 1) return []
      return [next ? join(step, next) : step]
    })
    this.#steps = [...joined, ...this.#steps]
    this.#ranges = this.#steps.reduce((sum, { changes }) => sum + sizeOf(changes), 0)
    let forgotten = 0
    for (const { changes } of this.#steps) {
      if (this.#ranges <= limits.documentTimeRanges * 0.8) break
      this.#ranges -= sizeOf(changes)
      forgotten += 1
    }
    this.#steps.splice(0, forgotten)
  }
}

export function encodeTimes(changes: readonly TimedChange[]): Uint8Array {
  const encoder = encoding.createEncoder()
  for (const { at, changes: each } of changes) {
    encoding.writeVarUint(encoder, at)
    writeChangeSet(encoder, each)
  }
  return encoding.toUint8Array(encoder)
}

/** What is no such list is as if nothing were known. */
export function decodeTimes(bytes: Uint8Array): readonly TimedChange[] {
  const changes: TimedChange[] = []
  try {
    const decoder = decoding.createDecoder(bytes)
    while (decoding.hasContent(decoder)) {
      changes.push({ at: decoding.readVarUint(decoder), changes: readChangeSet(decoder) })
    }
    return changes
  } catch {
    return []
  }
}

/** All of both: what came and went within one step is never to be seen, but it did go. */
function join(a: Step, b: Step): Step {
  const insertions = unite(a.changes.insertions, b.changes.insertions)
  const deletions = unite(a.changes.deletions, b.changes.deletions)
  return { from: a.from, at: Math.max(a.at, b.at), changes: { insertions, deletions } }
}

function sizeOf({ insertions, deletions }: ChangeSet): number {
  return insertions.length + deletions.length
}
