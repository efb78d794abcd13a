import { type CommonRun, diffSequences, matchUnique } from './sequence-diff.ts'

/** One replacement. Offsets are UTF-16 code units of the old text; no edit cuts a surrogate pair. */
export interface TextEdit {
  readonly from: number
  readonly to: number
  readonly insert: string
}

/** Differing lines up to which the shortest line diff is looked for. */
const lineLimit = 1000
/** Differing characters, within one changed stretch, up to which the shortest diff is looked for. */
const characterLimit = 200
/** Stretches longer than this are replaced whole. */
const stretchLimit = 4000

/** Changed stretches of equally many lines, and more than this, are compared line by line. */
const pairedLines = 20

/** Small edits, from first to last, that turn one text into the other: by line, then by character within changed lines. */
export function diffText(before: string, after: string): readonly TextEdit[] {
  const whole = trim(before, after, { from: 0, to: before.length }, { from: 0, to: after.length })
  if (whole === undefined) return []
  const old = linesOf(before, whole.old)
  const now = linesOf(after, whole.now)
  const numbers = new Map<string, number>()
  const a = numberLines(before, old, numbers)
  const b = numberLines(after, now, numbers)
  const runs = diffSequences(a, b, lineLimit) ?? matchUnique(a, b)
  const edits: TextEdit[] = []
  const diffLines = (a: Range, b: Range) => {
    const oldRange = { from: startOf(old, a.from, whole.old), to: startOf(old, a.to, whole.old) }
    const nowRange = { from: startOf(now, b.from, whole.now), to: startOf(now, b.to, whole.now) }
    edits.push(...diffStretch(before, after, oldRange, nowRange))
  }
  eachGap(runs, a.length, b.length, (gap) => {
    const lines = gap.a.to - gap.a.from
    // Every line changed a little, as after formatting: line by line, each line keeps its place.
    if (lines === gap.b.to - gap.b.from && lines > pairedLines) {
      for (let i = 0; i < lines; i++) {
        diffLines(
          { from: gap.a.from + i, to: gap.a.from + i + 1 },
          { from: gap.b.from + i, to: gap.b.from + i + 1 },
        )
      }
    } else {
      diffLines(gap.a, gap.b)
    }
  })
  return edits
}

interface Range {
  readonly from: number
  readonly to: number
}

function diffStretch(before: string, after: string, old: Range, now: Range): readonly TextEdit[] {
  const core = trim(before, after, old, now)
  if (core === undefined) return []
  const { from, to } = core.old
  const replacement = { from, to, insert: after.slice(core.now.from, core.now.to) }
  const small = to - from <= stretchLimit && replacement.insert.length <= stretchLimit
  if (!small || from === to || replacement.insert === '') return [replacement]
  const a = codePointsOf(before.slice(from, to))
  const b = codePointsOf(replacement.insert)
  const runs = diffSequences(a.points, b.points, characterLimit)
  if (runs === undefined) return [replacement]
  const edits: TextEdit[] = []
  eachGap(runs, a.points.length, b.points.length, (gap) => {
    edits.push({
      from: from + (a.offsets[gap.a.from] ?? 0),
      to: from + (a.offsets[gap.a.to] ?? 0),
      insert: replacement.insert.slice(b.offsets[gap.b.from], b.offsets[gap.b.to]),
    })
  })
  return edits
}

/** Leaves out what both begin and end with; `undefined` when nothing is left. */
function trim(before: string, after: string, old: Range, now: Range): { old: Range; now: Range } | undefined {
  let start = 0
  const shorter = Math.min(old.to - old.from, now.to - now.from)
  while (start < shorter && before.charCodeAt(old.from + start) === after.charCodeAt(now.from + start))
    start++
  if (start > 0 && isHighSurrogate(before.charCodeAt(old.from + start - 1))) start--
  let end = 0
  while (end < shorter - start && before.charCodeAt(old.to - 1 - end) === after.charCodeAt(now.to - 1 - end))
    end++
  if (end > 0 && isLowSurrogate(before.charCodeAt(old.to - end))) end--
  const core = {
    old: { from: old.from + start, to: old.to - end },
    now: { from: now.from + start, to: now.to - end },
  }
  return core.old.from === core.old.to && core.now.from === core.now.to ? undefined : core
}

/** Starts of the lines that lie in a range; its first line may begin before it. */
function linesOf(text: string, { from, to }: Range): readonly number[] {
  const starts: number[] = []
  for (let at = from; at < to; ) {
    starts.push(at)
    const end = text.indexOf('\n', at)
    at = end < 0 ? to : end + 1
  }
  starts.push(to)
  return starts
}

function startOf(starts: readonly number[], line: number, range: Range): number {
  return starts[line] ?? range.to
}

function numberLines(text: string, starts: readonly number[], numbers: Map<string, number>): Int32Array {
  const result = new Int32Array(starts.length - 1)
  for (let i = 0; i < result.length; i++) {
    const line = text.slice(starts[i], starts[i + 1])
    const known = numbers.get(line) ?? numbers.size
    numbers.set(line, known)
    result[i] = known
  }
  return result
}

function codePointsOf(text: string): {
  readonly points: readonly number[]
  readonly offsets: readonly number[]
} {
  const points: number[] = []
  const offsets: number[] = []
  let offset = 0
  for (const character of text) {
    points.push(character.codePointAt(0) ?? 0)
    offsets.push(offset)
    offset += character.length
  }
  offsets.push(offset)
  return { points, offsets }
}

interface Gap {
  readonly a: Range
  readonly b: Range
}

function eachGap(
  runs: readonly CommonRun[],
  aLength: number,
  bLength: number,
  visit: (gap: Gap) => void,
): void {
  let a = 0
  let b = 0
  for (const run of [...runs, { a: aLength, b: bLength, length: 0 }]) {
    if (run.a > a || run.b > b) visit({ a: { from: a, to: run.a }, b: { from: b, to: run.b } })
    a = run.a + run.length
    b = run.b + run.length
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
