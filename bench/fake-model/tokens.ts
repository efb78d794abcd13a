const words =
  'the editor writes a small change while you read and the file stays yours so every token lands where it belongs ' +
  'then a test runs green and the work goes on without a pause in either hand'
const vocabulary = words.split(' ')

/** Readable filler of exactly `tokens * charsPerToken` characters; the same every time. */
export function prose(tokens: number, charsPerToken = 4): string {
  const length = tokens * charsPerToken
  const parts: string[] = []
  let written = 0
  let seed = 7
  for (let i = 1; written < length; i++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    const word = vocabulary[seed % vocabulary.length] ?? ''
    const end = i % 90 === 0 ? '.\n\n' : i % 14 === 0 ? '. ' : ' '
    parts.push(word, end)
    written += word.length + end.length
  }
  return parts.join('').slice(0, length)
}

/** Cuts a text into tokens of `charsPerToken` UTF-16 units, never inside a surrogate pair. */
export function tokenise(text: string, charsPerToken = 4): string[] {
  const tokens: string[] = []
  let from = 0
  while (from < text.length) {
    let to = Math.min(text.length, from + charsPerToken)
    const last = text.charCodeAt(to - 1)
    if (last >= 0xd800 && last <= 0xdbff && to < text.length) to += 1
    tokens.push(text.slice(from, to))
    from = to
  }
  return tokens
}
