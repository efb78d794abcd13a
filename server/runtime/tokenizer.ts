import { createRequire } from 'node:module'
import type { countTokens } from 'gpt-tokenizer/encoding/o200k_base'

/** Two hundred thousand pieces of words: loading them takes longer than jobs that go on after a crash need to wait. */
interface Encoding {
  readonly countTokens: typeof countTokens
}
let encoding: Encoding | undefined
const require = createRequire(import.meta.url)

export function loadTokenizer(): Encoding {
  const loaded: Encoding = encoding ?? require('gpt-tokenizer/encoding/o200k_base')
  encoding = loaded
  return loaded
}

export function isTokenizerLoaded(): boolean {
  return encoding !== undefined
}

/** A word that never ends (base64, minified code, Chinese) would take time that grows with its square. */
const wordChars = 64
const longWord = new RegExp(`\\S{${wordChars}}(?=\\S)`, 'g')
const longGap = new RegExp(`\\s{${wordChars}}`, 'g')

/** Exactly as OpenAI's present models count, but for words of more than 64 characters, which count slightly more. */
export function countTextTokens(text: string): number {
  const even = text.replace(longGap, '\n \t').replace(longWord, '$& ')
  return loadTokenizer().countTokens(even, plain)
}

/** What looks like a special token is text. */
const plain = { disallowedSpecial: new Set<string>() }
