import { dirname } from 'node:path/posix'
import type { Prompt } from '../../core/engine/turn-state.ts'
import { fenced } from '../../core/lib/fenced.ts'
import type { PromptContext } from '../../core/protocol/item.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { splitTurns } from '../../core/state/compaction.ts'

/** Longest guidance that is read, in UTF-16 code units. */
const guidanceChars = 32_000
/** A longer active file is shown as a window around the cursor. */
const attachedChars = 60_000
const windowLines = 400

export type ReadText = (path: string) => Promise<string | undefined>

/** AGENTS.md from the root down to the active file's folder (CLAUDE.md where there is none), nearest last. */
export async function readGuidance(
  read: ReadText,
  activePath: string | undefined,
): Promise<string | undefined> {
  const folders = ['.']
  for (let folder = dirname(activePath ?? '.'); folder !== '.' && folder !== '/'; folder = dirname(folder)) {
    folders.splice(1, 0, folder)
  }
  const texts: string[] = []
  for (const folder of folders) {
    const prefix = folder === '.' ? '' : `${folder}/`
    const text = (await read(`${prefix}AGENTS.md`)) ?? (await read(`${prefix}CLAUDE.md`))
    if (text?.trim()) texts.push(text.trim())
  }
  const guidance = texts.join('\n\n').slice(0, guidanceChars)
  return guidance === '' ? undefined : guidance
}

/** What a person asks, with the active file's text unless the model has that already; `shown`: of which file it has. */
export async function readPrompt(options: {
  readonly text: string
  readonly context: PromptContext
  /** Whose active file is attached. */
  readonly attached: PromptContext
  readonly thread: ThreadState
  readonly readText: ReadText
  /** What was mentioned, as it is shown. */
  readonly mentioned?: readonly { readonly text: string; readonly path: string | undefined }[]
}): Promise<{ readonly prompt: Prompt; readonly shown: readonly string[] }> {
  const { text, context, attached, thread, readText, mentioned = [] } = options
  // A file that can't be read is not shown; the question is still asked.
  const attachment = await attachActiveFile(readText, attached).catch(() => undefined)
  const texts = attachment === undefined ? [] : [{ text: attachment, path: attached.activePath }]
  texts.push(...mentioned.filter((other) => other.text !== attachment))
  const isNew = (one: { text: string; path: string | undefined }) =>
    one.path === undefined || !isShown(thread, one.text)
  return {
    prompt: { text, context, attachments: texts.filter(isNew).map((one) => one.text) },
    shown: [...new Set(texts.flatMap(({ path }) => path ?? []))],
  }
}

/** Whether the newest the model was shown of that file is this very text, and it has not edited since. */
function isShown(thread: ThreadState, attachment: string): boolean {
  const path = attachedPath(attachment)
  const items = splitTurns(thread).turns.flatMap((turn) => turn.items)
  const at = items.findLastIndex((item) => item.type === 'context' && attachedPath(item.text) === path)
  const item = items[at]
  if (item?.type !== 'context' || item.text !== attachment) return false
  return !items.slice(at).some(({ type }) => type === 'fileChange')
}

/** An edit of the file is under way. */
export function isBeingWritten(thread: ThreadState, path: string): boolean {
  const items = thread.turns.at(-1)?.items ?? []
  return items.some(
    (item) =>
      item.type === 'fileChange' &&
      (item.status === 'streaming' || item.status === 'running') &&
      item.files.some((file) => file.path === path || file.movedTo === path),
  )
}

/** The first line of the first prompt, until something better is known. */
export function titleFrom(text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? ''
  return line.length <= 60 ? line : `${line.slice(0, 59).trimEnd()}…`
}

/** The active file's text as the model is shown it, or `undefined` when there is none. */
export async function attachActiveFile(read: ReadText, context: PromptContext): Promise<string | undefined> {
  const { activePath, cursor, selection } = context
  if (activePath === undefined) return undefined
  const text = await read(activePath)
  if (text === undefined) return undefined
  return fileText(activePath, text, selection?.startLine ?? cursor?.line ?? 1)
}

/** A file's text as the model is shown it: of a long one a window around the line `middle`. */
export function fileText(path: string, text: string, middle: number): string {
  if (text.length <= attachedChars) return `Text of ${path} now:\n${fenced(text)}`
  const lines = text.split('\n')
  const first = Math.max(1, middle - windowLines / 2)
  const last = Math.min(lines.length, first + windowLines)
  const window = lines
    .slice(first - 1, last)
    .join('\n')
    .slice(0, attachedChars)
  return `Lines ${first}-${last} of ${lines.length} of ${path} now:\n${fenced(window)}`
}

/** The path in the first line of what `attachActiveFile` gives. */
function attachedPath(attachment: string): string | undefined {
  return /^(?:Text|Lines \d+-\d+ of \d+) of (.+) now:$/m.exec(attachment)?.[1]
}
