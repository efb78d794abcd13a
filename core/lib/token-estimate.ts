const wide = /[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]|[\u{1f000}-\u{3ffff}]/gu

/** About how many tokens a model makes of a text: one of each CJK character or emoji, one of four other characters. */
export function estimateTokens(text: string): number {
  let count = 0
  let units = 0
  for (const [character] of text.matchAll(wide)) {
    count++
    units += character.length
  }
  return count + Math.ceil((text.length - units) / 4)
}
