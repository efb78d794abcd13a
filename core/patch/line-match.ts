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

/** From strict to lenient; a stricter way's last place beats a lenient way's first. */
const ways: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => line.trimEnd(),
  (line) => line.trim(),
  plain,
]

function* places(
  lines: readonly string[],
  wanted: readonly string[],
  from: number,
  way: (line: string) => string,
) {
  const pattern = wanted.map(way)
  for (let start = from; start + pattern.length <= lines.length; start++) {
    let same = 0
    while (same < pattern.length && way(lines[start + same] ?? '') === pattern[same]) same++
    if (same === pattern.length) yield start
  }
}

/** The first line index at or after `from` where `wanted` stands; nothing wanted stands at `from`. */
export function seekLines(
  lines: readonly string[],
  wanted: readonly string[],
  from: number,
): number | undefined {
  if (wanted.length === 0) return from
  for (const way of ways) {
    for (const start of places(lines, wanted, from, way)) return start
  }
  return undefined
}

/** Every place of `wanted`, in the strictest way that has one. */
export function everyPlace(lines: readonly string[], wanted: readonly string[]): readonly number[] {
  for (const way of ways) {
    const starts = [...places(lines, wanted, 0, way)]
    if (starts.length > 0) return starts
  }
  return []
}

/** Every place at or after `from` where `wanted` stands to the letter. */
export function exactPlaces(lines: readonly string[], wanted: readonly string[], from: number): number[] {
  return [...places(lines, wanted, from, (line) => line)]
}

/** A text's lines; a final newline ends the last line and begins none. */
export function splitLines(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}
