import { commonLines, linesOf } from './common-lines.ts'
import { diffText } from './text-diff.ts'

/** Offsets within one line, in UTF-16 code units. */
export interface Mark {
  readonly from: number
  readonly to: number
}

/** One line of a diff. `same` has the line as it is after. */
export interface DiffRow {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
  /** What of the line differs from its counterpart; whole words. */
  readonly marks: readonly Mark[]
}

/** The lines of two texts against each other; those that are alike stand once. */
export function diffRows(
  before: string,
  after: string,
  options: { readonly ignoreWhitespace: boolean },
): readonly DiffRow[] {
  const old = linesOf(before)
  const now = linesOf(after)
  const rows: DiffRow[] = []
  let atOld = 0
  let atNow = 0
  const gap = (endOld: number, endNow: number) => {
    rows.push(...changedRows(old.slice(atOld, endOld), now.slice(atNow, endNow)))
  }
  const keyOf = options.ignoreWhitespace ? (line: string) => line.replace(/\s+/g, '') : undefined
  for (const run of commonLines(old, now, keyOf)) {
    gap(run.a, run.b)
    for (let i = 0; i < run.length; i++) {
      rows.push({ kind: 'same', text: now[run.b + i] ?? '', marks: [] })
    }
    atOld = run.a + run.length
    atNow = run.b + run.length
  }
  gap(old.length, now.length)
  return rows
}

/** Lines that take each other's place are compared by their words. */
function changedRows(old: readonly string[], now: readonly string[]): DiffRow[] {
  const removed = old.map((text): DiffRow => ({ kind: 'removed', text, marks: [] }))
  const added = now.map((text): DiffRow => ({ kind: 'added', text, marks: [] }))
  for (let i = 0; i < Math.min(old.length, now.length); i++) {
    const [before, after] = [old[i] ?? '', now[i] ?? '']
    const marksBefore: Mark[] = []
    const marksAfter: Mark[] = []
    let shift = 0
    for (const { from, to, insert } of diffText(before, after)) {
      marksBefore.push(wholeWords(before, from, to, insert))
      marksAfter.push(wholeWords(after, from + shift, from + shift + insert.length, before.slice(from, to)))
      shift += insert.length - (to - from)
    }
    const [first, second] = [removed[i], added[i]]
    if (first) removed[i] = { ...first, marks: united(marksBefore, before.length) }
    if (second) added[i] = { ...second, marks: united(marksAfter, after.length) }
  }
  return [...removed, ...added]
}

const word = /[\p{L}\p{N}_$]/u

/** `other` stands there in the other line: where it is part of a word, that word is another one here. */
function wholeWords(line: string, from: number, to: number, other: string): Mark {
  const isWord = (index: number) => word.test(line[index] ?? '')
  const first = to > from ? isWord(from) : word.test(other.at(0) ?? '')
  const last = to > from ? isWord(to - 1) : word.test(other.at(-1) ?? '')
  let start = from
  let end = to
  while (first && start > 0 && isWord(start - 1)) start--
  while (last && end < line.length && isWord(end)) end++
  return { from: start, to: end }
}

/** Where nearly all of a line differs, marking it says nothing. */
function united(marks: readonly Mark[], length: number): readonly Mark[] {
  const result: Mark[] = []
  for (const mark of marks) {
    if (mark.from === mark.to) continue
    const last = result.at(-1)
    if (last && mark.from <= last.to)
      result[result.length - 1] = { from: last.from, to: Math.max(last.to, mark.to) }
    else result.push(mark)
  }
  const marked = result.reduce((sum, { from, to }) => sum + to - from, 0)
  return marked > length * 0.8 ? [] : result
}
