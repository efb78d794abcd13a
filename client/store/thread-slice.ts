import { mintId } from '../../core/lib/random.ts'
import type { Approval, ApprovalAnswer } from '../../core/protocol/approval.ts'
import type { DeepWork } from '../../core/protocol/check.ts'
import { type CommandId, commandIdSchema } from '../../core/protocol/command.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { HunkId, ThreadId, TurnId } from '../../core/protocol/ids.ts'
import type { HunkDecision, PromptContext } from '../../core/protocol/item.ts'
import type { Job } from '../../core/protocol/job.ts'
import { type QueueId, queueIdSchema } from '../../core/protocol/queue.ts'
import { speculation } from '../../core/protocol/speculation.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { ChosenMode } from '../../core/protocol/turn.ts'
import type { ConnectionSlice } from './connection-slice.ts'
import { followThread } from './follow-thread.ts'
import { waitsToBegin } from './jobs-slice.ts'
import type { LatencySlice } from './latency-slice.ts'
import type { LayoutSlice } from './layout-slice.ts'
import type { NoticeSlice } from './notice-slice.ts'
import { currentModel, may, runningTurn, type SendWay, threadOfHunk } from './selectors.ts'
import type { SliceTools } from './slice.ts'
import type { SteerSlice } from './steer-slice.ts'
import type { TurnSlice } from './turn-slice.ts'
import { lastThreadKey, type WorkspaceSlice } from './workspace-slice.ts'

/** The thread in view, folded from its events, and what a person can do in it. */
export interface ThreadSlice {
  /** `undefined`: a new thread that begins with its first prompt. */
  readonly threadId: ThreadId | undefined
  /** `undefined` until it has arrived. */
  readonly thread: ThreadState | undefined
  /** Turns that had settled when the thread came into view: what they wrote is no news. */
  readonly turnsAtOpening: number
  /** How many prompts and commands were sent from here: who sends is taken to the end of the conversation. */
  readonly ownSends: number
  /** The server does not have it. */
  readonly threadMissing: boolean
  /** What a new thread will begin with. */
  readonly nextModelId: string | undefined
  readonly nextMode: ChosenMode
  /** `undefined`: as the server begins threads. */
  readonly nextDeepWork: DeepWork | undefined
  openThread(threadId: ThreadId | undefined): void
  /** Starts a turn, or turns the running one round. False when it did not arrive: the prompt is still the person's. */
  send(
    text: string,
    options?: {
      readonly withContext?: boolean
      /** Where a turn runs: turn it round, add to it, or wait for its end. */
      readonly how?: SendWay
      /** When its key or button was pressed, in the page's monotonic milliseconds. */
      readonly pressedAt?: number
    },
  ): Promise<boolean>
  resumeTurn(turnId: TurnId): void
  undoTurn(turnId: TurnId): void
  redoTurn(turnId: TurnId): void
  /** Has the deep tier look for mistakes in what the turn changed. */
  checkTurn(turnId: TurnId): void
  stopCheck(turnId: TurnId): void
  /** What shall become of the hunk that stands still because of this person. */
  decideHunk(hunkId: HunkId, decision: HunkDecision): void
  configure(choice: { readonly modelId?: string; readonly mode?: ChosenMode; readonly deep?: DeepWork }): void
  renameThread(threadId: ThreadId, title: string): void
  /** Runs it on the workspace, in a sandbox; begins a thread if there is none. */
  runCommand(text: string): void
  stopCommand(id: CommandId): void
  /** Ends a command of the model. */
  stopCall(callId: string): void
  /** Says yes or no to what was shown. */
  answerApproval(
    threadId: ThreadId,
    approval: Pick<Approval, 'id' | 'hash'>,
    answer: ApprovalAnswer,
  ): Promise<void>
  /** A prompt is likely to come: the server makes ready for it, as far as this person wants that. */
  warm(draft: { readonly text: string; readonly withContext: boolean }): void
}

/** Said by shape: the context slice knows this one. */
interface PromptContextSource {
  contextFor(text: string, withContext: boolean): Promise<PromptContext>
  contextAhead(text: string, withContext: boolean): Promise<PromptContext>
}

/** And the replay slice this. */
interface ReplayEnd {
  closeReplay(): void
}

