import type { ModelRequest } from '../../../core/engine/model-stream.ts'

export type Language = 'en' | 'zh'

/** Lines and columns count from 1; without columns whole lines are meant. */
export interface Selection {
  readonly startLine: number
  readonly startColumn: number | undefined
  readonly endLine: number
  readonly endColumn: number | undefined
  /** What is selected, where the request says it. */
  readonly text: string | undefined
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
const notePrefix = /^\[(?:The person stopped you there\.|Your (?:call|edit) |Result of )/
const goOn = 'Go on from where you stopped.'
const quoted = /"[^"]*"|'[^']*'|`[^`]*`|“[^”]*”/g

/**
 * Reads the person's last message. Only their words can be a command: whatever else the request carries (files,
 * selected text, answers, tool results, notes on them) is never looked at for one.
 */
export function readRequestContext(request: ModelRequest): RequestContext {
  const message = lastMessage(request)
  // The last closing tag: selected text and notes may hold tags of their own, but only words follow the real one.
  const block = /^([\s\S]*\n)?[ \t]*<\/context>[ \t]*(?:\r?\n|$)/.exec(message)
  const words = block ? message.slice(block[0].length) : withoutNotes(message)
  const { fields, selectedText } = readFields(block?.[1] ?? '')
  const activeFile = fields.get('active file')
  return {
    words: words.trim().slice(0, maxWords),
    language: /\p{Script=Han}/u.test(words.replace(quoted, '')) ? 'zh' : 'en',
    activeFile,
    cursor: readCursor(fields.get('cursor')),
    selection: activeFile === undefined ? undefined : readSelection(fields.get('selection'), selectedText),
    openFiles: (fields.get('open files') ?? '')
      .split(/\s*,\s*/)
      .filter((path) => path !== '')
      .slice(0, maxOpenFiles),
  }
}

/** What the person said last; a turn that is resumed may end with a note instead. */
function lastMessage(request: ModelRequest): string {
  for (const item of request.input.toReversed()) {
    if (item.type !== 'message' || item.role !== 'user') continue
    const text = item.text.trim()
    const noteOnly = notePrefix.test(text) && text.endsWith(']')
    if (text !== goOn && !noteOnly) return item.text
  }
  return ''
}

/** Notes come first, each in brackets, and may quote files: only what follows the last of them is the person's. */
function withoutNotes(message: string): string {
  return notePrefix.test(message) ? message.slice(message.lastIndexOf(']\n\n') + 1) : message
}

function readFields(block: string) {
  const start = /(?:^|\n)[ \t]*<context>[ \t]*\r?\n/.exec(block)
  const fields = new Map<string, string>()
  let selectedText: string | undefined
  const lines = start
    ? block
        .slice(start.index + start[0].length)
        .replace(/\r?\n$/, '')
        .split(/\r?\n/)
    : []
  for (const [index, line] of lines.entries()) {
    if (/^selected text:\s*$/.test(line)) {
      // It may read like fields: only a last line of open files is taken from what follows.
      const last = lines.at(-1) ?? ''
      const closes = last.startsWith('open files: ')
      selectedText = lines.slice(index + 1, closes ? -1 : undefined).join('\n')
      if (closes) fields.set('open files', last.slice('open files: '.length).trim())
      break
    }
    const colon = line.indexOf(':')
    if (colon < 0) continue
    const name = line.slice(0, colon).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (value !== '' && value !== 'none' && !fields.has(name)) fields.set(name, value)
  }
  return { fields, selectedText }
}

function readCursor(value: string | undefined): RequestContext['cursor'] {
  const numbers = value?.match(/\d+/g)
  if (!numbers?.[0]) return undefined
  return { line: Number(numbers[0]), column: Number(numbers[1] ?? 1) }
}

/** `lines 10-14`, `line 10`, `lines 10:4-14:8`, `line 10, column 4 to line 14, column 8`. */
function readSelection(value: string | undefined, text: string | undefined): Selection | undefined {
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
    text: text === '' ? undefined : text,
  }
}
