import type { ModelEvent, ModelRequest } from '../../core/engine/model-stream.ts'
import { buildRequest } from '../../core/engine/prompt.ts'
import { step } from '../../core/engine/turn-machine.ts'
import type { Effect, EngineInput, EngineState, Prompt } from '../../core/engine/turn-state.ts'
import { assertNever } from '../../core/lib/assert-never.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { mintId, type Random } from '../../core/lib/random.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { type TurnId, turnIdSchema } from '../../core/protocol/ids.ts'
import type { PromptContext } from '../../core/protocol/item.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { ThreadEvent, ThreadState } from '../../core/protocol/thread.ts'
import type { Mode, Turn } from '../../core/protocol/turn.ts'
import type { Documents, TurnSnapshots } from '../documents/documents.ts'
import type { Hub, TopicSource } from '../relay/hub.ts'
import type { Delta } from '../relay/outbox.ts'
import type { Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { EditFeeder } from './edit-feeder.ts'
import type { Guidance } from './guidance.ts'
import { Meter } from './meter.ts'
import { ModelCaller } from './model-caller.ts'
import type { ModelCatalogue } from './model-catalogue.ts'
import { attachActiveFile } from './prompt-context.ts'
import { runTool } from './tool-runner.ts'

export interface RuntimeDeps {
  readonly store: Store
  readonly hub: Hub
  readonly clock: Clock
  readonly random: Random
  readonly timers: Timers
  readonly documents: Documents
  readonly snapshots: () => TurnSnapshots
  readonly models: ModelCatalogue
  readonly workspace: Workspace
  readonly guidance: Guidance
  /** The thread's line in lists changed: its title, whether it runs. */
  readonly onSummary: (thread: ThreadState, running: boolean) => void
  readonly onBug: (error: unknown, where: string) => void
}

/** One thread: feeds the engine, performs its effects, publishes its events. */
export class ThreadRuntime implements TopicSource {
  readonly topic: string
  readonly #deps: RuntimeDeps
  #engine: EngineState
  #starting = false
  readonly #inputs: EngineInput[] = []
  #handling = false
  readonly #caller: ModelCaller
  #abortTools = new AbortController()
  #cancelRetry: (() => void) | undefined
  readonly #edits = new Map<string, EditFeeder>()
  #snapshots: TurnSnapshots | undefined
  #meter: Meter | undefined
  /** When the prompt that is being started arrived. */
  #receivedAt = 0
  #cancelProgress: (() => void) | undefined
  #stored: Promise<void> = Promise.resolve()

  constructor(thread: ThreadState, deps: RuntimeDeps) {
    this.topic = `thread:${thread.id}`
    this.#deps = deps
    this.#engine = { thread, active: undefined }
    const { models, clock, timers, workspace, onBug } = deps
    const session = { threadId: thread.id, workspaceRoot: workspace.root, readFile: this.#readText }
    this.#caller = new ModelCaller({ models, clock, timers, session, onBug })
  }

  state(): ThreadState {
    return this.#engine.thread
  }

  running(): readonly Delta[] {
    const { thread, active } = this.#engine
    const turn = thread.turns.at(-1)
    if (!active || !turn) return []
    return turn.items.flatMap((item) =>
      (item.type === 'agentMessage' || item.type === 'reasoning') &&
      item.status === 'streaming' &&
      item.text !== ''
        ? [{ type: 'item/delta' as const, turnId: turn.id, itemId: item.id, offset: 0, text: item.text }]
        : [],
    )
  }

  /** Begins a turn; resolves when its prompt is durable. */
  async start(text: string, context: PromptContext, receivedAt: number): Promise<TurnId> {
    if (this.#engine.active || this.#starting) {
      throw new RequestError('conflict', 'A turn is running in this thread; redirect or stop it first.')
    }
    this.#starting = true
    try {
      const model = await this.#deps.models.resolve(this.state().modelId)
      const prompt = await this.#prompt(text, context)
      const guidance = await this.#deps.guidance.read(context.activePath)
      const turnId = turnIdSchema.parse(mintId('trn', this.#deps.random))
      this.#receivedAt = receivedAt
      this.#beginTurn()
      if (this.state().turns.length === 0) void this.rename(titleFrom(text))
      this.#dispatch({ type: 'start', turnId, prompt, model, guidance, at: this.#deps.clock.now() })
      await this.#stored
      return turnId
    } finally {
      this.#starting = false
    }
  }

  async redirect(turnId: TurnId, text: string, context: PromptContext): Promise<void> {
    this.#expect(turnId)
    const prompt = await this.#prompt(text, context)
    this.#expect(turnId)
    this.#dispatch({ type: 'redirect', prompt, at: this.#deps.clock.now() })
    await this.#stored
  }

  interrupt(turnId: TurnId): void {
    this.#expect(turnId)
    this.#dispatch({ type: 'interrupt', at: this.#deps.clock.now() })
  }

  async resume(turnId: TurnId, receivedAt: number): Promise<void> {
    const turn = this.state().turns.at(-1)
    if (turn?.id !== turnId || this.#engine.active || this.#starting || turn.status === 'completed') {
      throw new RequestError(
        'conflict',
        'Only the last turn can go on, and only when it was stopped or failed.',
      )
    }
    this.#starting = true
    try {
      const model = await this.#deps.models.resolve(this.state().modelId)
      const guidance = await this.#deps.guidance.read(undefined)
      this.#receivedAt = receivedAt
      this.#beginTurn()
      this.#dispatch({ type: 'resume', turnId, model, guidance, at: this.#deps.clock.now() })
      await this.#stored
    } finally {
      this.#starting = false
    }
  }

  async rename(title: string): Promise<void> {
    this.#publish({ type: 'thread/renamed', title })
    this.#deps.onSummary(this.state(), this.#engine.active !== undefined)
    await this.#stored
  }

  async configure(change: { modelId: string | undefined; mode: Mode | undefined }): Promise<void> {
    const { modelId, mode } = this.state()
    const next = { modelId: change.modelId ?? modelId, mode: change.mode ?? mode }
    if (change.modelId !== undefined) await this.#deps.models.resolve(change.modelId)
    this.#publish({ type: 'thread/configured', ...next })
    await this.#stored
  }

  /** Gets connections and the stable head of the prompt ready. Never fails: it is only a hint. */
  async warm(): Promise<void> {
    if (this.#engine.active || this.#starting) return
    const { models } = this.#deps
    const model = await models.resolve(this.state().modelId).catch(() => undefined)
    if (!model || this.#engine.active) return
    const guidance = await this.#deps.guidance.read(undefined)
    if (this.#engine.active) return
    this.#caller.warm(model, buildRequest({ thread: this.state(), model, guidance }))
  }

  /** Takes the turn's edits out, or brings them back. */
  async revert(turnId: TurnId, direction: 'undo' | 'redo'): Promise<{ hunks: number; files: string[] }> {
    const turn = this.state().turns.find(({ id }) => id === turnId)
    if (!turn) throw new RequestError('notFound', 'There is no such turn in this thread.')
    if (this.#engine.active?.turnId === turnId) {
      throw new RequestError('conflict', 'The turn is still running; stop it first.')
    }
    if ((turn.undone !== undefined) === (direction === 'undo')) {
      throw new RequestError(
        'conflict',
        direction === 'undo' ? 'Its edits are undone already.' : 'Its edits are in place.',
      )
    }
    const files = revertFiles(turn, direction)
    const changes = await this.#deps.documents.revert(this.#deps.workspace.id, files)
    this.#publish(
      direction === 'undo'
        ? { type: 'turn/undone', turnId, inverse: changes }
        : { type: 'turn/redone', turnId, changes },
    )
    await this.#stored
    return { hunks: Object.keys(changes).length, files: [...new Set(files.map(({ path }) => path))] }
  }

  /** After a restart: takes half-written hunks out of the documents, then settles the turn that was running. */
  async recover(): Promise<void> {
    const turn = this.state().turns.at(-1)
    if (!turn || (turn.status !== 'running' && turn.status !== 'retrying')) return
    const progress = await this.#deps.store.getValue(`progress:${this.state().id}`)
    if (progress) for (const delta of readProgress(progress)) this.#fold(delta)
    const paths = turn.items.flatMap((item) =>
      item.type === 'fileChange' && item.status !== 'completed' ? item.files.map(({ path }) => path) : [],
    )
    const { documents, workspace, onBug } = this.#deps
    await documents
      .recover(workspace.id, paths)
      .catch((error) => onBug(error, 'recovery of half-written hunks'))
    this.#dispatch({ type: 'recovered', at: this.#deps.clock.now() })
    await this.#stored
  }

  close(): void {
    this.#caller.close()
    this.#cancelRetry?.()
    this.#cancelProgress?.()
    this.#snapshots?.close()
  }

  readonly #readText = (path: string): Promise<string | undefined> =>
    this.#deps.documents.readText(this.#deps.workspace.id, path)

  async #prompt(text: string, context: PromptContext): Promise<Prompt> {
    const attachment = await attachActiveFile(this.#readText, context)
    if (attachment === undefined || alreadyShown(this.state(), attachment))
      return { text, context, attachments: [] }
    return { text, context, attachments: [attachment] }
  }

  #expect(turnId: TurnId): void {
    if (this.#engine.active?.turnId !== turnId) {
      throw new RequestError('conflict', 'That turn is not running any more.')
    }
  }

  #beginTurn(): void {
    this.#snapshots?.close()
    this.#snapshots = this.#deps.snapshots()
    this.#meter = new Meter(this.#deps.clock, this.#receivedAt)
    this.#abortTools = new AbortController()
  }

  /** Inputs that arise while one is handled wait their turn, so that events keep the order of what caused them. */
  #dispatch(input: EngineInput): void {
    this.#inputs.push(input)
    if (this.#handling) return
    this.#handling = true
    try {
      for (let next = this.#inputs.shift(); next; next = this.#inputs.shift()) this.#handle(next)
    } finally {
      this.#handling = false
    }
  }

  #handle(input: EngineInput): void {
    const wasActive = this.#engine.active !== undefined
    const { state, events, effects } = step(this.#engine, input, this.#deps.random)
    this.#engine = state
    // The request leaves before anything else is done: what people are told of it can wait that long.
    for (const effect of effects) {
      if (effect.type === 'abortModel') this.#caller.abort()
      else if (effect.type === 'callModel') this.#callModel(effect.call, effect.request)
    }
    for (const event of events) this.#send(event)
    const isActive = state.active !== undefined
    if (wasActive !== isActive) this.#onActiveChanged(isActive)
    for (const effect of effects) {
      if (effect.type !== 'abortModel' && effect.type !== 'callModel') this.#perform(effect)
    }
  }

  /** For facts the engine does not decide: folds, then sends. */
  #publish(event: ThreadEvent): void {
    this.#dispatch({ type: 'fact', event })
  }

  #fold(event: ThreadEvent): void {
    this.#engine = step(this.#engine, { type: 'fact', event }, this.#deps.random).state
  }

  #send(event: ThreadEvent): void {
    if (event.type === 'item/delta') {
      this.#deps.hub.publishPassing(this.topic, event)
      this.#cancelProgress ??= this.#deps.timers.after(limits.progressMs, () => this.#storeProgress())
    } else {
      this.#stored = this.#deps.hub.publish(this.topic, event)
      this.#stored.catch((error) => this.#deps.onBug(error, 'event log'))
    }
  }

  /** Keeps the running items' text, so that a crash loses at most the last moment of it. */
  #storeProgress(): void {
    this.#cancelProgress = undefined
    const running = this.running()
    if (running.length === 0) return
    const { store, onBug } = this.#deps
    store
      .setValue(`progress:${this.state().id}`, JSON.stringify(running))
      .catch((error) => onBug(error, 'progress'))
  }

  #onActiveChanged(isActive: boolean): void {
    this.#deps.onSummary(this.state(), isActive)
    if (isActive) return
    this.#measure()
    this.#cancelRetry?.()
    this.#edits.clear()
  }

  #measure(): void {
    const turnId = this.#engine.thread.turns.at(-1)?.id
    const measurement = this.#meter?.measurement()
    if (turnId && measurement) this.#publish({ type: 'turn/measured', turnId, measurement })
  }

  #perform(effect: Exclude<Effect, { type: 'abortModel' | 'callModel' }>): void {
    switch (effect.type) {
      case 'beginEdit':
        this.#beginEdit(effect)
        return
      case 'feedEdit':
        this.#edits.get(effect.callId)?.push(effect.delta)
        return
      case 'finishEdit':
      case 'cutEdit': {
        const edit = this.#edits.get(effect.callId)
        if (edit)
          void this.#settleEdit(effect.callId, effect.type === 'finishEdit' ? edit.finish() : edit.cut())
        return
      }
      case 'runTool':
        void this.#runTool(effect.callId, effect.name, effect.input)
        return
      case 'abortTools':
        this.#abortTools.abort()
        this.#abortTools = new AbortController()
        return
      case 'scheduleRetry': {
        const { call, delayMs } = effect
        this.#cancelRetry = this.#deps.timers.after(delayMs, () =>
          this.#dispatch({ type: 'retryDue', call, at: this.#deps.clock.now() }),
        )
        return
      }
      case 'cancelRetry':
        this.#cancelRetry?.()
        return
      default:
        assertNever(effect, 'effect')
    }
  }

  #callModel(call: number, request: ModelRequest): void {
    const model = this.#engine.active?.model
    if (model) this.#caller.call(model, request, (event, inAt) => this.#onModelEvent(call, event, inAt))
  }

  #onModelEvent(call: number, event: ModelEvent, inAt: number): void {
    this.#dispatch({ type: 'model', call, event, at: this.#deps.clock.now() })
    const meter = this.#meter
    if (!meter) return
    if (event.type === 'sent') meter.sent(event.reused)
    else if (event.type === 'usage') meter.counted(event.usage.outputTokens)
    else {
      const chars = tokenChars(event)
      if (chars > 0 && meter.token(chars, inAt)) this.#measure()
    }
  }

  #beginEdit(effect: Extract<Effect, { type: 'beginEdit' }>): void {
    const { active } = this.#engine
    const turn = this.#snapshots
    if (!active || !turn) return
    const { documents, workspace } = this.#deps
    const { turnId, model } = active
    const { itemId, format, json } = effect
    const session = documents.beginEdit({
      workspaceId: workspace.id,
      turnId,
      itemId,
      format,
      authorName: model.name,
      turn,
      onFile: (file) =>
        this.#dispatch({ type: 'fact', event: { type: 'edit/fileChanged', turnId, itemId, file } }),
      onHunk: (path, hunk) =>
        this.#dispatch({ type: 'fact', event: { type: 'edit/hunkChanged', turnId, itemId, path, hunk } }),
    })
    this.#edits.set(effect.callId, new EditFeeder(session, json))
  }

  async #settleEdit(callId: string, settling: ReturnType<EditFeeder['finish']>): Promise<void> {
    const outcome = await settling.catch((error) => {
      this.#deps.onBug(error, 'edit')
      return { ok: false, message: 'The edit met a bug and was taken back.', files: [] }
    })
    this.#edits.delete(callId)
    this.#dispatch({ type: 'editSettled', callId, outcome, at: this.#deps.clock.now() })
  }

  async #runTool(callId: string, name: string, input: string): Promise<void> {
    const { signal } = this.#abortTools
    const { documents, workspace } = this.#deps
    const result = await runTool(name, input, {
      workspace,
      readText: this.#readText,
      flush: () => documents.flush(workspace.id),
      noteRead: async (path) => this.#snapshots?.note(workspace.id, path),
    }).catch((error): Awaited<ReturnType<typeof runTool>> => {
      this.#deps.onBug(error, `tool ${name}`)
      return { status: 'failed', output: `${name} met a bug.` }
    })
    if (!signal.aborted)
      this.#dispatch({ type: 'toolSettled', callId, ...result, at: this.#deps.clock.now() })
  }
}

