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

/** More than a model makes of any text but noise: three of four ASCII characters, two of any other. */
export function tokenBound(text: string): number {
  let others = 0
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 127) others++
  return others * 2 + Math.ceil((text.length - others) * 0.75)
}
