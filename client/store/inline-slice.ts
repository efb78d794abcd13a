import { z } from 'zod'
import { RequestError } from '../../core/protocol/errors.ts'
import type { ThreadId, WorkspaceId } from '../../core/protocol/ids.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { unreviewedIn } from '../../core/state/review.ts'
import type { ConnectionSlice } from './connection-slice.ts'
import type { ContextSlice } from './context-slice.ts'
import type { DocumentsSlice } from './documents-slice.ts'
import {
  canEditInPlace,
  type InlineAsk,
  type InlineField,
  type InlineFields,
  inlineEditOf,
} from './inline-field.ts'
import { createInlinePrompts } from './inline-prompts.ts'
import { createInlineTakes } from './inline-takes.ts'
import { createInlineThreads } from './inline-threads.ts'
import type { LayoutSlice } from './layout-slice.ts'
import type { NoticeSlice } from './notice-slice.ts'
import { chosenModelId, currentModel, isRunning } from './selectors.ts'
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
  /** Asks the current model and the rival at once; either answer can be picked. */
  compareInline(path: string, place: InlineAsk, rivalId: string): Promise<void>
  /** Of two answers this one is to stand in the file. */
  pickInline(path: string, index: number): Promise<void>
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

type Needs = InlineSlice &
  Pick<NoticeSlice, 'notifyFailure'> &
  Pick<WorkspaceSlice, 'workspaceId'> &
  Pick<ConnectionSlice, 'models' | 'tiers' | 'defaultModelId'> &
  Pick<ThreadSlice, 'thread' | 'nextModelId'> &
  Pick<LayoutSlice, 'phonePane'> &
  Pick<ContextSlice, 'findMentions'> &
  Pick<DocumentsSlice, 'activePath' | 'documents' | 'editorFocus' | 'replicas'>

const draftKey = 'tandem.inlineDraft'
const historyKey = 'tandem.inlineHistory'
const historyAtMost = 50
const textsSchema = z.array(z.string())

