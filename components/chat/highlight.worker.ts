import hljs from 'highlight.js/lib/common'
import { chunkTokens, parseHighlighted } from './highlight-tokens.ts'
import type { HighlightReply, HighlightRequest } from './highlighter.ts'

/** Longer code stays plain. */
const longest = 200_000

self.onmessage = ({ data }: MessageEvent<HighlightRequest>) => {
  const { id, language, code, fromLine } = data
  const known = hljs.getLanguage(language) !== undefined && code.length <= longest
  const tokens = known
    ? parseHighlighted(hljs.highlight(code, { language, ignoreIllegals: true }).value)
    : undefined
  const lines = fromLine === undefined ? undefined : tokens && chunkTokens(tokens, 1).slice(fromLine)
  const chunks = lines ?? (tokens ? chunkTokens(tokens) : [])
  const reply: HighlightReply = { id, chunks }
  self.postMessage(reply)
}