type Needs = ThreadSlice &
  NoticeSlice &
  Pick<
    ConnectionSlice,
    'defaultModelId' | 'refreshModels' | 'models' | 'tiers' | 'guest' | 'serverSpeculation'
  > &
  Pick<LayoutSlice, 'speculation'> &
  Pick<WorkspaceSlice, 'workspaceId'> &
  Pick<SteerSlice, 'sendSteer' | 'openSteers' | 'followSteers'> &
  Pick<TurnSlice, 'goOnFrom' | 'followPause'> &
  Pick<LatencySlice, 'measureClock' | 'timePrompt' | 'timeArrival' | 'timeShown'> & {
    readonly inlineThreads: readonly ThreadState[]
    readonly jobs: readonly Job[]
  } & PromptContextSource &
  ReplayEnd

export function createThreadSlice({ get, set, deps }: SliceTools<Needs>): ThreadSlice {
  const { connection, storage, random } = deps
  let unfollow = () => {}

  function open(threadId: ThreadId | undefined): void {
    if (get().threadId === threadId && !get().threadMissing) return
    unfollow()
    unfollow = () => {}
    get().closeReplay()
    set({ threadId, thread: undefined, threadMissing: false, goOnFrom: undefined })
    get().openSteers()
    const { workspaceId } = get()
    if (!threadId) return
    if (workspaceId) storage.setItem(lastThreadKey(workspaceId), threadId)
    unfollow = followThread({
      deps,
      threadId,
      onThread(thread, whole) {
        const isNew = whole && !get().thread
        const settled = () => thread.turns.filter(({ settledAt }) => settledAt !== undefined).length
        const before = get().thread
        set({ thread, ...(isNew && { turnsAtOpening: settled() }) })
        get().timeShown()
        get().followPause(whole ? undefined : before)
        get().followSteers()
        if (isNew) get().measureClock()
        // What the tiers stand for is another model now.
        if (before && hasMovedOn(before, thread)) get().refreshModels()
      },
      onArrival: get().timeArrival,
      onRefused(error) {
        if (error instanceof RequestError && error.code === 'notFound') set({ threadMissing: true })
        else get().notifyFailure(error)
      },
    })
  }

  async function ensureThread(): Promise<ThreadId> {
    const { threadId, workspaceId, nextModelId, nextMode, nextDeepWork } = get()
    if (threadId) return threadId
    if (!workspaceId) throw new RequestError('notFound', 'no workspace is open')
    const created = await connection.request('thread/create', {
      workspaceId,
      mode: nextMode,
      ...(nextModelId !== undefined && { modelId: nextModelId }),
      ...(nextDeepWork && { deep: nextDeepWork }),
    })
    open(created.threadId)
    return created.threadId
  }

  /** Sent to the queue without an answer: the server may have it, so the same words sent again are the same entry. */
  let unheard: { readonly threadId: ThreadId; readonly text: string; readonly id: QueueId } | undefined

  async function deliver(
    { text, context }: { readonly text: string; readonly context: PromptContext },
    how: SendWay,
    pressedAt: number | undefined,
  ): Promise<void> {
    const threadId = await ensureThread()
    if (how === 'queue' || waitsToBegin(get())) {
      const same = unheard?.threadId === threadId && unheard.text === text ? unheard : undefined
      const id = same?.id ?? queueIdSchema.parse(mintId('que', random))
      unheard = { threadId, text, id }
      await connection.request('queue/add', { threadId, id, text, context })
      unheard = undefined
      return
    }
    const expectedTurnId = runningTurn(get())?.id
    if (!expectedTurnId) {
      const tell = get().timePrompt(pressedAt)
      tell((await connection.request('turn/start', { threadId, text, context })).turnId)
      return
    }
    if (how === 'steer') {
      get().sendSteer({ turnId: expectedTurnId, text, context })
      return
    }
    try {
      await connection.request('turn/redirect', { threadId, expectedTurnId, text, context })
    } catch (error) {
      // It settled while the words were on their way: they begin the next turn.
      if (!(error instanceof RequestError) || error.code !== 'conflict') throw error
      await connection.request('turn/start', { threadId, text, context })
    }
  }

  const tell = (request: Promise<unknown>) => {
    request.catch((error) => get().notifyFailure(error))
  }
  const withThread = (act: (threadId: ThreadId) => Promise<unknown>) => {
    const { threadId } = get()
    if (threadId) tell(act(threadId))
  }

  async function warm(draft: { readonly text: string; readonly withContext: boolean }): Promise<void> {
    const { threadId, workspaceId, nextModelId, serverSpeculation } = get()
    const wanted = get().speculation ?? undefined
    const how = speculation(wanted, serverSpeculation, currentModel(get()))
    if (how === 'off') return
    if (threadId) {
      const context = how === 'prefill' && (await get().contextAhead(draft.text, draft.withContext))
      await connection.request('thread/warm', { threadId, how, ...(context && { context }) })
    } else if (workspaceId && may(get(), 'workspace/warm')) {
      const model = nextModelId === undefined ? {} : { modelId: nextModelId }
      await connection.request('workspace/warm', { workspaceId, ...model })
    }
  }

  const revert = async (method: 'turn/undo' | 'turn/redo', turn: { threadId: ThreadId; turnId: TurnId }) => {
    const { left } = await connection.request(method, turn)
    get().notifyLeft(left)
  }

  return {
    threadId: undefined,
    thread: undefined,
    turnsAtOpening: 0,
    ownSends: 0,
    threadMissing: false,
    nextModelId: undefined,
    nextMode: 'live',
    nextDeepWork: undefined,
    openThread: open,
    async send(text, { withContext = true, how = 'redirect', pressedAt } = {}) {
      set({ ownSends: get().ownSends + 1 })
      try {
        const from = get().goOnFrom
        const context = await get().contextFor(text, withContext)
        await deliver({ text, context: from ? { ...context, from: from.line } : context }, how, pressedAt)
        if (get().goOnFrom === from) set({ goOnFrom: undefined })
        return true
      } catch (error) {
        get().notifyFailure(error)
        return false
      }
    },
    resumeTurn: (turnId) => withThread((threadId) => connection.request('turn/resume', { threadId, turnId })),
    undoTurn: (turnId) => withThread((threadId) => revert('turn/undo', { threadId, turnId })),
    redoTurn: (turnId) => withThread((threadId) => revert('turn/redo', { threadId, turnId })),
    checkTurn: (turnId) => withThread((threadId) => connection.request('turn/check', { threadId, turnId })),
    stopCheck: (turnId) =>
      withThread((threadId) => connection.request('turn/stopCheck', { threadId, turnId })),
    decideHunk(hunkId, decision) {
      const threadId = threadOfHunk(get(), hunkId)?.id
      if (threadId) tell(connection.request('edit/decide', { threadId, hunkId, decision }))
    },
    configure(choice) {
      if (choice.modelId !== undefined) set({ nextModelId: choice.modelId })
      if (choice.mode) set({ nextMode: choice.mode })
      if (choice.deep) set({ nextDeepWork: choice.deep })
      withThread((threadId) => connection.request('thread/configure', { threadId, ...choice }))
    },
    renameThread: (threadId, title) => tell(connection.request('thread/rename', { threadId, title })),
    runCommand(text) {
      set({ ownSends: get().ownSends + 1 })
      const id = commandIdSchema.parse(mintId('cmd', random))
      tell(ensureThread().then((threadId) => connection.request('command/run', { threadId, id, text })))
    },
    async answerApproval(threadId, { id: approvalId, hash }, answer) {
      try {
        await connection.request('approval/answer', { threadId, approvalId, hash, answer })
      } catch (error) {
        get().notifyFailure(error)
      }
    },
    stopCall: (callId) =>
      withThread((threadId) => connection.request('command/stopCall', { threadId, callId })),
    stopCommand: (id) => withThread((threadId) => connection.request('command/stop', { threadId, id })),
    warm(draft) {
      // Only a head start: a turn works without it.
      warm(draft).catch(() => {})
    },
  }
}

function hasMovedOn(before: ThreadState, { turns }: ThreadState): boolean {
  const last = turns.at(-1)
  const known = before.turns.at(-1)
  const seen = known?.id === last?.id ? (known?.movedOn?.length ?? 0) : 0
  return (last?.movedOn?.length ?? 0) > seen
}