export function createInlineSlice({ get, set, deps }: SliceTools<Needs>): InlineSlice {
  const { connection, storage } = deps
  const threads = createInlineThreads({
    deps,
    workspaceId: () => get().workspaceId,
    isShown: (id) =>
      takes.isRestoring(id) ||
      Object.values(get().inlineFields).some((field) => threadsOf(field).includes(id)),
    onChange(inlineThreads) {
      set({ inlineThreads })
      takes.refresh()
    },
  })
  const fields: InlineFields = {
    of: (path) => get().inlineFields[path],
    open(path, changes) {
      set({ inlineFields: { ...get().inlineFields, [path]: { ...fresh(), ...changes } } })
    },
    patch(path, changes) {
      const field = get().inlineFields[path]
      if (field) set({ inlineFields: { ...get().inlineFields, [path]: { ...field, ...changes } } })
    },
    giveBack(path, words) {
      if (fields.of(path)?.text !== '') return
      fields.patch(path, { text: words })
      keep(draftKey, words)
    },
  }
  const tools = { get, set, deps }
  const prompts = createInlinePrompts({ tools, threads, fields })
  const takes = createInlineTakes({ tools, threads, fields, prompts })
  let shownWorkspace: WorkspaceId | undefined
  /** Begun for a field that closed without a prompt. */
  let spare: ThreadId | undefined

  function keep(key: string, value: string): void {
    try {
      if (value === '') storage.removeItem(key)
      else storage.setItem(key, value)
    } catch {
      // A full storage must not keep anyone from typing.
    }
  }

  /** The words of the field, when they can be sent, and the model they go to; they are remembered. */
  function takeWords(path: string): { readonly words: string; readonly modelId: string } | undefined {
    const field = fields.of(path)
    const words = field?.text.trim()
    if (!field || !words || field.busy || field.comparing) return undefined
    if (!currentModel(get())) {
      fields.patch(path, { refusal: 'noModel' })
      return undefined
    }
    const others = get().inlineHistory.filter((text) => text !== words)
    const inlineHistory = [...others, words].slice(-historyAtMost)
    set({ inlineHistory })
    keep(historyKey, JSON.stringify(inlineHistory))
    keep(draftKey, '')
    takes.drop(path)
    return { words, modelId: chosenModelId(get()) }
  }

  function close(path: string): void {
    const { [path]: field, ...inlineFields } = get().inlineFields
    set({ inlineFields })
    takes.forget(path)
    if (!field) return
    if (field.asked === '') spare = field.threadId
    for (const id of threadsOf(field)) threads.letGo(id)
  }

  function fresh(): InlineField {
    return {
      text: storage.getItem(draftKey) ?? '',
      threadId: undefined,
      asked: '',
      busy: undefined,
      comparing: false,
      takes: [],
      picked: 0,
      refusal: undefined,
      focus: 0,
    }
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
      const focused = field ? { ...field, focus: field.focus + 1 } : fresh()
      set({ inlineFields: { ...inlineFields, [path]: focused }, phonePane: 'editor' })
      if (!field && spare) prompts.use(path, spare)
      spare = undefined
    },
    writeInline(path, text) {
      fields.patch(path, { text })
      keep(draftKey, text)
      // What goes wrong is told when it is asked.
      if (text.trim() !== '') prompts.begin(path, currentModel(get()) && chosenModelId(get())).catch(() => {})
    },
    async askInline(path, ask) {
      const taken = takeWords(path)
      if (!taken) return
      await prompts.send({ path, ask, ...taken })
      const { asked = '', threadId } = fields.of(path) ?? {}
      // It can be sent again as it was.
      if (threads.of(threadId)?.turns.at(-1)?.status === 'failed') fields.giveBack(path, asked)
    },
    async compareInline(path, ask, rivalId) {
      const taken = takeWords(path)
      if (!taken) return
      const { words } = taken
      const modelId = currentModel(get())?.id ?? taken.modelId
      await takes.compare({ path, words, ask, modelIds: [modelId, rivalId] })
    },
    pickInline: takes.pick,
    async stopInline(path) {
      if (!fields.of(path) || fields.of(path)?.busy === 'stopping') return
      fields.patch(path, { busy: 'stopping', comparing: false })
      await takes.stop(path)
      takes.drop(path)
      const turnId = await prompts.asked(path)
      const field = fields.of(path)
      if (turnId && field?.threadId) {
        const { threadId } = field
        try {
          await connection.request('turn/interrupt', { threadId, expectedTurnId: turnId }).catch((error) => {
            // It came to its end by itself.
            if (!(error instanceof RequestError) || error.code !== 'conflict') throw error
          })
          await threads.known(turnId, (turn) => !isRunning(turn))
          await threads.undo(threadId, threads.of(threadId)?.turns.filter(({ id }) => id === turnId) ?? [])
        } catch (error) {
          get().notifyFailure(error)
        }
        fields.giveBack(path, field.asked)
      }
      fields.patch(path, { busy: undefined })
    },
    async keepInline(path) {
      await takes.settled(path)
      const threadId = fields.of(path)?.threadId
      const thread = threads.of(threadId)
      const hunkIds = thread ? [...unreviewedIn(thread)] : []
      leave(path)
      if (!threadId || hunkIds.length === 0) return
      await connection.request('review/keep', { threadId, hunkIds }).catch(get().notifyFailure)
    },
    async undoInline(path) {
      await takes.settled(path)
      const thread = threads.of(fields.of(path)?.threadId)
      leave(path)
      if (thread) await threads.undo(thread.id, thread.turns).catch(get().notifyFailure)
    },
    closeInline: close,
    leaveInline(path) {
      const field = fields.of(path)
      if (field && inlineEditOf(field, threads.of(field.threadId)).phase !== 'writing') close(path)
    },
    followInline: threads.followAgain,
    restoreInline(workspaceId) {
      if (workspaceId === shownWorkspace) return
      shownWorkspace = workspaceId
      spare = undefined
      set({ inlineFields: {} })
      threads.restore(workspaceId)
      takes.restore(workspaceId)
    },
  }
}

function threadsOf({ threadId, takes }: InlineField): readonly ThreadId[] {
  const ids = takes.flatMap((take) => (take.threadId ? [take.threadId] : []))
  return threadId === undefined || ids.includes(threadId) ? ids : [...ids, threadId]
}

function readTexts(text: string | null): readonly string[] {
  try {
    return textsSchema.parse(JSON.parse(text ?? '[]'))
  } catch {
    return []
  }
}
