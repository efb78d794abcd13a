import type { DeepWork } from '../../core/protocol/check.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { RewindId, TurnId } from '../../core/protocol/ids.ts'
import type { PromptContext } from '../../core/protocol/item.ts'
import type { ResultOf } from '../../core/protocol/methods.ts'
import type { RewindScope } from '../../core/protocol/rewind.ts'
import type { GuestMark } from '../../core/protocol/share.ts'
import type { ThreadEvent, ThreadState } from '../../core/protocol/thread.ts'
import type { Mode } from '../../core/protocol/turn.ts'
import { hasEditsIn } from '../../core/state/current-path.ts'
import type { TimedMove } from '../documents/file-moves.ts'
import type { TopicSource } from '../relay/hub.ts'
import type { Delta } from '../relay/outbox.ts'
import { Approvals } from './approvals.ts'
import { bringInTurn, type MakeTurn, type Said } from './bring-in-turn.ts'
import { Commands } from './commands.ts'
import { Compactor } from './compactor.ts'
import { titleFrom } from './prompt-context.ts'
import { PromptQueue } from './prompt-queue.ts'
import { Reverts } from './reverts.ts'
import type { RuntimeDeps } from './runtime-deps.ts'
import type { StepName } from './step-gate.ts'
import { ThreadRequests } from './thread-requests.ts'
import { TurnChecks } from './turn-checks.ts'
import { TurnControl } from './turn-control.ts'
import { corrections, interruptedTurn } from './turn-recovery.ts'
import { TurnRunner } from './turn-runner.ts'
import { type Asked, TurnStarts } from './turn-starts.ts'

/** One thread as people use it: what they ask of it and its turns. */
export class ThreadRuntime implements TopicSource {
  readonly topic: string
  readonly queue: PromptQueue
  readonly reverts: Reverts
  readonly compactor: Compactor
  readonly commands: Commands
  readonly requests: ThreadRequests
  readonly approvals: Approvals
  readonly checks: TurnChecks
  readonly control: TurnControl
  readonly #deps: RuntimeDeps
  readonly #runner: TurnRunner
  readonly #starts: TurnStarts
  #isStarting = false
  /** Requests under way: while there are any the thread must stay in memory. */
  #requests = 0

