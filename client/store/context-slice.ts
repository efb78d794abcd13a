import { z } from 'zod'
import type { ThreadId, TurnId } from '../../core/protocol/ids.ts'
import type { Mention, PromptContext } from '../../core/protocol/item.ts'
import type { ResultOf } from '../../core/protocol/methods.ts'
import {
  choiceOf,
  kindsNamed,
  type MentionKind,
  type MentionToken,
  mentionOfPath,
  parseMentions,
} from '../../core/tools/mentions.ts'
import type { ConnectionSlice } from './connection-slice.ts'
import type { DocumentsSlice } from './documents-slice.ts'
import type { LayoutSlice } from './layout-slice.ts'
import type { NoticeSlice } from './notice-slice.ts'
import { may } from './selectors.ts'
import type { SliceTools } from './slice.ts'
import type { ThreadSlice } from './thread-slice.ts'
import type { WorkspaceSlice } from './workspace-slice.ts'

/** A long paste, kept beside the message. */
export interface Paste {
  readonly id: string
  readonly text: string
}

export interface Completion {
  readonly kind: MentionKind
  /** What is written for it. */
  readonly insert: string
  /** It names a kind only: which of them is chosen next. */
  readonly opens?: true
  readonly label: string
  readonly detail: string
}

/** What goes along with a prompt, and what the model was sent. */
export interface ContextSlice {
  /** By thread, or by workspace for a thread that has not begun. */
  readonly pastes: Readonly<Record<string, readonly Paste[]>>
  /** The request the prompt inspector shows, once it has come. */
  readonly inspected: ResultOf<'thread/inspect'> | undefined
  addPaste(text: string): void
  removePastes(ids: readonly string[]): void
  /** What could be mentioned by a word, best first. */
  completeMention(query: string): Promise<readonly Completion[]>
  /** The mentions of a text that name something there is. */
  findMentions(text: string): Promise<readonly Mention[]>
  /** All that goes along with a prompt. */
  contextFor(text: string, withContext: boolean): Promise<PromptContext>
  /** What of that may be sent before the prompt is: nothing whose text only the page has. */
  contextAhead(text: string, withContext: boolean): Promise<PromptContext>
  /** About how many tokens a prompt adds; `undefined` when the server can't be asked. */
  weighPrompt(text: string, withContext: boolean): Promise<number | undefined>
  /** Shows what the model was sent in a turn, or without one what it has of the thread. */
  inspectPrompt(turnId?: TurnId): void
}

type Needs = ContextSlice &
  NoticeSlice &
  Pick<WorkspaceSlice, 'workspaceId' | 'threads' | 'findFiles'> &
  Pick<ThreadSlice, 'threadId'> &
  Pick<ConnectionSlice, 'guest'> &
  Pick<LayoutSlice, 'showOverlay'> &
  Pick<DocumentsSlice, 'promptContext' | 'selection' | 'activePath' | 'problems'>

const pastesSchema = z.record(z.string(), z.array(z.object({ id: z.string(), text: z.string() })))
const pastesKey = 'tandem.pastes'

/** As many as a prompt's context takes. */
const mentionsAtMost = 40
const filesAtMost = 12
const foldersAtMost = 4
const threadsAtMost = 4
/** Of the one kind that is chosen from. */
const choicesAtMost = 12

