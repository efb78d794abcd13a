import type { TextRun } from '../protocol/text-run.ts'
import type { ChangeSet } from './change-set.ts'
import { endOf, type IdRange } from './id-ranges.ts'

/** What had happened to a document by a row of a thread's log, whoever did it. */
export interface FileChange {
  readonly seq: number
  readonly changes: ChangeSet
}

/** What one row of a thread's log did to a document. */
export interface FileStep extends FileChange {
  /** Rows before it that told how far the text had come, with the lines added by then. */
  readonly growth: readonly { readonly seq: number; readonly addedLines: number }[]
}

interface Piece {
  readonly text: string
  /** It is there from this row on, up to that one. */
  readonly from: number
  readonly until: number
  /** The thread wrote it. */
  readonly isOwn: boolean
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
 * A document as it was at the rows of one thread's log. What the thread did is known by the row, what others did by its
 * time. Of what nobody noted the time it is there all the while as it is now.
 */
export class FileReplay {
  readonly #pieces: readonly Piece[]
  readonly #steps: readonly FileStep[]
  /** The document knows the edits: it was not made anew since. */
  readonly isKnown: boolean

  constructor(runs: readonly TextRun[], steps: readonly FileStep[], changes: readonly FileChange[]) {
    const clients = groupRuns(runs)
    const notes = new Map<number, Note[]>()
    const note = (kind: Note['kind'], { client, clock, length }: IdRange, seq: number) => {
      const known = notes.get(client)
      const noted = { kind, clock, end: clock + length, seq }
      if (known) known.push(noted)
      else notes.set(client, [noted])
    }
    let isKnown = steps.length === 0
    for (const step of steps) {
      const { insertions, deletions } = step.changes
      for (const range of deletions) note('gone', range, beginOf(step))
      for (const range of grown(insertions, step, clients)) {
        note('own', range, range.seq)
        isKnown ||= range.isThere
      }
      isKnown ||= deletions.some(({ client }) => clients.has(client))
    }
    for (const { seq, changes: each } of changes) {
      for (const range of each.insertions) note('came', range, seq)
      for (const range of each.deletions) note('gone', range, seq)
    }
    this.isKnown = isKnown
    this.#steps = steps
    const spans = new Map([...notes].map(([client, list]) => [client, toSpans(list)]))
    this.#pieces = join(runs.flatMap((run) => cut(run, spans.get(run.client) ?? [])))
  }

  at(seq: number): ReplayedText {
    const step = this.#steps.findLast((other) => beginOf(other) <= seq)
    const since = step ? beginOf(step) : never
    let text = ''
    let from: number | undefined
    let to = 0
    for (const piece of this.#pieces) {
      if (piece.from > seq || piece.until <= seq) continue
      if (piece.isOwn && piece.from >= since) {
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

function beginOf({ seq, growth }: FileStep): number {
  return growth[0]?.seq ?? seq
}

/** Of characters of one client: the thread wrote them, they came from wherever, or they went. */
interface Note {
  readonly kind: 'own' | 'came' | 'gone'
  readonly clock: number
  readonly end: number
  readonly seq: number
}

/** Characters of one client that came and went together. */
interface Span {
  readonly clock: number
  readonly end: number
  readonly own: number | undefined
  readonly came: number | undefined
  readonly gone: number | undefined
}

function toSpans(notes: readonly Note[]): readonly Span[] {
  const cuts = [...new Set(notes.flatMap(({ clock, end }) => [clock, end]))].sort((a, b) => a - b)
  const waiting = notes.toSorted((a, b) => b.clock - a.clock)
  const spans: Span[] = []
  let active: Note[] = []
  for (const [index, clock] of cuts.entries()) {
    const end = cuts[index + 1]
    if (end === undefined) break
    active = active.filter((note) => note.end > clock)
    for (let next = waiting.at(-1); next && next.clock <= clock; next = waiting.at(-1)) {
      active.push(next)
      waiting.pop()
    }
    // What happened first counts: text that comes back does so as other characters.
    const first = (kind: Note['kind']) => {
      const seqs = active.filter((note) => note.kind === kind).map(({ seq }) => seq)
      return seqs.length === 0 ? undefined : Math.min(...seqs)
    }
    if (active.length > 0)
      spans.push({ clock, end, own: first('own'), came: first('came'), gone: first('gone') })
  }
  return spans
}

function cut(run: TextRun, spans: readonly Span[]): readonly Piece[] {
  const end = run.clock + run.text.length
  const pieces: Piece[] = []
  const add = (from: number, to: number, span?: Span) => {
    const piece = pieceOf({ ...run, text: run.text.slice(from - run.clock, to - run.clock) }, span)
    if (piece.text !== '' && piece.from < piece.until) pieces.push(piece)
  }
  let clock = run.clock
  for (let index = firstEndingAfter(spans, clock); clock < end; index++) {
    const span = spans[index]
    if (!span || span.clock >= end) break
    add(clock, Math.max(clock, span.clock))
    const to = Math.min(end, span.end)
    add(Math.max(clock, span.clock), to, span)
    clock = to
  }
  add(clock, end)
  return pieces
}

function pieceOf({ text, deleted }: TextRun, span: Span | undefined): Piece {
  const { came, gone } = span ?? {}
  // What went before is none of its text: it took back a deletion of what another keeps away.
  const own = gone !== undefined && span?.own !== undefined && gone < span.own ? undefined : span?.own
  // Of when it went nothing is known: what the thread did not write was never there.
  const otherwise = deleted && own === undefined ? always : never
  return { text, from: own ?? came ?? always, until: gone ?? otherwise, isOwn: own !== undefined }
}

function firstEndingAfter(spans: readonly Span[], clock: number): number {
  let low = 0
  let high = spans.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((spans[middle]?.end ?? never) <= clock) low = middle + 1
    else high = middle
  }
  return low
}

/** Neighbours with the same fate are one, so that there are no more pieces than the rows tell apart. */
function join(pieces: readonly Piece[]): readonly Piece[] {
  const joined: Piece[] = []
  let texts: string[] = []
  for (const [index, piece] of pieces.entries()) {
    texts.push(piece.text)
    const next = pieces[index + 1]
    if (next && next.from === piece.from && next.until === piece.until && next.isOwn === piece.isOwn) continue
    joined.push({ ...piece, text: texts.join('') })
    texts = []
  }
  return joined
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
