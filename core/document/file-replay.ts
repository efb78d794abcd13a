import type { TextRun } from '../protocol/text-run.ts'
import type { ChangeSet } from './change-set.ts'
import { endOf, type IdRange } from './id-ranges.ts'

/** What one row of a thread's log did to a document. */
export interface FileStep {
  readonly seq: number
  readonly changes: ChangeSet
  /** Rows before it that told how far the text had come, with the lines added by then. */
  readonly growth: readonly { readonly seq: number; readonly addedLines: number }[]
}

interface Piece {
  readonly text: string
  /** It is there from this row on, up to that one. */
  readonly from: number
  readonly until: number
}

/** A file's text at one row. */
export interface ReplayedText {
  readonly lines: readonly string[]
  /** Lines the edit at that row has written, from 0; `to` is the line after the last. Equal: none. */
  readonly from: number
  readonly to: number
}

const always = Number.NEGATIVE_INFINITY
const never = Number.POSITIVE_INFINITY

/**
 * A document as the edits of one thread made it. What others wrote is there all the time as it is now: the log does
 * not know when they wrote it.
 */
export class FileReplay {
  readonly #pieces: readonly Piece[]
  readonly #steps: readonly FileStep[]
  /** The document knows the edits: it was not made anew since. */
  readonly isKnown: boolean

  constructor(runs: readonly TextRun[], steps: readonly FileStep[]) {
    const clients = groupRuns(runs)
    const times = new Map<number, Times>()
    const timesOf = (client: number) => {
      const known = times.get(client) ?? new Times()
      times.set(client, known)
      return known
    }
    let isKnown = steps.length === 0
    for (const step of steps) {
      const { insertions, deletions } = step.changes
      const first = step.growth[0]?.seq ?? step.seq
      for (const range of deletions) timesOf(range.client).note('until', range, first)
      for (const range of grown(insertions, step, clients)) {
        timesOf(range.client).note('from', range, range.seq)
        isKnown ||= range.isThere
      }
      isKnown ||= deletions.some(({ client }) => clients.has(client))
    }
    this.isKnown = isKnown
    this.#steps = steps
    this.#pieces = runs.flatMap((run) => times.get(run.client)?.cut(run) ?? whole(run))
  }

  at(seq: number): ReplayedText {
    const step = this.#steps.findLast((other) => (other.growth[0]?.seq ?? other.seq) <= seq)
    const since = step ? (step.growth[0]?.seq ?? step.seq) : never
    let text = ''
    let from: number | undefined
    let to = 0
    for (const piece of this.#pieces) {
      if (piece.from > seq || piece.until <= seq) continue
      if (piece.from >= since) {
        from ??= text.length
        to = text.length + piece.text.length
      }
      text += piece.text
    }
    const lines = text.split('\n')
    if (from === undefined) return { lines, from: 0, to: 0 }
    const written = text.slice(from, to)
    const first = countLines(text.slice(0, from))
    return { lines, from: first, to: first + countLines(written) + (written.endsWith('\n') ? 0 : 1) }
  }
}

/** When the characters of one client came and went. */
class Times {
  readonly #notes: { readonly what: 'from' | 'until'; readonly range: IdRange; readonly seq: number }[] = []

  note(what: 'from' | 'until', range: IdRange, seq: number): void {
    this.#notes.push({ what, range, seq })
  }

  cut(run: TextRun): Piece[] {
    const end = run.clock + run.text.length
    const notes = this.#notes.filter(({ range }) => range.clock < end && endOf(range) > run.clock)
    const cuts = new Set([run.clock, end])
    for (const { range } of notes) {
      if (range.clock > run.clock) cuts.add(range.clock)
      if (endOf(range) < end) cuts.add(endOf(range))
    }
    const sorted = [...cuts].sort((a, b) => a - b)
    return sorted.slice(0, -1).flatMap((clock, index) => {
      const text = run.text.slice(clock - run.clock, (sorted[index + 1] ?? end) - run.clock)
      const mine = notes.filter(({ range }) => range.clock <= clock && endOf(range) > clock)
      // What happened first counts: text that comes back does so as other characters.
      const from = mine.find(({ what }) => what === 'from')?.seq
      const until = mine.find(({ what }) => what === 'until')?.seq
      if (from === undefined && until === undefined) return whole({ ...run, text })
      return [{ text, from: from ?? always, until: until ?? never }]
    })
  }
}

/** Text of others: there all the time, or, when it was deleted by others, never. */
function whole({ text, deleted }: TextRun): Piece[] {
  return deleted ? [] : [{ text, from: always, until: never }]
}

function groupRuns(runs: readonly TextRun[]): ReadonlyMap<number, readonly TextRun[]> {
  const clients = new Map<number, TextRun[]>()
  for (const run of runs) {
    const known = clients.get(run.client)
    if (known) known.push(run)
    else clients.set(run.client, [run])
  }
  for (const list of clients.values()) list.sort((a, b) => a.clock - b.clock)
  return clients
}

interface Grown extends IdRange {
  readonly seq: number
  readonly isThere: boolean
}

/** The pieces of what a step inserted, each with the row at which it was there. A model writes from top to bottom. */
function grown(
  insertions: readonly IdRange[],
  { seq, growth }: FileStep,
  clients: ReadonlyMap<number, readonly TextRun[]>,
): readonly Grown[] {
  const pieces: Grown[] = []
  let ends = 0
  // The first line's end is written with its beginning, every other one before what follows it.
  const rowOf = () => growth.find(({ addedLines }) => addedLines >= Math.max(1, ends))?.seq ?? seq
  for (const range of insertions) {
    let clock = range.clock
    for (const run of clients.get(range.client) ?? []) {
      const from = Math.max(clock, run.clock)
      const to = Math.min(endOf(range), run.clock + run.text.length)
      if (to <= from) continue
      const text = run.text.slice(from - run.clock, to - run.clock)
      let at = from
      for (const line of text.match(/\n[^\n]*|[^\n]+/g) ?? []) {
        if (line.startsWith('\n')) ends++
        pieces.push({ client: range.client, clock: at, length: line.length, seq: rowOf(), isThere: true })
        at += line.length
      }
      clock = to
    }
    const rest = endOf(range) - clock
    if (rest > 0) pieces.push({ client: range.client, clock, length: rest, seq, isThere: false })
  }
  return pieces
}

function countLines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++
  return count
}
