import { assert } from '../../core/lib/assert-never.ts'
import { mintId } from '../../core/lib/random.ts'
import type { DeepWork } from '../../core/protocol/check.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import {
  type JobId,
  type ThreadId,
  type TurnId,
  threadIdSchema,
  turnIdSchema,
  type WorkspaceId,
} from '../../core/protocol/ids.ts'
import type { PromptContext } from '../../core/protocol/item.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { Params, ResultOf } from '../../core/protocol/methods.ts'
import type { ThreadEvent, ThreadHit, ThreadPart, ThreadState } from '../../core/protocol/thread.ts'
import type { Mode, Turn } from '../../core/protocol/turn.ts'
import {
  type WorkspaceEvent,
  type WorkspaceState,
  workspaceEventSchema,
} from '../../core/protocol/workspace.ts'
import { copyMarks, copyTurn, turnsThrough } from '../../core/state/fork-thread.ts'
import { reduceThread } from '../../core/state/thread-reducer.ts'
import { reduceWorkspace } from '../../core/state/workspace-reducer.ts'
import type { TimedMove } from '../documents/file-moves.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { Guidance } from './guidance.ts'
import { preparePrompt, weighPrompt } from './prepare-prompt.ts'
import type { RuntimeDeps } from './runtime-deps.ts'
import { readHistory } from './thread-history.ts'
import { ThreadLog } from './thread-log.ts'
import { ThreadRuntime } from './thread-runtime.ts'
import { searchThreads } from './thread-search.ts'

type Own = 'workspace' | 'guidance' | 'onSummary' | 'onSettled' | 'readThread' | 'journal'

/** Where a job's thread reads and writes instead of the workspace people see. */
export type JobWorld = Required<
  Pick<
    RuntimeDeps,
    | 'workspace'
    | 'documents'
    | 'snapshots'
    | 'journal'
    | 'tools'
    | 'guidance'
    | 'isHeld'
    | 'isSettling'
    | 'onSteered'
  >
> & {
  /** A turn of the thread is over; all of it is in the log when `stored` settles. */
  readonly onTurnSettled: (thread: ThreadState, stored: Promise<void>) => void
}

interface Shared extends Omit<RuntimeDeps, Own> {
  readonly jobWorld: (id: JobId) => JobWorld
}

/** All threads of all workspaces: found in the log, loaded when asked for, let go when others are in use. */
export class Threads {
  readonly #deps: Shared
  readonly #workspaces: readonly Workspace[]
  readonly #lists = new Map<WorkspaceId, WorkspaceState>()
  readonly #guidance = new Map<WorkspaceId, Guidance>()
  /** Those in memory, the one that was asked for last at the end. */
  readonly #runtimes = new Map<ThreadId, Promise<ThreadRuntime>>()
  /** Those of them that are there. */
  readonly #loaded = new WeakMap<Promise<ThreadRuntime>, ThreadRuntime>()
  #isUnloading = false

  constructor(deps: Shared, workspaces: readonly Workspace[]) {
    this.#deps = deps
    this.#workspaces = workspaces
  }

