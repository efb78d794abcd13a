import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'

/** A word that never ends (base64, minified code, Chinese) would take time that grows with its square. */
const wordChars = 64
const longWord = new RegExp(`\\S{${wordChars}}(?=\\S)`, 'g')
const longGap = new RegExp(`\\s{${wordChars}}`, 'g')

/** Exactly as OpenAI's present models count, but for words of more than 64 characters, which count slightly more. */
export function countTextTokens(text: string): number {
  const even = text.replace(longGap, '\n \t').replace(longWord, '$& ')
  return countTokens(even, plain)
}

/** What looks like a special token is text. */
const plain = { disallowedSpecial: new Set<string>() }