export function createContextSlice({ get, set, deps }: SliceTools<Needs>): ContextSlice {
  const { connection, random, storage } = deps

  /** They are part of the draft, so they outlive the page as it does. */
  function keepPastes(pastes: ContextSlice['pastes']): void {
    set({ pastes })
    try {
      if (Object.keys(pastes).length === 0) storage.removeItem(pastesKey)
      else storage.setItem(pastesKey, JSON.stringify(pastes))
    } catch {
      // A full storage must not keep anyone from pasting.
    }
  }

  async function findPath(token: Extract<MentionToken, { kind: 'path' }>): Promise<Mention | undefined> {
    const { path, startLine, endLine } = token
    const found = await get().findFiles(path)
    if (found.includes(path)) {
      return {
        kind: 'file',
        path,
        ...(startLine !== undefined && { startLine, endLine: endLine ?? startLine }),
      }
    }
    const folder = path.replace(/\/$/, '')
    return found.some((other) => other.startsWith(`${folder}/`))
      ? { kind: 'folder', path: folder }
      : undefined
  }

  async function resolve(token: MentionToken): Promise<Mention | undefined> {
    switch (token.kind) {
      case 'path':
        return findPath(token)
      case 'symbol':
        return { kind: 'symbol', name: token.name }
      case 'thread': {
        const thread = get().threads.find(({ id, title }) => id === token.name || title === token.name)
        return thread && { kind: 'thread', threadId: thread.id }
      }
      case 'selection': {
        const { selection, activePath: path } = get()
        return selection && path !== undefined ? { kind: 'selection', path, ...selection } : undefined
      }
      case 'problems': {
        const text = problemText(get())
        return text === '' ? undefined : { kind: 'problems', text }
      }
      case 'changes':
        return { kind: 'changes' }
    }
  }

  async function contextFor(text: string, withContext: boolean): Promise<PromptContext> {
    const base: PromptContext = withContext ? get().promptContext() : { openPaths: [] }
    const pastes = pastesOf(get())
    const found = await get().findMentions(text)
    // Pastes first: what was pasted is nowhere else.
    const mentions = [...pastes.map((paste): Mention => ({ kind: 'paste', text: paste.text })), ...found]
    return mentions.length === 0 ? base : { ...base, mentions: mentions.slice(0, mentionsAtMost) }
  }

  return {
    pastes: readPastes(storage.getItem(pastesKey)),
    inspected: undefined,
    addPaste(text) {
      const id = Math.floor(random.next() * 2 ** 47).toString(36)
      const key = placeKey(get())
      keepPastes({ ...get().pastes, [key]: [...(get().pastes[key] ?? []), { id, text }] })
    },
    removePastes(ids) {
      const entries = Object.entries(get().pastes).map(
        ([key, pastes]) => [key, pastes.filter(({ id }) => !ids.includes(id))] as const,
      )
      keepPastes(Object.fromEntries(entries.filter(([, pastes]) => pastes.length > 0)))
    },
    async completeMention(query) {
      if (/^[#＃]/.test(query)) return symbolCompletion(query.slice(1))
      const choice = choiceOf(query)
      if (choice?.kind === 'thread') {
        const { close, loose } = threadCompletions(choice.query, get())
        return [...close, ...loose].slice(0, choicesAtMost)
      }
      const paths = await get().findFiles(choice?.query ?? query)
      const files = paths.slice(0, filesAtMost).map((path) => pathCompletion('file', path, path))
      if (choice)
        return choice.kind === 'file' ? files : folderCompletions(choice.query, paths, choicesAtMost)
      const { close, loose } = query === '' ? noThreads : threadCompletions(query, get())
      return [
        ...kindCompletions(query, get()),
        ...close.slice(0, threadsAtMost),
        ...(query === '' ? [] : folderCompletions(query, paths, foldersAtMost)),
        ...files,
        ...loose.slice(0, threadsAtMost),
      ]
    },
    async findMentions(text) {
      const found = await Promise.all(parseMentions(text).slice(0, 30).map(resolve))
      return found.filter((mention) => mention !== undefined)
    },
    contextFor,
    async contextAhead(text, withContext) {
      const { selection, ...context } = await contextFor(text, withContext)
      const { activePath, cursor, mentions = [] } = context
      const at = selection ? { line: selection.startLine, column: 1 } : cursor
      const first = mentions.findIndex(({ kind }) => ofPage.has(kind))
      const known = first < 0 ? mentions : mentions.slice(0, first)
      return {
        openPaths: [],
        ...(activePath !== undefined && { activePath }),
        ...(at && { cursor: at }),
        ...(known.length > 0 && { mentions: known }),
      }
    },
    async weighPrompt(text, withContext) {
      const { workspaceId, threadId } = get()
      if (!workspaceId || !may(get(), 'prompt/preview')) return undefined
      const context = await contextFor(text, withContext)
      const params = { workspaceId, text, context, ...(threadId && { threadId }) }
      return connection.request('prompt/preview', params).then(
        ({ estimatedTokens }) => estimatedTokens,
        // A hint only: without it one can send all the same.
        () => undefined,
      )
    },
    inspectPrompt(turnId) {
      const { threadId } = get()
      if (!threadId) return
      set({ inspected: undefined })
      get().showOverlay('inspector')
      connection.request('thread/inspect', { threadId, ...(turnId && { turnId }) }).then(
        (inspected) => set({ inspected }),
        (error) => {
          get().showOverlay(undefined)
          get().notifyFailure(error)
        },
      )
    },
  }
}

/** Their text is a person's, and stays in the page until it is sent; so does what comes after it. */
const ofPage: ReadonlySet<Mention['kind']> = new Set(['selection', 'problems', 'paste'])

type Place = Pick<WorkspaceSlice, 'workspaceId'> & { readonly threadId: ThreadId | undefined }

function placeKey({ threadId, workspaceId }: Place): string {
  return threadId ?? workspaceId ?? ''
}

function readPastes(text: string | null): ContextSlice['pastes'] {
  try {
    return pastesSchema.parse(JSON.parse(text ?? '{}'))
  } catch {
    return {}
  }
}

const none: readonly Paste[] = []

/** Pastes that go along with the next prompt here. */
export function pastesOf(state: Place & Pick<ContextSlice, 'pastes'>): readonly Paste[] {
  return state.pastes[placeKey(state)] ?? none
}

function problemText({ problems }: Pick<DocumentsSlice, 'problems'>): string {
  return Object.entries(problems)
    .flatMap(([path, { texts = [], pending }]) =>
      pending
        ? [
            `${path}: being written at this moment; found before that:`,
            ...(texts.length > 0 ? texts : ['nothing']),
          ]
        : texts,
    )
    .join('\n')
    .slice(0, 20_000)
}

const kindInserts: Partial<Record<MentionKind, string>> = {
  thread: '@thread(',
  file: '@file(',
  folder: '@folder(',
  symbol: '@#',
}

/** The kinds a word names. Before one is typed files follow anyway. */
function kindCompletions(
  query: string,
  state: Pick<DocumentsSlice, 'selection' | 'activePath' | 'problems'> & ThreadsAround,
): readonly Completion[] {
  const isThere: Partial<Record<MentionKind, boolean>> = {
    selection: state.selection !== undefined,
    problems: problemText(state) !== '',
    thread: othersOf(state).length > 0,
    file: query !== '',
    folder: query !== '',
  }
  return kindsNamed(query)
    .filter((kind) => isThere[kind] !== false)
    .map((kind) => {
      const insert = kindInserts[kind]
      const label = `@${kind}`
      return {
        kind,
        insert: insert ?? label,
        label,
        detail: '',
        ...(insert !== undefined && { opens: true }),
      }
    })
}

function symbolCompletion(name: string): readonly Completion[] {
  if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name)) return []
  return [{ kind: 'symbol', insert: `@#${name}`, label: name, detail: '' }]
}

