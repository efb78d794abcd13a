import { type CommonRun, diffSequences, matchUnique } from './sequence-diff.ts'

/** Lines `from` to before `to` of the text people have now, and what stands there instead. */
export interface LineEdit {
  readonly from: number
  readonly to: number
  readonly lines: readonly string[]
}

/** A place both changed, each in another way. */
export interface LineConflict extends LineEdit {
  readonly base: readonly string[]
  readonly ours: readonly string[]
}

export interface Merge {
  /** In their order, apart from each other. */
  readonly edits: readonly LineEdit[]
  readonly conflicts: readonly LineConflict[]
}

interface Change {
  /** Of the text both began with. */
  readonly from: number
  readonly to: number
  /** Of the changed text. */
  readonly start: number
  readonly end: number
}

/** Differing lines up to which the shortest diff is looked for. */
const lineLimit = 1000

/** The text with these edits made. */
export function withEdits(text: string, edits: readonly LineEdit[]): string {
  const lines = text.split('\n')
  for (const { from, to, lines: added } of edits.toReversed()) lines.splice(from, to - from, ...added)
  return lines.join('\n')
}

/**
 * Brings what `theirs` changed since `base` into `ours`. Changes that touch are a conflict unless they are the same:
 * nothing that people wrote is ever replaced unseen.
 */
export function mergeThree(base: string, ours: string, theirs: string): Merge {
  const baseLines = linesOf(base)
  const ourLines = linesOf(ours)
  const theirLines = linesOf(theirs)
  const own = changesOf(baseLines, ourLines)
  const others = changesOf(baseLines, theirLines)
  const edits: LineEdit[] = []
  const conflicts: LineConflict[] = []
  let i = 0
  let k = 0
  // How many lines longer ours is, up to here.
  let shift = 0
  while (k < others.length) {
    const other = others[k]
    if (!other) break
    for (let mine = own[i]; mine && mine.to < other.from; mine = own[++i]) shift += growth(mine)
    const group = { from: other.from, to: other.to }
    const theirGroup: Change[] = []
    const ourGroup: Change[] = []
    for (;;) {
      const nextOther = others[k]
      const nextOwn = own[i]
      if (nextOther && touches(nextOther, group, theirGroup.length === 0)) {
        theirGroup.push(nextOther)
        group.to = Math.max(group.to, nextOther.to)
        k++
      } else if (nextOwn && nextOwn.from <= group.to) {
        ourGroup.push(nextOwn)
        group.from = Math.min(group.from, nextOwn.from)
        group.to = Math.max(group.to, nextOwn.to)
        i++
      } else break
    }
    const grown = ourGroup.reduce((sum, change) => sum + growth(change), 0)
    const from = group.from + shift
    const to = group.to + shift + grown
    const first = theirGroup[0] ?? other
    const last = theirGroup.at(-1) ?? other
    const before = first.start - (first.from - group.from)
    const after = last.end + (group.to - last.to)
    const lines = theirLines.slice(before, after)
    const now = ourLines.slice(from, to)
    if (ourGroup.length === 0) edits.push({ from, to, lines })
    else if (!sameLines(lines, now)) {
      conflicts.push({ from, to, lines, base: baseLines.slice(group.from, group.to), ours: now })
    }
    shift += grown
  }
  return { edits, conflicts }
}

/** What follows the last line end is no line. */
function linesOf(text: string): readonly string[] {
  const lines = text.split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

/** The first change of a group is in it; further ones when they touch what it has come to hold. */
function touches({ from }: Change, group: { readonly to: number }, first: boolean): boolean {
  return first || from <= group.to
}

function growth({ from, to, start, end }: Change): number {
  return end - start - (to - from)
}

function sameLines(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index])
}

function changesOf(before: readonly string[], after: readonly string[]): readonly Change[] {
  const numbers = new Map<string, number>()
  const number = (lines: readonly string[]) =>
    Int32Array.from(lines, (line) => {
      const known = numbers.get(line) ?? numbers.size
      numbers.set(line, known)
      return known
    })
  const a = number(before)
  const b = number(after)
  const runs: readonly CommonRun[] = diffSequences(a, b, lineLimit) ?? matchUnique(a, b)
  const changes: Change[] = []
  let from = 0
  let start = 0
  for (const run of [...runs, { a: a.length, b: b.length, length: 0 }]) {
    if (run.a > from || run.b > start) changes.push({ from, to: run.a, start, end: run.b })
    from = run.a + run.length
    start = run.b + run.length
  }
  return changes
}

/** The edits as a patch that names every line up to the last change, so that each has one place only. */
export function patchOf(path: string, text: string, edits: readonly LineEdit[]): string {
  const lines = linesOf(text)
  const chunks: string[] = []
  let at = 0
  for (const { from, to, lines: added } of edits) {
    const context = lines.slice(at, from).map((line) => ` ${line}`)
    const removed = lines.slice(from, to).map((line) => `-${line}`)
    // Added lines alone would go to the end of the file.
    const isBare = context.length === 0 && removed.length === 0
    const tail = isBare ? lines.slice(to, to + 1).map((line) => ` ${line}`) : []
    chunks.push(['@@', ...context, ...removed, ...added.map((line) => `+${line}`), ...tail].join('\n'))
    at = to + tail.length
  }
  return `*** Begin Patch\n*** Update File: ${path}\n${chunks.join('\n')}\n*** End Patch\n`
}
