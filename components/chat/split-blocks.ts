/** A piece of an answer that is drawn by itself. `start` is its place in the text, and its name while the text grows. */
export type Block =
  | { readonly kind: 'text'; readonly start: number; readonly text: string }
  | {
      readonly kind: 'code'
      readonly start: number
      readonly language: string
      readonly code: string
      /** The closing fence has come. */
      readonly closed: boolean
    }

export interface SplitText {
  readonly text: string
  readonly blocks: readonly Block[]
}

export const emptySplit: SplitText = { text: '', blocks: [] }

/** Splits Markdown into blocks; when the text only grew, what was finished before is kept and not read again. */
export function splitBlocks(before: SplitText, text: string): SplitText {
  const grew = before.blocks.length > 0 && text.length >= before.text.length && text.startsWith(before.text)
  if (!grew) return { text, blocks: readBlocks(text, 0) }
  // The last block may go on, and may turn out to be the next item of the list before it.
  const previous = before.blocks.at(-2)
  const open = previous?.kind === 'text' && listItem.test(previous.text) ? 2 : 1
  const kept = before.blocks.slice(0, -open)
  return { text, blocks: [...kept, ...readBlocks(text, before.blocks.at(-open)?.start ?? 0)] }
}

const fenceOpening = /^( {0,3})(`{3,}|~{3,})([^`]*)$/
const innerFence = /^\s*(?:[-*+]|\d{1,9}[.)])?\s*(`{3,}|~{3,})/
const listItem = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)/

function readBlocks(text: string, from: number): Block[] {
  const blocks: Block[] = []
  let at = from
  while (at < text.length) {
    const line = lineAt(text, at)
    if (line.trim() === '') {
      at += line.length + 1
      continue
    }
    const fence = fenceOpening.exec(line)
    const block = fence ? readCode(text, at, fence) : readText(text, at)
    blocks.push(block.block)
    at = block.end
  }
  return blocks
}

function lineAt(text: string, at: number): string {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.slice(at) : text.slice(at, end)
}

function readCode(text: string, start: number, fence: RegExpExecArray): { block: Block; end: number } {
  const [opening, indent = '', marker = '', info = ''] = fence
  const bodyStart = start + opening.length + 1
  const language = info.trim().split(/\s/)[0] ?? ''
  const lines: string[] = []
  let at = bodyStart
  while (at <= text.length) {
    const line = lineAt(text, at)
    const next = at + line.length + 1
    if (closesFence(line, marker)) {
      return { block: { kind: 'code', start, language, code: lines.join('\n'), closed: true }, end: next }
    }
    lines.push(line.startsWith(indent) ? line.slice(indent.length) : line.trimStart())
    at = next
  }
  if (lines.at(-1) === '') lines.pop()
  return { block: { kind: 'code', start, language, code: lines.join('\n'), closed: false }, end: text.length }
}

function closesFence(line: string, marker: string): boolean {
  const trimmed = line.trim()
  return (
    trimmed.length >= marker.length &&
    trimmed === (marker[0] ?? '').repeat(trimmed.length) &&
    line.length - line.trimStart().length <= 3
  )
}

/** Up to a blank line, or a fence; a list goes on over blank lines while its items or their indented parts follow. */
function readText(text: string, start: number): { block: Block; end: number } {
  const inList = listItem.test(lineAt(text, start))
  let at = start
  let end = start
  let inner: string | undefined
  let blank = false
  while (at < text.length) {
    const line = lineAt(text, at)
    const isBlank = line.trim() === ''
    if (inner === undefined && !isBlank) {
      const goesOn = at === start || !blank || (inList && (listItem.test(line) || /^\s{2,}/.test(line)))
      if (!goesOn || (at > start && !(inList && /^\s{2,}/.test(line)) && fenceOpening.test(line))) break
    }
    if (inList && !isBlank) {
      if (inner !== undefined && closesFence(line.trimStart(), inner)) inner = undefined
      else if (inner === undefined) inner = innerFence.exec(line)?.[1]
    }
    if (isBlank && inner === undefined && !inList) break
    at += line.length + 1
    if (!isBlank) end = Math.min(at, text.length)
    blank = isBlank
  }
  return {
    block: { kind: 'text', start, text: text.slice(start, end).replace(/\n$/, '') },
    end: Math.max(end, start + 1),
  }
}
