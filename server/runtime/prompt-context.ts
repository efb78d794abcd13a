import { dirname } from 'node:path/posix'
import type { PromptContext } from '../../core/protocol/item.ts'

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

/** The active file's text as the model is shown it, or `undefined` when there is none. */
export async function attachActiveFile(read: ReadText, context: PromptContext): Promise<string | undefined> {
  const { activePath, cursor, selection } = context
  if (activePath === undefined) return undefined
  const text = await read(activePath)
  if (text === undefined) return undefined
  if (text.length <= attachedChars) return `Text of ${activePath} now:\n${fenced(text)}`
  const lines = text.split('\n')
  const middle = selection?.startLine ?? cursor?.line ?? 1
  const first = Math.max(1, middle - windowLines / 2)
  const last = Math.min(lines.length, first + windowLines)
  const window = lines
    .slice(first - 1, last)
    .join('\n')
    .slice(0, attachedChars)
  return `Lines ${first}-${last} of ${lines.length} of ${activePath} now:\n${fenced(window)}`
}

/** A fence longer than any in the text, so that the text cannot end it. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map((run) => run[0].length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}\n${text}${text.endsWith('\n') ? '' : '\n'}${fence}`
}
