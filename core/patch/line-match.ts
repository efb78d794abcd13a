const oddCharacters: readonly (readonly [RegExp, string])[] = [
  [/[\u2010-\u2015\u2212]/g, '-'],
  [/[\u2018-\u201b]/g, "'"],
  [/[\u201c-\u201f]/g, '"'],
  [/[\u00a0\u2002-\u200a\u202f\u205f\u3000]/g, ' '],
]

function plain(line: string): string {
  let text = line.trim()
  // Most lines are ASCII; looking is cheaper than four replacements.
  if (!/[\u0080-\uffff]/.test(text)) return text
  for (const [odd, usual] of oddCharacters) text = text.replace(odd, usual)
  return text
}

type Way = (line: string) => string

/** From strict to lenient; a stricter way's last place beats a lenient way's first. */
const ways: readonly Way[] = [(line) => line, (line) => line.trimEnd(), (line) => line.trim(), plain]

/** The places from `from` on, in order, until there are `limit`. */
function placesOf(
  lines: readonly string[],
  wanted: readonly string[],
  { from, way, limit }: { readonly from: number; readonly way: Way; readonly limit: number },
): number[] {
  const [first, ...rest] = wanted.map(way)
  const found: number[] = []
  const last = lines.length - wanted.length
  for (let start = from; start <= last && found.length < limit; start++) {
    if (way(lines[start] ?? '') !== first) continue
    if (rest.every((line, index) => way(lines[start + 1 + index] ?? '') === line)) found.push(start)
  }
  return found
}

/** The first line index at or after `from` where `wanted` stands; nothing wanted stands at `from`. */
export function seekLines(
  lines: readonly string[],
  wanted: readonly string[],
  from: number,
): number | undefined {
  if (wanted.length === 0) return from
  for (const way of ways) {
    const [start] = placesOf(lines, wanted, { from, way, limit: 1 })
    if (start !== undefined) return start
  }
  return undefined
}

/** Every place of `wanted`, in the strictest way that has one. */
export function everyPlace(lines: readonly string[], wanted: readonly string[]): readonly number[] {
  for (const way of ways) {
    const starts = placesOf(lines, wanted, { from: 0, way, limit: Number.POSITIVE_INFINITY })
    if (starts.length > 0) return starts
  }
  return []
}

const searchesWithoutIndex = 3

/** Finds lines to the letter again and again in the same text: an index pays after a few searches of a long one. */
export class ExactSearch {
  readonly #lines: readonly string[]
  #searches = 0
  #index: ReadonlyMap<string, readonly number[]> | undefined

  constructor(lines: readonly string[]) {
    this.#lines = lines
  }

  /** The places at or after `from`; none when there are more than `limit`. */
  places(
    wanted: readonly string[],
    { from, limit }: { readonly from: number; readonly limit: number },
  ): readonly number[] {
    if (this.#index === undefined && this.#searches++ < searchesWithoutIndex) {
      const starts = placesOf(this.#lines, wanted, { from, way: (line) => line, limit: limit + 1 })
      return starts.length > limit ? [] : starts
    }
    this.#index ??= indexOf(this.#lines)
    const starts: number[] = []
    for (const start of this.#rarest(wanted)) {
      if (start < from || wanted.some((line, index) => this.#lines[start + index] !== line)) continue
      if (starts.push(start) > limit) return []
    }
    return starts
  }

  /** Where `wanted` could begin, by the one of its lines that stands at the fewest places. */
  #rarest(wanted: readonly string[]): readonly number[] {
    const all = wanted.map((line, offset) => ({ offset, places: this.#index?.get(line) ?? [] }))
    const [first, ...others] = all
    if (first === undefined) return []
    const rarest = others.reduce((a, b) => (b.places.length < a.places.length ? b : a), first)
    return rarest.places.map((place) => place - rarest.offset)
  }
}

function indexOf(lines: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const index = new Map<string, number[]>()
  for (const [place, line] of lines.entries()) {
    const places = index.get(line)
    if (places === undefined) index.set(line, [place])
    else places.push(place)
  }
  return index
}

/** A text's lines; a final newline ends the last line and begins none. */
export function splitLines(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}