  /** Reads the lists and settles what a crash left running. */
  async start(): Promise<void> {
    this.#deps.documents.onMoved((id, move) => this.#follow(id, move))
    for (const workspace of this.#workspaces) {
      const { id } = workspace
      this.#guidance.set(id, new Guidance(workspace, this.#deps.documents))
      let state: WorkspaceState = { id, threads: [] }
      const rows = await this.#deps.store.readEvents(`workspace:${id}`, 0)
      for (const { body } of rows)
        state = reduceWorkspace(state, workspaceEventSchema.parse(JSON.parse(body)))
      this.#lists.set(id, state)
      const source = { state: () => this.#shown(id), running: () => [] }
      this.#deps.hub.open(`workspace:${id}`, rows.at(-1)?.seq ?? 0, source)
      for (const thread of state.threads) {
        // One thread that can't be read must not keep the others from being served.
        if (thread.running && thread.job === undefined)
          await this.get(thread.id).catch((error) => this.#deps.onBug(error, thread.id))
      }
    }
  }

  async create(options: {
    workspaceId: WorkspaceId
    modelId: string
    mode: Mode
    inline?: boolean | undefined
    deep?: DeepWork | undefined
    job?: JobId
    part?: ThreadPart | undefined
    title?: string
    /** It knows the settled turns of this thread. */
    from?: ThreadId | undefined
  }): Promise<ThreadId> {
    const { inline, title = '', from, deep, ...thread } = options
    const origin = from === undefined ? undefined : await this.#read(from)
    const { random } = this.#deps
    const turns = (origin?.turns ?? [])
      .filter(({ settledAt }) => settledAt !== undefined)
      .map((turn) => copyTurn(turn, turnIdSchema.parse(mintId('trn', random))))
    const marks = origin ? copyMarks({ ...origin, turns: origin.turns.slice(0, turns.length) }, turns) : []
    const work = deep && !inline ? { deep } : {}
    return this.#begin({ ...thread, title, ...work }, { inline, turns, marks })
  }

  async #begin(
    thread: Omit<Extract<ThreadEvent, { type: 'thread/created' }>, 'type' | 'id' | 'at'>,
    {
      turns = [],
      marks = [],
      inline,
    }: {
      readonly turns?: readonly Turn[]
      readonly marks?: readonly ThreadEvent[]
      readonly inline?: boolean | undefined
    },
  ): Promise<ThreadId> {
    const workspace = this.workspace(thread.workspaceId)
    const { hub, clock, random } = this.#deps
    const id = threadIdSchema.parse(mintId('thr', random))
    const at = clock.now()
    const events: readonly ThreadEvent[] = [
      { type: 'thread/created', id, at, ...thread },
      ...turns.map((turn) => ({ type: 'turn/copied' as const, turn })),
      ...marks,
    ]
    const state = events.reduce<ThreadState | undefined>(reduceThread, undefined)
    assert(state, 'a thread begins with an event')
    const log = this.#log(id)
    const runtime = this.#open(state, { workspace, seq: 0, log, sharesConnection: inline })
    this.#keep(id, Promise.resolve(runtime))
    // Published together they are stored together: a thread is never there in part.
    const stored = Promise.all(events.map((event) => hub.publish(runtime.topic, event)))
    const { title, job } = thread
    const kind = { ...(inline && { inline }), ...(job !== undefined && { job }) }
    const summary = { id, title, createdAt: at, updatedAt: at, running: false, ...kind }
    await Promise.all([stored, this.#publish(workspace.id, { type: 'threadList/added', thread: summary })])
    return id
  }

  /** A new thread that begins with the turns of this one, up to and with `throughTurnId`. */
  async fork(originId: ThreadId, throughTurnId: TurnId, title: string): Promise<ThreadId> {
    const origin = await this.#read(originId)
    const found =
      turnsThrough(origin.turns, throughTurnId) ?? (await this.#log(originId).turnsBack(throughTurnId))
    if (!found) throw new RequestError('notFound', 'There is no such turn in this thread.')
    if (found.at(-1)?.settledAt === undefined)
      throw new RequestError('conflict', 'That turn is still running; fork when it has settled.')
    const { workspaceId, modelId, deep } = origin
    // Outside of a job there is nothing that works alone.
    const mode = origin.mode === 'background' ? 'live' : origin.mode
    const from = { threadId: originId, turnId: throughTurnId, title: origin.title }
    const { random } = this.#deps
    const turns = found.map((turn) => copyTurn(turn, turnIdSchema.parse(mintId('trn', random))))
    const marks = copyMarks({ ...origin, turns: [...found] }, turns)
    const thread = { workspaceId, modelId, mode, title, origin: from, ...(deep && { deep }) }
    return this.#begin(thread, { turns, marks })
  }

  get(id: ThreadId): Promise<ThreadRuntime> {
    const known = this.#runtimes.get(id)
    const loading = known ?? this.#load(id)
    this.#keep(id, loading)
    if (!known) loading.catch(() => this.#runtimes.delete(id))
    return loading
  }

  /** About what a prompt would weigh; without a thread, as the first of a new one. */
  async preview(options: {
    workspaceId: WorkspaceId
    threadId: ThreadId | undefined
    text: string
    context: PromptContext
  }): Promise<ResultOf<'prompt/preview'>> {
    const { workspaceId, threadId, text, context } = options
    const workspace = this.workspace(workspaceId)
    const id = threadIdSchema.parse(mintId('thr', this.#deps.random))
    const empty = { id, workspaceId, title: '', modelId: '', mode: 'live' as const, at: 0 }
    const thread =
      threadId === undefined
        ? reduceThread(undefined, { type: 'thread/created', ...empty })
        : await this.#read(threadId)
    if (thread.workspaceId !== workspaceId) throw new RequestError('notFound', 'There is no such thread.')
    const { documents } = this.#deps
    const readThread = (other: ThreadId) => this.#read(other)
    const prepared = await preparePrompt({ text, context, thread, workspace, documents, readThread })
    return weighPrompt(prepared.prompt)
  }

  /** Pins or archives a thread. Resolves when the list has it durably. */
  async mark(id: ThreadId, marks: { readonly pinned?: boolean; readonly archived?: boolean }): Promise<void> {
    for (const list of this.#lists.values()) {
      const thread = list.threads.find((other) => other.id === id)
      if (!thread) continue
      const { pinned = false, archived = false } = { ...thread, ...marks }
      return this.#publish(list.id, { type: 'threadList/marked', threadId: id, pinned, archived })
    }
    throw new RequestError('notFound', 'There is no such thread.')
  }

  search(id: WorkspaceId, query: string): Promise<ThreadHit[]> {
    const { store } = this.#deps
    const { threads } = this.#shown(this.workspace(id).id)
    const turnsOf = async (thread: ThreadId) =>
      new Set((await this.#read(thread)).turns.map((turn) => turn.id))
    return searchThreads({ store, threads, turnsOf }, query)
  }

  /** A piece of a thread's log. */
  history(page: Params<'thread/history'>): Promise<ResultOf<'thread/history'>> {
    return readHistory(this.#deps.store, page)
  }

  /** How many threads are in memory. */
  get loaded(): number {
    return this.#runtimes.size
  }

  workspace(id: WorkspaceId): Workspace {
    const workspace = this.#workspaces.find((other) => other.id === id)
    if (!workspace) throw new RequestError('notFound', 'This server does not serve that workspace.')
    return workspace
  }

  async close(): Promise<void> {
    for (const loading of this.#runtimes.values()) (await loading.catch(() => undefined))?.close()
  }

  /** A thread that is not in memory follows when it is loaded. */
  #follow(id: WorkspaceId, move: TimedMove): void {
    const follow = (runtime: ThreadRuntime) => {
      if (runtime.state().workspaceId === id) runtime.followMoves([move])
    }
    for (const loading of this.#runtimes.values()) {
      const runtime = this.#loaded.get(loading)
      // At once: who is told of the move next may see the file for the thread's sake.
      if (runtime) follow(runtime)
      else loading.then(follow, () => undefined)
    }
  }

  async #read(id: ThreadId): Promise<ThreadState> {
    return (await this.get(id)).state()
  }

  async #load(id: ThreadId): Promise<ThreadRuntime> {
    const log = this.#log(id)
    const folded = await log.load()
    if (!folded) throw new RequestError('notFound', 'There is no such thread.')
    void log.keep(folded)
    const { state, seq } = folded
    const workspace = this.workspace(state.workspaceId)
    const sharesConnection = this.#list(workspace.id).threads.find((other) => other.id === id)?.inline
    const runtime = this.#open(state, { workspace, seq, log, sharesConnection })
    try {
      const moves = await this.#deps.documents.moves(workspace.id)
      // Of earlier ones it was told while its turns ran.
      const since = Math.max(...state.turns.map(({ settledAt = 0 }) => settledAt), 0)
      runtime.followMoves(moves.filter(({ at }) => at >= since))
      await runtime.recover()
    } catch (error) {
      this.#drop(runtime)
      throw error
    }
    void this.#summarise(runtime.state(), false)
    return runtime
  }

  #keep(id: ThreadId, runtime: Promise<ThreadRuntime>): void {
    this.#runtimes.delete(id)
    this.#runtimes.set(id, runtime)
    void runtime.then(
      (loaded) => this.#loaded.set(runtime, loaded),
      () => undefined,
    )
    if (this.#runtimes.size <= limits.loadedThreads || this.#isUnloading) return
    this.#isUnloading = true
    // When who asked for a thread has begun what they asked it for. In one go: who asks meanwhile would get a closed one.
    this.#deps.timers.later(() => {
      this.#isUnloading = false
      this.#unload()
    })
  }

  #unload(): void {
    for (const [id, loading] of this.#runtimes) {
      if (this.#runtimes.size <= limits.loadedThreads) return
      const runtime = this.#loaded.get(loading)
      if (runtime?.isIdle && this.#drop(runtime)) this.#runtimes.delete(id)
    }
  }

  #drop(runtime: ThreadRuntime): boolean {
    if (!this.#deps.hub.release(runtime.topic)) return false
    runtime.close()
    return true
  }

  #log(threadId: ThreadId): ThreadLog {
    const { store, timers, onBug } = this.#deps
    return new ThreadLog({ threadId, store, timers, onBug })
  }

  #open(
    state: ThreadState,
    {
      workspace,
      seq,
      log,
      sharesConnection,
    }: {
      readonly workspace: Workspace
      readonly seq: number
      readonly log: ThreadLog
      readonly sharesConnection: boolean | undefined
    },
  ): ThreadRuntime {
    const { hub } = this.#deps
    const world = state.job === undefined ? undefined : this.#deps.jobWorld(state.job)
    const onSummary = (thread: ThreadState, running: boolean) => this.#summarise(thread, running)
    const onSettled = (thread: ThreadState, stored: Promise<void>) => {
      const folded = { state: thread, seq: hub.seq(`thread:${thread.id}`) }
      // What the store refused can't be kept yet.
      stored.then(() => log.keep(folded)).catch(() => undefined)
      world?.onTurnSettled(thread, stored)
    }
    const guidance = this.#guidance.get(workspace.id)
    assert(guidance, 'start() was called')
    const readThread = (id: ThreadId) => this.#read(id)
    const own = { workspace, guidance, onSummary, onSettled, readThread, sharesConnection }
    const runtime = new ThreadRuntime(state, { ...this.#deps, ...own, ...world })
    hub.open(runtime.topic, seq, runtime)
    return runtime
  }

  /** Resolves when the list has it; never rejects. */
  async #summarise({ id, title, workspaceId }: ThreadState, running: boolean): Promise<void> {
    const known = this.#list(workspaceId).threads.find((thread) => thread.id === id)
    if (known && known.title === title && known.running === running) return
    const at = this.#deps.clock.now()
    await this.#publish(workspaceId, { type: 'threadList/changed', threadId: id, title, running, at }).catch(
      (error) => this.#deps.onBug(error, 'thread list'),
    )
  }

  #publish(id: WorkspaceId, event: WorkspaceEvent): Promise<void> {
    this.#lists.set(id, reduceWorkspace(this.#list(id), event))
    return this.#deps.hub.publish(`workspace:${id}`, event)
  }

  /** The list as people have it: edits in place have threads that are no conversations, and jobs a list of their own. */
  #shown(id: WorkspaceId): WorkspaceState {
    const list = this.#list(id)
    return { ...list, threads: list.threads.filter(({ inline, job }) => !inline && job === undefined) }
  }

  #list(id: WorkspaceId): WorkspaceState {
    return this.#lists.get(id) ?? { id, threads: [] }
  }
}
