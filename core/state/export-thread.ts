import type { Item } from '../protocol/item.ts'
import type { ThreadState } from '../protocol/thread.ts'
import type { Turn } from '../protocol/turn.ts'
import { isSaid } from './steers.ts'

type FileChange = Extract<Item, { type: 'fileChange' }>

/** A thread for people: what was asked, what was answered, what was edited. `date` says when it began. */
export function threadToMarkdown(thread: ThreadState, date: string): string {
  const title = thread.title.replace(/\s+/g, ' ').trim() || 'Thread'
  const head = `# ${escapeInline(title)}\n\n${date} · ${codeSpan(thread.modelId)}`
  return `${[head, ...thread.turns.flatMap(turnBlocks)].join('\n\n')}\n`
}

/**
 * A thread for programs. Left out is what is no use elsewhere: encrypted reasoning, the files the model was
 * shown, and the marks by which edits find their place in a living document.
 */
export function threadToJson(thread: ThreadState): string {
  const turns = thread.turns.map(({ undone, ...turn }) => ({
    ...turn,
    ...(undone && { undone: true }),
    items: turn.items
      .filter(({ type }) => type !== 'opaque' && type !== 'context')
      .map((item) => (item.type === 'fileChange' ? withoutMarks(item) : item)),
  }))
  return `${JSON.stringify({ format: 'tandem-thread', version: 1, thread: { ...thread, turns } }, null, 2)}\n`
}

/** A code block around any text: its fence is longer than every run of backticks inside. */
export function fenced(text: string, language: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1))
  return `${fence}${language}\n${text}${text.endsWith('\n') ? '' : '\n'}${fence}`
}

const titles = { prompt: 'Prompt', redirect: 'Redirect', steer: 'Addition' } as const

function turnBlocks(turn: Turn): string[] {
  const blocks = turn.items.flatMap((item) => {
    switch (item.type) {
      case 'userMessage':
        return isSaid(item) ? [`## ${titles[item.kind]}\n\n${quoted(item.text)}`] : []
      case 'agentMessage':
        return item.text.trim() === '' ? [] : [closed(item.text)]
      case 'toolCall':
        return [`- ${codeSpan(item.name)}`]
      case 'fileChange':
        return [...item.files.map(fileLine), ...(item.input === '' ? [] : [fenced(patchOf(item), 'diff')])]
      default:
        return []
    }
  })
  if (turn.status === 'interrupted') return [...blocks, '*Interrupted.*']
  return turn.status === 'failed' ? [...blocks, '*Failed.*'] : blocks
}

function fileLine({ path, kind, movedTo, status }: FileChange['files'][number]): string {
  const word = { add: 'Added', update: 'Edited', delete: 'Deleted' }[kind]
  const moved = movedTo === undefined ? '' : ` → ${codeSpan(movedTo)}`
  const outcome = status === 'undone' || status === 'failed' ? ` (${status})` : ''
  return `**${word}** ${codeSpan(path)}${moved}${outcome}`
}

/** The patch itself; a function's arguments are JSON around it. */
export function patchOf({ format, input }: FileChange): string {
  if (format !== 'json') return input
  try {
    const parsed: unknown = JSON.parse(input)
    if (typeof parsed === 'object' && parsed && 'input' in parsed && typeof parsed.input === 'string')
      return parsed.input
  } catch {
    // Cut off: what there is of it is shown as it is.
  }
  return input
}

function withoutMarks(item: FileChange) {
  const files = item.files.map((file) => ({
    ...file,
    hunks: file.hunks.map(({ anchor: _, changes: __, inverse: ___, ...hunk }) => hunk),
  }))
  return { ...item, files }
}

function quoted(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n')
}

/** An answer cut inside a code block must not swallow what follows it. */
function closed(answer: string): string {
  let open: string | undefined
  for (const line of answer.split(/\r\n|\r|\n/)) {
    const [, fence = '', rest = ''] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? []
    if (fence === '') continue
    if (open === undefined) {
      if (fence.startsWith('~') || !rest.includes('`')) open = fence
    } else if (fence[0] === open[0] && fence.length >= open.length && rest.trim() === '') open = undefined
  }
  const text = answer.trimEnd()
  return open === undefined ? text : `${text}\n${open}`
}

function codeSpan(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  const ticks = '`'.repeat(longestRun(line) + 1)
  return line.includes('`') ? `${ticks} ${line} ${ticks}` : `${ticks}${line}${ticks}`
}

function escapeInline(text: string): string {
  return text.replace(/[\\`*_[\]<>#]/g, '\\$&')
}

function longestRun(text: string): number {
  let longest = 0
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length)
  return longest
}