/** Folders of the files found whose path has the word in it. */
function folderCompletions(query: string, paths: readonly string[], atMost: number): readonly Completion[] {
  const wanted = query.replace(/\/$/, '').toLowerCase()
  const folders = new Set<string>()
  for (const path of paths) {
    const parts = path.split('/').slice(0, -1)
    for (let count = 1; count <= parts.length; count++) folders.add(parts.slice(0, count).join('/'))
  }
  return [...folders]
    .filter((folder) => folder.toLowerCase().includes(wanted))
    .sort((a, b) => a.length - b.length)
    .slice(0, atMost)
    .map((folder) => pathCompletion('folder', folder, `${folder}/`))
}

function pathCompletion(kind: 'file' | 'folder', path: string, written: string): Completion {
  const slash = path.lastIndexOf('/')
  const label = path.slice(slash + 1) + (kind === 'folder' ? '/' : '')
  return { kind, insert: mentionOfPath(written), label, detail: path.slice(0, Math.max(0, slash)) }
}

type ThreadsAround = Pick<WorkspaceSlice, 'threads'> & Pick<ThreadSlice, 'threadId'>

function othersOf({ threads, threadId }: ThreadsAround): WorkspaceSlice['threads'] {
  return threads.filter(({ id, title }) => id !== threadId && title !== '')
}

const noThreads: ReturnType<typeof threadCompletions> = { close: [], loose: [] }

/** `close`: a word of the title begins with what was typed, or that means any thread; `loose`: it is within the title. */
function threadCompletions(
  query: string,
  state: ThreadsAround,
): { readonly close: readonly Completion[]; readonly loose: readonly Completion[] } {
  const wanted = query.toLowerCase()
  const isAny = wanted === '' || (isTelling(wanted) && kindsNamed(wanted).includes('thread'))
  const found = othersOf(state).filter(({ title }) => isAny || title.toLowerCase().includes(wanted))
  const isClose = ({ title }: { readonly title: string }) => isAny || beginsWord(title.toLowerCase(), wanted)
  const completion = ({ id, title }: (typeof found)[number]): Completion => {
    const isPlain =
      !/[()（）\n]/.test(title) && state.threads.filter((other) => other.title === title).length === 1
    return { kind: 'thread', insert: `@thread(${isPlain ? title : id})`, label: title, detail: '' }
  }
  return {
    close: found.filter(isClose).map(completion),
    loose: found.filter((thread) => !isClose(thread)).map(completion),
  }
}

/** Chinese leaves no space between words. Two letters begin too many of them to mean one. */
function beginsWord(title: string, wanted: string): boolean {
  if (title.startsWith(wanted)) return isTelling(wanted)
  if (/^\p{Script=Han}/u.test(wanted)) return title.includes(wanted)
  return wanted.length > 2 && title.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(wanted))
}

/** One letter begins half of all words; one Chinese character is a word. */
function isTelling(typed: string): boolean {
  return typed.length > 1 || /\p{Script=Han}/u.test(typed)
}
