import { assertNever } from '../../core/lib/assert-never.ts'
import { clipped } from '../../core/lib/clipped.ts'
import { fenced } from '../../core/lib/fenced.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { ThreadId } from '../../core/protocol/ids.ts'
import type { Mention } from '../../core/protocol/item.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { isSaid } from '../../core/state/steers.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { fileText, isBeingWritten, type ReadText } from './prompt-context.ts'

/** Most that one mention and all of a prompt add to what the model is shown, in UTF-16 code units. */
const mentionChars = 60_000
const totalChars = 240_000
const folderEntries = 400
const folderDepth = 3
const definitions = 5
const definitionLines = 40

export interface MentionWorld {
  readonly workspace: Workspace
  readonly readText: ReadText
  /** The thread that is asked. */
  readonly thread: ThreadState
  readonly readThread: (id: ThreadId) => Promise<ThreadState>
  /** Brings unsaved text to the disk, where a search looks. */
  readonly flush: () => Promise<void>
}

/** What a mention adds before the prompt, exactly as the model is shown it. `path`: the file shown whole. */
export interface MentionText {
  readonly name: string
  readonly text: string
  readonly path: string | undefined
}

/** One text per mention, bounded each and together. What can't be shown is said in words. */
export async function readMentions(
  mentions: readonly Mention[],
  world: MentionWorld,
): Promise<readonly MentionText[]> {
  const texts: MentionText[] = []
  let left = totalChars
  for (const mention of mentions) {
    const name = mentionName(mention)
    const text = await readMention(mention, world).catch((error: unknown) => {
      if (error instanceof RequestError) return `${name} could not be shown: ${error.message}`
      throw error
    })
    if (texts.some((other) => other.text === text)) continue
    const fits = text.length <= left
    if (fits) left -= text.length
    const shown = fits ? text : `${name} is not shown: too much was mentioned at once.`
    if (!fits && texts.some((other) => other.text === shown)) continue
    const isWhole = fits && mention.kind === 'file' && text.startsWith('Text of ')
    texts.push({ name, text: shown, path: isWhole ? mention.path : undefined })
  }
  return texts
}

function mentionName(mention: Mention): string {
  switch (mention.kind) {
    case 'file':
      return mention.startLine === undefined
        ? mention.path
        : `${mention.path}:${mention.startLine}-${mention.endLine ?? mention.startLine}`
    case 'folder':
      return `${mention.path.replace(/\/$/, '')}/`
    case 'symbol':
      return `#${mention.name}`
    case 'selection':
      return `${mention.path}:${mention.startLine}-${mention.endLine}`
    case 'thread':
      return `thread ${mention.threadId}`
    default:
      return mention.kind
  }
}

async function readMention(mention: Mention, world: MentionWorld): Promise<string> {
  switch (mention.kind) {
    case 'file':
      return readFile(mention, world)
    case 'folder':
      return readFolder(mention.path.replace(/\/$/, ''), world)
    case 'symbol':
      return readSymbol(mention.name, world)
    case 'selection':
      return `Selected lines ${mention.startLine}-${mention.endLine} of ${mention.path}:\n${bounded(mention.text)}`
    case 'problems':
      return `Problems the editor shows:\n${bounded(mention.text)}`
    case 'changes':
      return readChanges(world.thread)
    case 'thread':
      return readThread(mention.threadId, world)
    case 'paste':
      return `Pasted text:\n${bounded(mention.text)}`
    default:
      return assertNever(mention, 'mention')
  }
}

async function readFile(mention: Extract<Mention, { kind: 'file' }>, world: MentionWorld): Promise<string> {
  const { path, startLine } = mention
  await world.workspace.guard.forRead(path)
  if (isBeingWritten(world.thread, path)) return `${path} was mentioned; you are writing in it now.`
  const text = await world.readText(path)
  if (text === undefined) return `${path} was mentioned, but it is no text file of this workspace.`
  if (startLine === undefined) return fileText(path, text, 1)
  const lines = text.split('\n')
  const first = Math.min(startLine, lines.length)
  const last = Math.min(mention.endLine ?? startLine, lines.length)
  const shown = lines.slice(first - 1, last).join('\n')
  return `Lines ${first}-${last} of ${path}, which has ${lines.length}:\n${bounded(shown)}`
}

