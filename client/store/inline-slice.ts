import { z } from 'zod'
import { errorCodes, RequestError } from '../../core/protocol/errors.ts'
import type { ThreadId, TurnId, WorkspaceId } from '../../core/protocol/ids.ts'
import type { InlinePlace, PromptContext } from '../../core/protocol/item.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { stands, unreviewedIn } from '../../core/state/review.ts'
import type { ConnectionSlice } from './connection-slice.ts'
import type { ContextSlice } from './context-slice.ts'
import type { DocumentsSlice } from './documents-slice.ts'
import { canEditInPlace, type InlineField, inlineEditOf } from './inline-field.ts'
import { createInlineThreads } from './inline-threads.ts'
import type { LayoutSlice } from './layout-slice.ts'
import type { NoticeSlice } from './notice-slice.ts'
import { currentModel, isRunning } from './selectors.ts'
import type { SliceTools } from './slice.ts'
import type { ThreadSlice } from './thread-slice.ts'
import type { WorkspaceSlice } from './workspace-slice.ts'

/** Edits asked for in place: a field in the editor, one per file, each with a thread of its own. */
export interface InlineSlice {
  /** Open fields by the path of their file. */
  readonly inlineFields: Readonly<Record<string, InlineField>>
  /** Threads of edits in place that a field shows, that run, or that hold changes nobody has judged. */
  readonly inlineThreads: readonly ThreadState[]
  /** Prompts of edits in place, the newest last. */
  readonly inlineHistory: readonly string[]
  /** Opens the field of the active file, with what was left unsent; one that is open takes the focus. */
  openInline(): void
  writeInline(path: string, text: string): void
  /** Sends what is in the field: a first prompt, one that refines the edit, or one that turns the running one round. */
  askInline(path: string, place: InlineAsk): Promise<void>
  /** Stops the running prompt, takes out what it wrote and gives its words back. */
  stopInline(path: string): Promise<void>
  /** The edit stays as it is; the field closes. */
  keepInline(path: string): Promise<void>
  /** All that was written since the field opened goes; the field closes. */
  undoInline(path: string): Promise<void>
  /** The field closes; what it wrote stays to be judged, what was not sent waits for the next one. */
  closeInline(path: string): void
  /** The person works on elsewhere in the file: the field closes, unless it writes. */
  leaveInline(path: string): void
  /** Its changes are to be judged again. Threads that are no edits in place are none of its business. */
  followInline(threadId: ThreadId): void
  /** Follows what the page had not judged when it was left. */
  restoreInline(workspaceId: WorkspaceId): void
}

/** Where the edit is to be. */
export interface InlineAsk {
  readonly places: readonly InlinePlace[]
  readonly cursor: PromptContext['cursor']
}

type Needs = InlineSlice &
  Pick<NoticeSlice, 'notifyFailure'> &
  Pick<WorkspaceSlice, 'workspaceId'> &
  Pick<ConnectionSlice, 'models' | 'defaultModelId'> &
  Pick<ThreadSlice, 'thread' | 'nextModelId'> &
  Pick<LayoutSlice, 'phonePane'> &
  Pick<ContextSlice, 'findMentions'> &
  Pick<DocumentsSlice, 'activePath' | 'documents' | 'editorFocus'>

const draftKey = 'tandem.inlineDraft'
const historyKey = 'tandem.inlineHistory'
const historyAtMost = 50
const textsSchema = z.array(z.string())

