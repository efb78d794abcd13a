import { diffLines, type LineChange } from './line-diff.ts'

/** One file of a patch; `before` is missing for a new file. */
export interface PatchedFile {
  readonly path: string
  readonly before: string | undefined
  readonly after: string
}

const contextLines = 3
/** How far context may grow to make a place the only one of its kind. */
const maxContextLines = 12

/** Writes changes in the `apply_patch` format, in small hunks whose places are unmistakable. */
export function writePatch(files: readonly PatchedFile[]): string {
  const parts = files.map(({ path, before, after }) =>
    before === undefined ? addFile(path, after) : updateFile(path, splitLines(before), splitLines(after)),
  )
  return ['*** Begin Patch', ...parts.filter((part) => part !== ''), '*** End Patch'].join('\n')
}

export function splitLines(text: string): readonly string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function addFile(path: string, text: string): string {
  return [`*** Add File: ${path}`, ...splitLines(text).map((line) => `+${line}`)].join('\n')
}

function updateFile(path: string, before: readonly string[], after: readonly string[]): string {
  const groups = groupChanges(diffLines(before, after))
  if (groups.length === 0) return ''
  const output = [`*** Update File: ${path}`]
  let cursor = 0
  groups.forEach((group, index) => {
    const nextStart = groups[index + 1]?.[0]?.oldStart ?? before.length
    const { header, start, end } = place(before, group, cursor, nextStart)
    output.push(header === undefined ? '@@' : `@@ ${header}`)
    let line = start
    for (const change of group) {
      for (; line < change.oldStart; line++) output.push(` ${before[line]}`)
      for (; line < change.oldEnd; line++) output.push(`-${before[line]}`)
      for (const added of after.slice(change.newStart, change.newEnd)) output.push(`+${added}`)
    }
    for (; line < end; line++) output.push(` ${before[line]}`)
    cursor = end
  })
  return output.join('\n')
}

/** Changes whose contexts would touch belong to one hunk. */
function groupChanges(changes: readonly LineChange[]): readonly (readonly LineChange[])[] {
  const groups: LineChange[][] = []
  for (const change of changes) {
    const group = groups.at(-1)
    const last = group?.at(-1)
    if (group && last && change.oldStart - last.oldEnd <= contextLines * 2) group.push(change)
    else groups.push([change])
  }
  return groups
}

interface HunkPlace {
  readonly header: string | undefined
  /** Lines of the old text the hunk shows, half-open. */
  readonly start: number
  readonly end: number
}

/**
 * How much context a hunk needs. The reader takes the first match after the hunk before (`cursor`), so that must be the
 * right one; better still when it is the only one in the file.
 */
function place(
  before: readonly string[],
  group: readonly LineChange[],
  cursor: number,
  nextStart: number,
): HunkPlace {
  const from = group[0]?.oldStart ?? 0
  const to = group.at(-1)?.oldEnd ?? from
  // Room is left for the context of the hunk that follows.
  const lastEnd =
    nextStart === before.length
      ? nextStart
      : Math.max(to, Math.min(to + maxContextLines, nextStart - contextLines))
  let first: HunkPlace | undefined
  for (let context = contextLines; context <= maxContextLines; context++) {
    const start = Math.max(cursor, from - context)
    const end = Math.min(lastEnd, to + context)
    if (findLines(before, start, end, cursor) !== start) continue
    first ??= { header: undefined, start, end }
    if (findLines(before, start, end, 0) === start && findLines(before, start, end, start + 1) < 0)
      return { header: undefined, start, end }
  }
  const start = Math.max(cursor, from - contextLines)
  const end = Math.min(lastEnd, to + contextLines)
  for (let line = start - 1; line >= cursor; line--) {
    const header = before[line] ?? ''
    if (!/^\s*[\w$@.#<[(]/.test(header) || header.trim().length < 3) continue
    if (before.indexOf(header, cursor) === line && findLines(before, start, end, line + 1) === start)
      return { header, start, end }
  }
  // From the cursor on, the lines right at the cursor always match first.
  return first ?? { header: undefined, start: cursor, end }
}

/** Where the lines `start..end` occur first at or after `cursor`, as loosely as the reader of the patch compares. */
function findLines(lines: readonly string[], start: number, end: number, cursor: number): number {
  const length = end - start
  for (let at = cursor; at + length <= lines.length; at++) {
    let same = true
    for (let i = 0; same && i < length; i++) same = lines[at + i] === lines[start + i]
    if (same) return at
  }
  return -1
}
