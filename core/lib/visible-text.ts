/** A stretch of text: as it is, or one invisible character with what is shown for it. */
export interface VisiblePiece {
  readonly text: string
  /** `U+200B`, `⇥`, `NBSP`: `undefined` for text that can be seen. */
  readonly mark: string | undefined
}

const names: Readonly<Record<string, string>> = {
  '\t': '⇥',
  '\r': 'CR',
  '\u00a0': 'NBSP',
  '\u200b': 'ZWSP',
  '\u200c': 'ZWNJ',
  '\u200d': 'ZWJ',
  '\u200e': 'LRM',
  '\u200f': 'RLM',
  '\u202a': 'LRE',
  '\u202b': 'RLE',
  '\u202c': 'PDF',
  '\u202d': 'LRO',
  '\u202e': 'RLO',
  '\u2066': 'LRI',
  '\u2067': 'RLI',
  '\u2068': 'FSI',
  '\u2069': 'PDI',
  '\ufeff': 'BOM',
}

/** Control and format characters, fillers, odd spaces, variation selectors, tags, halves of pairs; not space and line feed. */
const invisible =
  /(?![\n ])[\p{Cc}\p{Cf}\p{Cs}\p{Zs}\p{Zl}\p{Zp}\p{Variation_Selector}\u115f\u1160\u17b4\u17b5\u3164\uffa0]|\u034f/gu

/** Splits a text so that what cannot be seen gets a mark. The pieces' texts joined are the text. */
export function visibleText(text: string): readonly VisiblePiece[] {
  const pieces: VisiblePiece[] = []
  let end = 0
  for (const match of text.matchAll(invisible)) {
    const [character] = match
    if (match.index > end) pieces.push({ text: text.slice(end, match.index), mark: undefined })
    pieces.push({ text: character, mark: names[character] ?? codeOf(character) })
    end = match.index + character.length
  }
  if (end < text.length) pieces.push({ text: text.slice(end), mark: undefined })
  return pieces
}

function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