export function createInlineSlice({ get, set, deps }: SliceTools<Needs>): InlineSlice {
  const { connection, storage } = deps
  const threads = createInlineThreads({
    deps,
    workspaceId: () => get().workspaceId,
    isShown: (id) => Object.values(get().inlineFields).some(({ threadId }) => threadId === id),
    onChange: (inlineThreads) => set({ inlineThreads }),
  })
  let shownWorkspace: WorkspaceId | undefined
  /** By path: threads that are on their way. */
  const beginning = new Map<string, Promise<ThreadId>>()
  /** Begun for a field that closed without a prompt. */
  let spare: ThreadId | undefined
  /** By path: the turn that was asked for last, once the server has it. */
  const asking = new Map<string, Promise<TurnId | undefined>>()

  function patch(path: string, changes: Partial<InlineField>): void {
    const field = get().inlineFields[path]
    if (field) set({ inlineFields: { ...get().inlineFields, [path]: { ...field, ...changes } } })
  }

  function keep(key: string, value: string): void {
    try {
      if (value === '') storage.removeItem(key)
      else storage.setItem(key, value)
    } catch {
      // A full storage must not keep anyone from typing.
    }
  }

  /** The thread of a field; begun and warmed with the first character, so that the prompt finds it ready. */
  function begin(path: string): Promise<ThreadId> {
    const present = get().inlineFields[path]?.threadId
    if (present) return Promise.resolve(present)
    const begun = beginning.get(path) ?? create(path).finally(() => beginning.delete(path))
    beginning.set(path, begun)
    return begun
  }

  async function create(path: string): Promise<ThreadId> {
    const { workspaceId } = get()
    const modelId = currentModel(get())?.id
    if (!workspaceId) throw new RequestError('notFound', 'no workspace is open')
    const params = {
      workspaceId,
      mode: 'live',
      inline: true,
      ...(modelId !== undefined && { modelId }),
    } as const
    const { threadId } = await connection.request('thread/create', params)
    use(path, threadId)
    return threadId
  }

  function use(path: string, threadId: ThreadId): void {
    patch(path, { threadId })
    threads.follow(threadId)
    // Only a head start: a turn works without it.
    connection.request('thread/warm', { threadId }).catch(() => {})
  }

  async function deliver(path: string, text: string, ask: InlineAsk): Promise<TurnId> {
    const threadId = await begin(path)
    const mentions = await get().findMentions(text)
    const selected = ask.places.find((place) => place.text !== '')
    const context: PromptContext = {
      activePath: path,
      openPaths: [],
      inline: [...ask.places],
      ...(ask.cursor && { cursor: ask.cursor }),
      ...(selected && { selection: selected }),
      ...(mentions.length > 0 && { mentions: [...mentions] }),
    }
    const thread = threads.of(threadId)
    const last = thread?.turns.at(-1)
    if (last && isRunning(last)) {
      try {
        await connection.request('turn/redirect', { threadId, expectedTurnId: last.id, text, context })
        return last.id
      } catch (error) {
        // It settled while the words were on their way: they begin the next turn.
        if (!(error instanceof RequestError) || error.code !== 'conflict') throw error
      }
    }
    const modelId = currentModel(get())?.id
    if (thread && modelId !== undefined && thread.modelId !== modelId) {
      await connection.request('thread/configure', { threadId, modelId })
    }
    return (await connection.request('turn/start', { threadId, text, context })).turnId
  }

  async function undoTurns(threadId: ThreadId, turns: readonly Turn[]): Promise<void> {
    const written = turns.filter((turn) => turn.undone === undefined && stands(turn))
    // One after the other: each goes by the text the one before has left.
    for (const { id: turnId } of written.toReversed()) {
      await connection.request('turn/undo', { threadId, turnId })
    }
  }

  function close(path: string): void {
    const { [path]: field, ...inlineFields } = get().inlineFields
    set({ inlineFields })
    if (!field?.threadId) return
    if (field.asked === '') spare = field.threadId
    threads.letGo(field.threadId)
  }

  const leave = (path: string) => {
    close(path)
    set({ editorFocus: get().editorFocus + 1 })
  }

  return {
    inlineFields: {},
    inlineThreads: [],
    inlineHistory: readTexts(storage.getItem(historyKey)),
    openInline() {
      const { activePath: path, inlineFields } = get()
      if (path === undefined || !canEditInPlace(get())) return
      const field = inlineFields[path]
      const fresh: InlineField = {
        text: storage.getItem(draftKey) ?? '',
        threadId: undefined,
        asked: '',
        busy: undefined,
        refusal: undefined,
        focus: 0,
      }
      const focused = field ? { ...field, focus: field.focus + 1 } : fresh
      set({ inlineFields: { ...inlineFields, [path]: focused }, phonePane: 'editor' })
      if (!field && spare) use(path, spare)
      spare = undefined
    },
    writeInline(path, text) {
      patch(path, { text })
      keep(draftKey, text)
      // What goes wrong is told when it is asked.
      if (text.trim() !== '') begin(path).catch(() => {})
    },
    async askInline(path, ask) {
      const field = get().inlineFields[path]
      const words = field?.text.trim()
      if (!field || !words || field.busy) return
      if (!currentModel(get())) return patch(path, { refusal: 'noModel' })
      const inlineHistory = [...get().inlineHistory.filter((text) => text !== words), words].slice(
        -historyAtMost,
      )
      set({ inlineHistory })
      keep(historyKey, JSON.stringify(inlineHistory))
      keep(draftKey, '')
      patch(path, { text: '', asked: words, busy: 'asking', refusal: undefined })
      const turn = deliver(path, words, ask).catch((error: unknown) => {
        const code = error instanceof RequestError && error.code in errorCodes ? error.code : 'internal'
        patch(path, { refusal: code })
        giveBack(path, words)
        return undefined
      })
      asking.set(path, turn)
      const turnId = await turn
      if (turnId) await threads.known(turnId, () => true)
      if (get().inlineFields[path]?.busy === 'asking') patch(path, { busy: undefined })
      if (!turnId) return
      await threads.known(turnId, (settled) => !isRunning(settled))
      const { asked = '', threadId } = get().inlineFields[path] ?? {}
      // It can be sent again as it was.
      if (threads.of(threadId)?.turns.at(-1)?.status === 'failed') giveBack(path, asked)
    },
    async stopInline(path) {
      if (!get().inlineFields[path] || get().inlineFields[path]?.busy === 'stopping') return
      patch(path, { busy: 'stopping' })
      const turnId = await asking.get(path)
      const field = get().inlineFields[path]
      if (turnId && field?.threadId) {
        const { threadId } = field
        try {
          await connection.request('turn/interrupt', { threadId, expectedTurnId: turnId }).catch((error) => {
            // It came to its end by itself.
            if (!(error instanceof RequestError) || error.code !== 'conflict') throw error
          })
          await threads.known(turnId, (turn) => !isRunning(turn))
          await undoTurns(threadId, threads.of(threadId)?.turns.filter(({ id }) => id === turnId) ?? [])
        } catch (error) {
          get().notifyFailure(error)
        }
        giveBack(path, field.asked)
      }
      patch(path, { busy: undefined })
    },
    async keepInline(path) {
      const threadId = get().inlineFields[path]?.threadId
      const thread = threads.of(threadId)
      const hunkIds = thread ? [...unreviewedIn(thread)] : []
      leave(path)
      if (!threadId || hunkIds.length === 0) return
      await connection.request('review/keep', { threadId, hunkIds }).catch(get().notifyFailure)
    },
    async undoInline(path) {
      const thread = threads.of(get().inlineFields[path]?.threadId)
      leave(path)
      if (thread) await undoTurns(thread.id, thread.turns).catch(get().notifyFailure)
    },
    closeInline: close,
    leaveInline(path) {
      const field = get().inlineFields[path]
      if (field && inlineEditOf(field, threads.of(field.threadId)).phase !== 'writing') close(path)
    },
    followInline: threads.followAgain,
    restoreInline(workspaceId) {
      if (workspaceId === shownWorkspace) return
      shownWorkspace = workspaceId
      spare = undefined
      set({ inlineFields: {} })
      threads.restore(workspaceId)
    },
  }

  /** Words that came to nothing are the person's again, unless they wrote others meanwhile. */
  function giveBack(path: string, words: string): void {
    if (get().inlineFields[path]?.text !== '') return
    patch(path, { text: words })
    keep(draftKey, words)
  }
}

function readTexts(text: string | null): readonly string[] {
  try {
    return textsSchema.parse(JSON.parse(text ?? '[]'))
  } catch {
    return []
  }
}
