import { errorCodes, RequestError } from '../../core/protocol/errors.ts'
import type { ThreadId, TurnId, WorkspaceId } from '../../core/protocol/ids.ts'
import type { PromptContext } from '../../core/protocol/item.ts'
import type { ContextSlice } from './context-slice.ts'
import type { InlineAsk, InlineFields } from './inline-field.ts'
import type { InlineThreads } from './inline-threads.ts'
import { isRunning } from './selectors.ts'
import type { SliceTools } from './slice.ts'

export interface InlinePrompt {
  readonly path: string
  readonly words: string
  readonly ask: InlineAsk
  readonly modelId: string
  /** What has to be on its way before it is. */
  readonly before?: () => Promise<void>
}

/** The way of a prompt from its field to the server. */
export interface InlinePrompts {
  /** The thread of a field, made when there is none, and warmed so that its prompt finds it ready. */
  begin(path: string, modelId: string | undefined): Promise<ThreadId>
  /** The field goes on with a thread that was begun before. */
  use(path: string, threadId: ThreadId): void
  /** Resolves when its turn has settled; `undefined`: it did not arrive, and the words are in the field again. */
  send(prompt: InlinePrompt): Promise<TurnId | undefined>
  /** Asks in a thread of its own, for an edit that stays out of the file. Resolves when the prompt is there. */
  setAside(prompt: InlinePrompt): Promise<{ readonly threadId: ThreadId; readonly turnId: TurnId }>
  /** The turn that an earlier page asked for last. */
  resume(path: string, turnId: TurnId): void
  /** A prompt did not arrive: why is shown, and its words are in the field again. */
  refuse(path: string, words: string, error: unknown): void
  /** The turn that was asked for last, once the server has it. */
  asked(path: string): Promise<TurnId | undefined>
}

export function createInlinePrompts(options: {
  readonly tools: SliceTools<
    { readonly workspaceId: WorkspaceId | undefined } & Pick<ContextSlice, 'findMentions'>
  >
  readonly threads: InlineThreads
  readonly fields: InlineFields
}): InlinePrompts {
  const { tools, threads, fields } = options
  const { get, deps } = tools
  const { connection } = deps
  /** By path, as are the turns: threads that are on their way. */
  const beginning = new Map<string, Promise<ThreadId>>()
  const asking = new Map<string, Promise<TurnId | undefined>>()

  function begin(path: string, modelId: string | undefined): Promise<ThreadId> {
    const present = fields.of(path)?.threadId
    if (present) return Promise.resolve(present)
    const begun = beginning.get(path) ?? create(path, modelId).finally(() => beginning.delete(path))
    beginning.set(path, begun)
    return begun
  }

  async function create(path: string, modelId: string | undefined): Promise<ThreadId> {
    const threadId = await createThread(modelId)
    use(path, threadId)
    return threadId
  }

  async function createThread(modelId: string | undefined): Promise<ThreadId> {
    const { workspaceId } = get()
    if (!workspaceId) throw new RequestError('notFound', 'no workspace is open')
    const model = modelId !== undefined && { modelId }
    const params = { workspaceId, mode: 'live', inline: true, ...model } as const
    return (await connection.request('thread/create', params)).threadId
  }

  function use(path: string, threadId: ThreadId): void {
    fields.patch(path, { threadId })
    threads.follow(threadId)
    // Only a head start: a turn works without it.
    connection.request('thread/warm', { threadId }).catch(() => {})
  }

  function refuse(path: string, words: string, error: unknown): void {
    const code = error instanceof RequestError && error.code in errorCodes ? error.code : 'internal'
    fields.patch(path, { refusal: code })
    fields.giveBack(path, words)
  }

  async function contextOf({ path, words, ask }: InlinePrompt): Promise<PromptContext> {
    const mentions = await get().findMentions(words)
    const selected = ask.places.find((place) => place.text !== '')
    return {
      activePath: path,
      openPaths: [],
      inline: [...ask.places],
      ...(ask.cursor && { cursor: ask.cursor }),
      ...(selected && { selection: selected }),
      ...(mentions.length > 0 && { mentions: [...mentions] }),
    }
  }

  async function deliver(prompt: InlinePrompt): Promise<TurnId> {
    const { path, words: text, modelId } = prompt
    const [threadId] = await Promise.all([begin(path, modelId), prompt.before?.()])
    const context = await contextOf(prompt)
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
    if (thread && thread.modelId !== modelId) {
      await connection.request('thread/configure', { threadId, modelId })
    }
    return (await connection.request('turn/start', { threadId, text, context })).turnId
  }

  return {
    begin,
    use,
    async send(prompt) {
      const { path, words } = prompt
      fields.patch(path, { text: '', asked: words, busy: 'asking', refusal: undefined })
      const turn = deliver(prompt).catch((error: unknown) => {
        refuse(path, words, error)
        return undefined
      })
      asking.set(path, turn)
      const turnId = await turn
      if (turnId) await threads.known(turnId, () => true)
      if (fields.of(path)?.busy === 'asking') fields.patch(path, { busy: undefined })
      if (turnId) await threads.known(turnId, (settled) => !isRunning(settled))
      return turnId
    },
    async setAside(prompt) {
      const threadId = await createThread(prompt.modelId)
      const context = { ...(await contextOf(prompt)), aside: true as const }
      const { turnId } = await connection.request('turn/start', { threadId, text: prompt.words, context })
      return { threadId, turnId }
    },
    resume: (path, turnId) => void asking.set(path, Promise.resolve(turnId)),
    refuse,
    asked: (path) => asking.get(path) ?? Promise.resolve(undefined),
  }
}