function tokenChars(event: ModelEvent): number {
  if (event.type === 'textDelta' || event.type === 'reasoningDelta') return event.text.length
  return event.type === 'toolCallDelta' ? event.delta.length : 0
}

/** The first line of the first prompt, until something better is known. */
function titleFrom(text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? ''
  return line.length <= 60 ? line : `${line.slice(0, 59).trimEnd()}…`
}

/** The model has this very text already, and nothing it was shown since is newer. */
function alreadyShown(thread: ThreadState, attachment: string): boolean {
  const items = thread.turns.flatMap((turn) => turn.items)
  const at = items.findLastIndex((item) => item.type === 'context' && item.text === attachment)
  return at >= 0 && !items.slice(at).some((item) => item.type === 'fileChange')
}

/** What `Documents.revert` is to take out: the turn's hunks, or on redo what undoing them did. */
function revertFiles(turn: Turn, direction: 'undo' | 'redo') {
  return turn.items.flatMap((item) =>
    item.type !== 'fileChange'
      ? []
      : item.files.flatMap(({ path, kind, movedTo, hunks, status }) => {
          if (status === 'failed') return []
          const changes = hunks.flatMap((hunk) => {
            const change = direction === 'undo' ? hunk.changes : turn.undone?.[hunk.id]
            const there = hunk.status === (direction === 'undo' ? 'written' : 'undone')
            return there && change !== undefined ? [{ id: hunk.id, changes: change }] : []
          })
          return [{ path, kind, hunks: changes, ...(movedTo !== undefined && { movedTo }) }]
        }),
  )
}

function readProgress(text: string): readonly Delta[] {
  const json: unknown = JSON.parse(text)
  return Array.isArray(json) ? (json as Delta[]) : []
}
