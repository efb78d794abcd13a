/** A stretch both sequences have: `length` elements from `a` in the one and from `b` in the other. */
export interface CommonRun {
  readonly a: number
  readonly b: number
  readonly length: number
}

/**
 * Myers' shortest edit script over numbers. `undefined` when more than `limit` elements differ: the cost grows
 * with the square of that.
 */
export function diffSequences(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  limit: number,
): readonly CommonRun[] | undefined {
  const furthest: Int32Array[] = []
  let previous = new Int32Array([0, 0])
  for (let d = 0; d <= Math.min(limit, a.length + b.length); d++) {
    // Index k + d + 1 holds how far diagonal k has come in `a`.
    const reach = new Int32Array(2 * d + 3)
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && at(previous, k - 1, d - 1) < at(previous, k + 1, d - 1))
      let x = d === 0 ? 0 : down ? at(previous, k + 1, d - 1) : at(previous, k - 1, d - 1) + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++
      reach[k + d + 1] = x
      if (x >= a.length && x - k >= b.length) {
        furthest.push(reach)
        return runsOf(furthest, a.length, b.length)
      }
    }
    furthest.push(reach)
    previous = reach
  }
  return undefined
}

function at(reach: Int32Array, k: number, d: number): number {
  return reach[k + d + 1] ?? 0
}

function runsOf(furthest: readonly Int32Array[], aLength: number, bLength: number): readonly CommonRun[] {
  const runs: CommonRun[] = []
  let x = aLength
  let y = bLength
  for (let d = furthest.length - 1; d >= 0; d--) {
    const before = furthest[d - 1]
    let startX = 0
    let startY = 0
    let from = 0
    if (before !== undefined) {
      const k = x - y
      const down = k === -d || (k !== d && at(before, k - 1, d - 1) < at(before, k + 1, d - 1))
      startX = at(before, down ? k + 1 : k - 1, d - 1)
      startY = startX - (down ? k + 1 : k - 1)
      from = startX + (down ? 0 : 1)
    }
    if (x > from) runs.push({ a: from, b: from - (x - y), length: x - from })
    x = startX
    y = startY
  }
  return runs.reverse()
}

/** Runs of elements that occur once on each side, in an order both have: linear, for what is too different for Myers. */
export function matchUnique(a: ArrayLike<number>, b: ArrayLike<number>): readonly CommonRun[] {
  const inB = placesOfUnique(b)
  const pairs: { a: number; b: number }[] = []
  for (const [value, place] of placesOfUnique(a)) {
    const other = inB.get(value)
    if (place >= 0 && other !== undefined && other >= 0) pairs.push({ a: place, b: other })
  }
  pairs.sort((left, right) => left.a - right.a)
  return longestRising(pairs).map((pair) => ({ ...pair, length: 1 }))
}

/** -1 for what occurs more than once. */
function placesOfUnique(sequence: ArrayLike<number>): Map<number, number> {
  const places = new Map<number, number>()
  for (let i = 0; i < sequence.length; i++) {
    const value = sequence[i] ?? 0
    places.set(value, places.has(value) ? -1 : i)
  }
  return places
}

interface Pair {
  readonly a: number
  readonly b: number
}

function longestRising(pairs: readonly Pair[]): readonly Pair[] {
  const tails: number[] = []
  const before: number[] = []
  pairs.forEach((pair, index) => {
    let low = 0
    let high = tails.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((pairs[tails[middle] ?? 0]?.b ?? 0) < pair.b) low = middle + 1
      else high = middle
    }
    before[index] = low > 0 ? (tails[low - 1] ?? -1) : -1
    tails[low] = index
  })
  const rising: Pair[] = []
  for (let index = tails.at(-1) ?? -1; index >= 0; index = before[index] ?? -1) {
    const pair = pairs[index]
    if (pair !== undefined) rising.push(pair)
  }
  return rising.reverse()
}
