import { limits } from '../../core/protocol/limits.ts'

/** What events say of a text of any length. */
export function shortened(text: string): string {
  const cut = text.slice(0, limits.removedTextChars)
  // Not through the middle of a surrogate pair.
  return cut.isWellFormed() ? cut : cut.slice(0, -1)
}
