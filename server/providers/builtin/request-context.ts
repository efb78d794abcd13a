import type { ModelRequest } from '../../../core/engine/model-stream.ts'

export type Language = 'en' | 'zh'

/** Lines and columns count from 1; an end column of `undefined` is the end of the line. */
export interface Selection {
  readonly startLine: number
  readonly startColumn: number | undefined
  readonly endLine: number
  readonly endColumn: number | undefined
}

/** What the person said and what they were looking at. */
export interface RequestContext {
  readonly words: string
  readonly language: Language
  readonly activeFile: string | undefined
  readonly cursor: { readonly line: number; readonly column: number } | undefined
  readonly selection: Selection | undefined
  readonly openFiles: readonly string[]
}

const maxOpenFiles = 50
const maxWords = 20_000
const block = /^\s*<context>[ \t]*\r?\n([\s\S]*?)\r?\n?[ \t]*<\/context>[ \t]*(?:\r?\n|$)/

/**
 * Reads the last user message. Only the words after its leading context block can be a command: text of files,
 * answers and tool results is never looked at.
 */
export function readRequestContext(request: ModelRequest): RequestContext {
  let message = ''
  for (const item of request.input) if (item.type === 'message' && item.role === 'user') message = item.text
  const found = block.exec(message)
  const fields = found?.[1] === undefined ? new Map<string, string>() : readFields(found[1])
  const words = message.slice(found?.[0].length ?? 0, maxWords).trim()
  const activeFile = fields.get('active file')
  return {
    words,
    language: /\p{Script=Han}/u.test(words.replace(quoted, '')) ? 'zh' : 'en',
    activeFile,
    cursor: readCursor(fields.get('cursor')),
    selection: activeFile === undefined ? undefined : readSelection(fields.get('selection')),
    openFiles: (fields.get('open files') ?? '')
      .split(/\s*,\s*/)
      .filter((path) => path !== '')
      .slice(0, maxOpenFiles),
  }
}

const quoted = /"[^"]*"|'[^']*'|`[^`]*`|“[^”]*”/g

function readFields(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':')
    if (colon < 0) continue
    const name = line.slice(0, colon).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (value !== '' && value !== 'none' && !fields.has(name)) fields.set(name, value)
  }
  return fields
}

function readCursor(value: string | undefined): RequestContext['cursor'] {
  const numbers = value?.match(/\d+/g)
  if (!numbers?.[0]) return undefined
  return { line: Number(numbers[0]), column: Number(numbers[1] ?? 1) }
}

/** `lines 10-14`, `line 10`, `lines 10:4-14:8`, `line 10, column 4 to line 14, column 8`. */
function readSelection(value: string | undefined): Selection | undefined {
  if (value === undefined) return undefined
  const place = String.raw`(?:lines?\s*)?(\d+)(?:\s*[:,]\s*(?:col(?:umn)?\s*)?(\d+))?`
  const found = new RegExp(`^${place}(?:\\s*(?:-|–|to|until)\\s*${place})?`).exec(value)
  if (!found?.[1]) return undefined
  const startLine = Number(found[1])
  return {
    startLine,
    startColumn: found[2] === undefined ? undefined : Number(found[2]),
    endLine: found[3] === undefined ? startLine : Number(found[3]),
    endColumn: found[4] === undefined ? undefined : Number(found[4]),
  }
}