  constructor(thread: ThreadState, deps: RuntimeDeps) {
    this.#deps = deps
    this.#runner = new TurnRunner(thread, deps, {
      onSettled: () => {
        this.control.onSettled()
        deps.onSettled(this.state(), this.#runner.stored)
        this.compactor.settle()
        this.checks.consider()
        this.queue.onSettled()
      },
      prepareSteers: (steers) => this.#starts.steers(steers),
      onWeighed: (weight) => this.compactor.consider(weight),
    })
    this.topic = this.#runner.topic
    this.#starts = new TurnStarts({
      ...deps,
      state: () => this.state(),
      queued: (id) => this.queue.first(id),
      onBegin: (receivedAt) => this.#runner.beginTurn(receivedAt),
      dispatch: (input) => this.#runner.dispatch(input),
      noteShown: (path) => this.#runner.noteShown(path),
    })
    this.control = new TurnControl({
      runner: this.#runner,
      starts: this.#starts,
      models: deps.models,
      clock: deps.clock,
      hold: (work) => this.#holding(work),
      onSteered: deps.onSteered,
    })
    this.queue = new PromptQueue({
      state: () => this.state(),
      isBusy: () =>
        this.#runner.active !== undefined ||
        this.#isStarting ||
        deps.isHeld?.() === true ||
        deps.isSettling?.() === true,
      publish: (event) => this.#runner.publish(event),
      stored: () => this.#runner.stored,
      start: (prompt) => this.#start(prompt, this.#deps.clock.monotonic()),
      hold: (work) => this.#holding(work),
    })
    const { clock, random, counts, models, documents, workspace } = deps
    const readFile = (path: string) => documents.readText(workspace.id, path)
    const reading = { workspaceRoot: workspace.root, readFile }
    const session = { ...reading, threadId: `${thread.id}-summary`, sharesConnection: true }
    this.compactor = new Compactor({
      clock,
      random,
      counts,
      usage: deps.usage,
      model: deps.summaryModel,
      answering: ({ modelId }) => models.resolve(modelId),
      openSession: (model) => models.openSession(model, session),
      admissions: deps.admissions,
      state: () => this.state(),
      isFree: () => !this.#runner.active && !this.#isStarting,
      publish: (event) => this.#runner.publish(event),
      stored: () => this.#runner.stored,
      hold: (work) => this.#holding(work),
    })
    this.requests = new ThreadRequests({
      models,
      guidance: deps.guidance,
      admissions: deps.admissions,
      usage: deps.usage,
      clock,
      timers: deps.timers,
      reading,
      window: this.#runner.window,
      isFree: () => !this.#runner.active && !this.#isStarting,
      answering: () => this.#runner.active?.model,
      ahead: (context) => this.#starts.ahead(context),
      warm: (model, request) => this.#runner.warm(model, request),
      state: () => this.state(),
      publish: (event) => this.#runner.publish(event),
      stored: () => this.#runner.stored,
      hold: (work) => this.#holding(work),
    })
    this.approvals = new Approvals({
      rules: deps.rules,
      clock,
      random,
      bounds: {
        folder: workspace.root,
        place: thread.job === undefined ? 'workspace' : 'copy',
        sandboxed: deps.runner.kind !== 'unsafe-none',
      },
      state: () => this.state(),
      publish: (event) => this.#runner.publish(event),
      stored: () => this.#runner.stored,
    })
    this.commands = new Commands({
      runner: deps.runner,
      rules: deps.rules,
      clock,
      timers: deps.timers,
      folder: workspace.root,
      flush: () => documents.flush(workspace.id),
      state: () => this.state(),
      publish: (event) => this.#runner.publish(event),
      stored: () => this.#runner.stored,
      hold: (work) => this.#holding(work),
      onBug: deps.onBug,
    })
    this.reverts = new Reverts({
      threadId: thread.id,
      workspaceId: deps.workspace.id,
      store: deps.store,
      documents: deps.documents,
      snapshots: deps.snapshots,
      random: deps.random,
      onBug: deps.onBug,
      state: () => this.state(),
      runningTurn: () => this.#runner.active?.turnId,
      publish: (event) => this.#runner.publish(event),
      stored: () => this.#runner.stored,
      hold: (work) => this.#holding(work),
    })
    this.checks = new TurnChecks({
      ...deps,
      session: { ...reading, threadId: `${thread.id}-check`, sharesConnection: true },
      state: () => this.state(),
      publish: (event) => this.#runner.publish(event),
      stored: () => this.#runner.stored,
      hold: (work) => this.#holding(work),
      inOrder: (work) => this.reverts.inOrder(work),
    })
  }

  state(): ThreadState {
    return this.#runner.thread
  }

  running(): readonly Delta[] {
    return this.#runner.running()
  }

  /** A turn runs. */
  get isAtWork(): boolean {
    return this.#runner.active !== undefined
  }

  /** Nothing is under way: what is in memory can be had from the log. */
  get isIdle(): boolean {
    return this.#runner.active === undefined && this.#requests === 0
  }

  /** Begins a turn; resolves when its prompt is durable. */
  start(text: string, context: PromptContext, receivedAt: number, guest?: GuestMark): Promise<TurnId> {
    if (this.#deps.isHeld?.())
      return Promise.reject(
        new RequestError('conflict', 'The job waits for its place; queue what you want to say to it.'),
      )
    return this.#start({ text, context, guest }, receivedAt)
  }

  #start(asked: Asked, receivedAt: number): Promise<TurnId> {
    return this.#starting(() => this.#begin(asked, receivedAt))
  }

  async #begin(asked: Asked, receivedAt: number): Promise<TurnId> {
    const isUntitled = this.state().title === ''
    const { turnId, words } = await this.#starts.begin(asked, receivedAt)
    if (isUntitled) void this.#rename(titleFrom(words))
    if (asked.id === undefined) this.queue.unpause()
    await this.control.acknowledge(turnId)
    return turnId
  }

  /** Goes back to before a turn; no turn begins meanwhile. */
  rewind(turnId: TurnId, what: RewindScope): Promise<ResultOf<'thread/rewind'>> {
    this.control.refuseJob()
    return this.#starting(async () => {
      await this.checks.stopAll()
      return this.reverts.rewind(turnId, what)
    })
  }

  /** Undoes a rewind. The turn that runs in place of what was rewound is stopped. */
  unrewind(rewindId: RewindId): Promise<ResultOf<'thread/unrewind'>> {
    return this.#holding(async () => {
      const running = this.#runner.active?.turnId
      if (running !== undefined && running === this.state().rewound?.at(-1)?.rerun) {
        await this.control.halt(running)
      }
      return this.#starting(() => this.reverts.unrewind(rewindId))
    })
  }

  /** Asks the prompt of a turn again in other words, from where the thread was then. */
  rerun(
    { turnId, text, what }: { turnId: TurnId; text: string; what: RewindScope },
    receivedAt: number,
  ): Promise<ResultOf<'turn/rerun'>> {
    this.control.refuseJob()
    return this.#starting(async () => {
      const turn = this.state().turns.find(({ id }) => id === turnId)
      const asked = turn?.items.find((item) => item.type === 'userMessage')
      if (!asked) throw new RequestError('notFound', 'There is no such prompt in this thread.')
      // Before anything goes back.
      await this.#deps.models.resolve(this.state().modelId)
      await this.checks.stopAll()
      const { rewindId, left } = await this.reverts.rewind(turnId, what)
      const context = asked.context ?? { openPaths: [] }
      try {
        return { turnId: await this.#begin({ text, context, rewindId }, receivedAt), rewindId, left }
      } catch (error) {
        // All of it or nothing: what was said before is worth more than a gap.
        if (!this.#runner.active) await this.reverts.unrewind(rewindId)
        throw error
      }
    })
  }

  async resume(turnId: TurnId, receivedAt: number): Promise<void> {
    const turn = this.state().turns.at(-1)
    if (turn?.id !== turnId || turn.status === 'completed') {
      throw new RequestError(
        'conflict',
        'Only the last turn can go on, and only when it was stopped or failed.',
      )
    }
    await this.#starting(async () => {
      await this.#starts.resume(turn, receivedAt)
      await this.control.acknowledge(turnId)
    })
  }

  /** Runs a request of a job's turn again: the server it was made by is no more. */
  restart(step: StepName & { readonly attempt: number }): Promise<void> {
    return this.#starting(async () => {
      await this.#starts.restart(step)
      await this.control.acknowledge(step.turnId)
    })
  }

  /** See `bringInTurn`; no other turn begins meanwhile. */
  bringIn(said: Said, make: MakeTurn): Promise<TurnId> {
    const { clock, random } = this.#deps
    const publish = (event: ThreadEvent) => this.#runner.publish(event)
    return this.#starting(async () => {
      const turnId = await bringInTurn({ thread: this.state(), clock, random, publish, said, make })
      await this.#runner.stored
      return turnId
    })
  }

  /** Settles when the log has all of what happened until now. */
  get stored(): Promise<void> {
    return this.#runner.stored
  }

  rename(title: string): Promise<void> {
    return this.#holding(async () => {
      const listed = this.#rename(title)
      await Promise.all([this.#runner.stored, listed])
    })
  }

  configure(change: {
    readonly modelId?: string | undefined
    readonly mode?: Mode | undefined
    readonly deep?: DeepWork | undefined
  }): Promise<void> {
    return this.#holding(async () => {
      if (change.modelId !== undefined) await this.#deps.models.resolve(change.modelId)
      const { modelId, mode, deep } = this.state()
      // People change nothing of what a job's thread is; from planning to working it goes by itself.
      const isFree = this.state().job === undefined || change.mode === 'background'
      const chosen = isFree ? change.mode : undefined
      const next = { modelId: change.modelId ?? modelId, mode: chosen ?? mode }
      const work = change.deep ?? deep
      this.#runner.publish({ type: 'thread/configured', ...next, ...(work && { deep: work }) })
      await this.#runner.stored
    })
  }

  /** Files and folders were moved: what the thread wrote there is at their new places. */
  followMoves(moves: readonly TimedMove[]): void {
    // A job's thread writes in a copy of its own.
    if (this.state().job !== undefined) return
    for (const { from, to, at } of moves) {
      const { movedAt = 0 } = this.state()
      if (at > movedAt && hasEditsIn(this.state(), from))
        this.#runner.publish({ type: 'thread/fileMoved', from, to, at })
    }
  }

  /** After a restart: takes half-written hunks out of the documents, then settles the turn that was running. */
  recover(): Promise<void> {
    return this.#holding(async () => {
      this.compactor.recover()
      this.commands.recover()
      this.approvals.recover()
      // The ledger of jobs knows how it goes on.
      if (this.state().job !== undefined) return
      await this.checks.recover()
      await this.reverts.finish().catch((error) => this.#deps.onBug(error, 'undo that was cut off'))
      const turn = this.state().turns.at(-1)
      if (!turn || (turn.status !== 'running' && turn.status !== 'retrying')) return this.queue.onSettled()
      await this.#runner.restoreProgress()
      const { documents, workspace, onBug } = this.#deps
      try {
        const recovered = await documents.recover(workspace.id, interruptedTurn(turn))
        for (const event of corrections(turn, recovered)) this.#runner.publish(event)
      } catch (error) {
        onBug(error, 'recovery of half-written hunks')
      }
      this.#runner.dispatch({ type: 'recovered', at: this.#deps.clock.now() })
      this.queue.onSettled()
      // What the store refuses now it is offered again; the thread can be shown all the same.
      await this.#runner.stored.catch(() => undefined)
    })
  }

  close(): void {
    this.compactor.close()
    this.approvals.close()
    this.checks.close()
    this.commands.close()
    this.#runner.close()
  }

  async #holding<T>(work: () => Promise<T>): Promise<T> {
    this.#requests++
    try {
      return await work()
    } finally {
      this.#requests--
    }
  }

  async #starting<T>(work: () => Promise<T>): Promise<T> {
    if (this.#runner.active || this.#isStarting) {
      throw new RequestError('conflict', 'A turn is running in this thread; redirect or stop it first.')
    }
    this.#isStarting = true
    try {
      return await this.#holding(work)
    } finally {
      this.#isStarting = false
      // A short turn is over before its prompt is durable: until now nothing could follow it.
      if (!this.#runner.active) {
        this.compactor.settle()
        this.queue.wake()
      }
    }
  }

  /** Resolves when the list has the title too. */
  #rename(title: string): Promise<void> {
    this.#runner.publish({ type: 'thread/renamed', title })
    return this.#deps.onSummary(this.state(), this.#runner.active !== undefined)
  }
}