async function readFolder(path: string, { workspace }: MentionWorld): Promise<string> {
  const lines: string[] = []
  let left = folderEntries
  const walk = async (folder: string, depth: number): Promise<void> => {
    const { entries } = await workspace.list(folder)
    for (const entry of entries) {
      if (entry.ignored) continue
      if (left-- <= 0) return
      lines.push(`${'  '.repeat(depth)}${entry.name}${entry.kind === 'folder' ? '/' : ''}`)
      if (entry.kind === 'folder' && depth < folderDepth) await walk(entry.path, depth + 1)
    }
  }
  await walk(path === '.' ? '' : path, 0)
  if (left < 0) lines.push('(more entries are not shown)')
  return `What is in the folder ${path}/:\n${bounded(lines.join('\n') || '(nothing)')}`
}

async function readSymbol(name: string, { workspace, readText, flush }: MentionWorld): Promise<string> {
  await flush()
  const words = 'function|class|interface|type|enum|const|let|var|def|fn|func|struct|trait|module|namespace'
  const escaped = name.replace(/[^\p{L}\p{N}_]/gu, '\\$&')
  const { matches } = await workspace.search({
    query: `\\b(${words})\\s+\\*?\\s*(\\([^)]*\\)\\s*)?${escaped}([^\\w$]|$)`,
    regex: true,
    caseSensitive: true,
    limit: definitions,
  })
  if (matches.length === 0) return `No definition of ${name} was found in this workspace.`
  const parts: string[] = []
  for (const { path, line } of matches) {
    const lines = (await readText(path))?.split('\n') ?? []
    const shown = lines.slice(line - 1, line - 1 + definitionLines).join('\n')
    parts.push(`${path} from line ${line}:\n${bounded(shown, mentionChars / definitions)}`)
  }
  return `Where ${name} is defined:\n${parts.join('\n')}`
}

/** What this thread wrote and still stands: where, and what stood there before. */
function readChanges(thread: ThreadState): string {
  const hunks = thread.turns
    .filter(({ undone, copied }) => undone === undefined && !copied)
    .flatMap(({ items }) => items.flatMap((item) => (item.type === 'fileChange' ? item.files : [])))
    .flatMap(({ hunks }) => hunks.filter(({ status }) => status === 'written'))
  if (hunks.length === 0) return 'Nothing was changed in this thread.'
  const parts = hunks.map(({ path, startLine, addedLines, removedLines, removedText }) => {
    const where = `${path}, line ${startLine} when it was written: +${addedLines} -${removedLines}`
    return removedText === '' ? where : `${where}, in place of:\n${removedText}`
  })
  return `What was changed in this thread and stands:\n${bounded(parts.join('\n'))}`
}

async function readThread(id: ThreadId, { workspace, readThread: read }: MentionWorld): Promise<string> {
  const thread = await read(id)
  if (thread.workspaceId !== workspace.id) throw new RequestError('notFound', 'There is no such thread.')
  const parts = thread.turns.flatMap(({ items }) => {
    const answer = items.findLast((item) => item.type === 'agentMessage' && item.text !== '')
    const asked = items.filter(isSaid).map(({ text }) => `Asked: ${text}`)
    return answer?.type === 'agentMessage' ? [...asked, `Answered: ${answer.text}`] : asked
  })
  return `The thread “${thread.title.replaceAll('\n', ' ')}”, in short:\n${bounded(parts.join('\n\n') || '(empty)')}`
}

/** In a fence; of a long text its head and its tail. */
function bounded(text: string, most = mentionChars): string {
  return fenced(clipped(text, most))
}
