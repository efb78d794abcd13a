/** Lines `oldStart..oldEnd` of the old text became `newStart..newEnd` of the new one (half-open). */
export interface LineChange {
  readonly oldStart: number
  readonly oldEnd: number
  readonly newStart: number
  readonly newEnd: number
}

/** More differences than this in one stretch are taken as one block: the search costs their square. */
const maxDifferences = 600

/** The changes between two texts, few and small, in order (Myers' greedy algorithm). */
export function diffLines(before: readonly string[], after: readonly string[]): readonly LineChange[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let tail = 0
  while (
    tail < before.length - start &&
    tail < after.length - start &&
    before.at(-1 - tail) === after.at(-1 - tail)
  )
    tail++
  const oldEnd = before.length - tail
  const newEnd = after.length - tail
  if (start === oldEnd && start === newEnd) return []
  if (oldEnd - start === newEnd - start) return pairwise(before, after, start, oldEnd)
  const path = shortestPath(before.slice(start, oldEnd), after.slice(start, newEnd))
  if (!path) return [{ oldStart: start, oldEnd, newStart: start, newEnd }]
  return path.map((change) => ({
    oldStart: change.oldStart + start,
    oldEnd: change.oldEnd + start,
    newStart: change.newStart + start,
    newEnd: change.newEnd + start,
  }))
}

/** As many lines as before: most edits change lines in place. */
function pairwise(
  before: readonly string[],
  after: readonly string[],
  start: number,
  end: number,
): readonly LineChange[] {
  const changes: LineChange[] = []
  for (let line = start; line < end; line++) {
    if (before[line] === after[line]) continue
    let stop = line + 1
    while (stop < end && before[stop] !== after[stop]) stop++
    changes.push({ oldStart: line, oldEnd: stop, newStart: line, newEnd: stop })
    line = stop
  }
  return changes
}

function shortestPath(
  before: readonly string[],
  after: readonly string[],
): readonly LineChange[] | undefined {
  const furthest = new Map<number, number>([[1, 0]])
  const trace: Map<number, number>[] = []
  for (let d = 0; d <= maxDifferences; d++) {
    trace.push(new Map(furthest))
    for (let k = -d; k <= d; k += 2) {
      let x = goesDown(furthest, k, d) ? at(furthest, k + 1) : at(furthest, k - 1) + 1
      while (x < before.length && x - k < after.length && before[x] === after[x - k]) x++
      furthest.set(k, x)
      if (x >= before.length && x - k >= after.length) return backtrack(trace, before.length, after.length)
    }
  }
  return undefined
}

function backtrack(
  trace: readonly Map<number, number>[],
  oldLength: number,
  newLength: number,
): readonly LineChange[] {
  const changes: LineChange[] = []
  let x = oldLength
  let y = newLength
  for (let d = trace.length - 1; d > 0; d--) {
    const furthest = trace[d] ?? new Map<number, number>()
    const k = x - y
    const down = goesDown(furthest, k, d)
    const previousK = down ? k + 1 : k - 1
    const fromX = at(furthest, previousK)
    const fromY = fromX - previousK
    const change = down
      ? { oldStart: fromX, oldEnd: fromX, newStart: fromY, newEnd: fromY + 1 }
      : { oldStart: fromX, oldEnd: fromX + 1, newStart: fromY, newEnd: fromY }
    const next = changes.at(-1)
    if (next && next.oldStart === change.oldEnd && next.newStart === change.newEnd) {
      changes[changes.length - 1] = { ...next, oldStart: change.oldStart, newStart: change.newStart }
    } else changes.push(change)
    x = fromX
    y = fromY
  }
  return changes.reverse()
}

function goesDown(furthest: ReadonlyMap<number, number>, k: number, d: number): boolean {
  return k === -d || (k !== d && at(furthest, k - 1) < at(furthest, k + 1))
}

function at(furthest: ReadonlyMap<number, number>, k: number): number {
  return furthest.get(k) ?? 0
}
