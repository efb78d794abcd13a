import { editToolName } from '../../core/engine/tool-specs.ts'
import type { Effect, EngineInput } from '../../core/engine/turn-state.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { TurnId } from '../../core/protocol/ids.ts'
import type { HunkDecision } from '../../core/protocol/item.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { AsideText } from '../documents/aside-text.ts'
import type { Documents, TurnSnapshots } from '../documents/documents.ts'
import type { Timers } from '../timers.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { EditFeeder } from './edit-feeder.ts'
import { type JoinedOutput, joinOutput } from './joined-output.ts'
import type { ObservedTool } from './observer.ts'
import type { ReadText } from './prompt-context.ts'
import { type OwnTools, runTool } from './tool-runner.ts'

interface Options {
  readonly workspace: Workspace
  readonly documents: Documents
  readonly snapshots: () => TurnSnapshots
  readonly readText: ReadText
  /** The files a turn that a guest asked for may reach; `undefined`: all. */
  readonly only: () => ReadonlySet<string> | undefined
  readonly tools: OwnTools | undefined
  readonly thread: () => ThreadState
  /** The present turn writes in no file. */
  readonly isAside: () => boolean
  readonly clock: Clock
  readonly timers: Timers
  readonly onInput: (input: EngineInput) => void
  /** Before its outcome is told. */
  readonly onRan: (tool: Omit<ObservedTool, 'endedAt'>) => void
  readonly onBug: (error: unknown, where: string) => void
}

type BeginEdit = Extract<Effect, { type: 'beginEdit' }>

interface RunningEdit {
  readonly feeder: EditFeeder
  readonly at: number
  /** What came of one that is set aside: it is written into the files when it is picked, be it whole or not. */
  readonly input: string[] | undefined
}

/** Runs the calls a model makes in a thread's turns: edits stream into documents, tools answer in words. */
export class CallRunner {
  readonly #options: Options
  readonly #edits = new Map<string, RunningEdit>()
  #snapshots: TurnSnapshots | undefined
  /** What a turn that is set aside makes of files. */
  readonly #aside = new Map<string, AsideText>()
  #abortTools = new AbortController()

  constructor(options: Options) {
    this.#options = options
  }

  beginTurn(): void {
    this.endTurn()
    this.#snapshots = this.#options.snapshots()
  }

  /** Lets go of what was kept for the turn; all its calls have settled. */
  endTurn(): void {
    this.#edits.clear()
    this.#aside.clear()
    this.#snapshots?.close()
    this.#snapshots = undefined
  }

  /** The model has been shown the file's present text. */
  async noteShown(path: string): Promise<void> {
    // What is set aside goes by the text as it was, whatever others write meanwhile.
    if (this.#options.isAside() && this.textSeen(path) !== undefined) return
    await this.#snapshots?.note(this.#options.workspace.id, path)
  }

  /** The file as the model has been shown it. */
  textSeen(path: string): string | undefined {
    return this.#snapshots?.text(this.#options.workspace.id, path)
  }

  beginEdit({ callId, itemId, format, json }: BeginEdit, turnId: TurnId, authorName: string): void {
    const { documents, workspace, only, isAside, clock, onInput } = this.#options
    const turn = this.#snapshots
    if (!turn) return
    const session = documents.beginEdit({
      workspaceId: workspace.id,
      turnId,
      itemId,
      format,
      authorName,
      turn,
      only,
      aside: isAside() ? this.#aside : undefined,
      onFile: (file) => onInput({ type: 'fact', event: { type: 'edit/fileChanged', turnId, itemId, file } }),
      onHunk: (path, hunk) =>
        onInput({ type: 'fact', event: { type: 'edit/hunkChanged', turnId, itemId, path, hunk } }),
    })
    this.#edits.set(callId, {
      feeder: new EditFeeder(session, json),
      at: clock.monotonic(),
      input: isAside() ? [] : undefined,
    })
  }

  feedEdit(callId: string, delta: string): void {
    const edit = this.#edits.get(callId)
    edit?.input?.push(delta)
    edit?.feeder.push(delta)
  }

  /** Its outcome comes back as `editSettled`, whatever happens. */
  async endEdit(callId: string, how: 'finish' | 'endShort' | 'cut'): Promise<void> {
    const edit = this.#edits.get(callId)
    if (!edit) return
    const { clock, onInput, onRan, onBug } = this.#options
    const { feeder, at, input } = edit
    const settling = feeder[how]()
    const outcome = await settling.catch((error) => {
      onBug(error, 'edit')
      return { ok: false, message: 'The edit met a bug and was taken back.', files: [] }
    })
    this.#edits.delete(callId)
    onRan({ name: editToolName, callId, at, status: outcome.ok ? 'completed' : 'failed' })
    const came = how !== 'finish' && input ? { input: input.join('') } : {}
    onInput({ type: 'editSettled', callId, outcome, at: clock.now(), ...came })
  }

  /** Decides about a hunk that stands still; false when none of this id does. */
  decide(hunkId: string, decision: HunkDecision): boolean {
    return [...this.#edits.values()].some(({ feeder }) => feeder.decide(hunkId, decision))
  }

  /** Edits that stand still go on. */
  goOn(): void {
    for (const { feeder } of this.#edits.values()) feeder.goOn()
  }

  /** Its result comes back as `toolSettled`, unless tools are aborted before. */
  async runTool(callId: string, name: string, input: string): Promise<void> {
    const { workspace, documents, readText, only, tools, thread, clock, onInput, onRan, onBug } =
      this.#options
    const { signal } = this.#abortTools
    const at = clock.monotonic()
    const output = this.#outputOf(callId)
    const result = await runTool(name, input, {
      workspace,
      readText,
      flush: () => documents.flush(workspace.id),
      noteRead: (path) => this.noteShown(path),
      only: only(),
      own: (tool, args) => tools?.(tool, args, { thread: thread(), callId, signal, output }),
    }).catch((error): Awaited<ReturnType<typeof runTool>> => {
      if (error instanceof RequestError && error.code === 'storageFailed')
        return { status: 'failed', output: error.message }
      onBug(error, `tool ${name}`)
      return { status: 'failed', output: `${name} met a bug.` }
    })
    output.flush()
    onRan({ name, callId, at, status: result.status })
    if (!signal.aborted) onInput({ type: 'toolSettled', callId, ...result, at: clock.now() })
  }

  /** What a call writes while it runs grows its item. */
  #outputOf(callId: string): JoinedOutput {
    const { thread, timers, onInput } = this.#options
    return joinOutput(timers, ({ offset, text }) => {
      const turn = thread().turns.at(-1)
      const item = turn?.items.findLast((one) => one.type === 'toolCall' && one.callId === callId)
      if (!turn || item?.type !== 'toolCall' || item.status !== 'running') return
      if (offset + text.length > limits.commandOutputBytes) return
      onInput({
        type: 'fact',
        event: { type: 'item/delta', turnId: turn.id, itemId: item.id, offset, text },
      })
    })
  }

  abortTools(): void {
    this.#abortTools.abort()
    this.#abortTools = new AbortController()
  }

  close(): void {
    this.abortTools()
    this.endTurn()
  }
}
