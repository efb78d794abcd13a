import { mergeThree, patchOf } from '../../core/document/merge-three.ts'
import { checkRequest, readVerdict, type Verdict } from '../../core/engine/check.ts'
import { cutItem } from '../../core/engine/recovery.ts'
import type { Check } from '../../core/protocol/check.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { itemIdSchema, type TurnId } from '../../core/protocol/ids.ts'
import { type ModelDescription, type ModelFailure, tierId } from '../../core/protocol/model.ts'
import type { ThreadEvent, ThreadState } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { canBeChecked, changedPaths } from '../../core/state/checks.ts'
import { currentPathOf } from '../../core/state/current-path.ts'
import { afterItems } from '../../core/state/items.ts'
import type { AsideText } from '../documents/aside-text.ts'
import type { Documents, TurnSnapshots } from '../documents/documents.ts'
import type { SessionOptions } from '../providers/provider.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { Admissions } from './admissions.ts'
import type { CallLedger } from './call-ledger.ts'
import type { ModelCatalogue } from './model-catalogue.ts'
import { fileText } from './prompt-context.ts'
import { type SideAnswer, sideCall } from './side-call.ts'
import type { TokenCounts } from './token-counts.ts'
import { corrections, interruptedTurn } from './turn-recovery.ts'
import { shownPatch, writePatches } from './write-patches.ts'

interface Options {
  readonly models: ModelCatalogue
  readonly admissions: Admissions
  readonly usage: CallLedger
  readonly counts: TokenCounts
  readonly documents: Documents
  readonly snapshots: () => TurnSnapshots
  readonly workspace: Workspace
  readonly session: SessionOptions
  readonly state: () => ThreadState
  readonly publish: (event: ThreadEvent) => void
  readonly stored: () => Promise<void>
  readonly hold: <T>(work: () => Promise<T>) => Promise<T>
  /** Nothing else changes hunks meanwhile. */
  readonly inOrder: <T>(work: () => Promise<T>) => Promise<T>
  readonly onBug: (error: unknown, where: string) => void
}

type Correction = Extract<Verdict, { kind: 'correction' }>
type Outcome = Omit<Check, 'modelId'>

/** Of the window of its model a check takes no more than this, as that may count otherwise. */
const windowShare = 0.85

/** Has a deep model look for mistakes in what finished turns changed, beside everything else, and correct them. */
export class TurnChecks {
  readonly #options: Options
  readonly #running = new Map<TurnId, AbortController>()

  constructor(options: Options) {
    this.#options = options
  }

  /** A turn is over: whether it is to be checked. */
  consider(): void {
    const { deep, turns, job } = this.#options.state()
    const turn = turns.at(-1)
    if (deep?.checks && job === undefined && turn && turn.check === undefined && canBeChecked(turn))
      void this.#start(turn)
  }

  /** A person wants it, or wants it again. */
  async request(turnId: TurnId): Promise<void> {
    const turn = this.#turn(turnId)
    if (!turn || !canBeChecked(turn)) {
      throw new RequestError(
        'conflict',
        'Only a finished turn whose changes are in the files can be checked.',
      )
    }
    if (turn.check?.status === 'corrected')
      throw new RequestError('conflict', 'That turn was checked and corrected already.')
    if (!this.#running.has(turnId)) await this.#start(turn)
    await this.#options.stored()
  }

  async stop(turnId: TurnId): Promise<void> {
    const running = this.#running.get(turnId)
    if (running) {
      this.#running.delete(turnId)
      running.abort()
      this.#options.publish({ type: 'turn/checked', turnId })
    }
    await this.#options.stored()
  }

  /** Turns are about to leave the conversation. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((turnId) => this.stop(turnId)))
  }

  /** After a restart: what was under way then is not any more; of a correction that was being written nothing stays half. */
  async recover(): Promise<void> {
    const { documents, workspace, state, publish, onBug } = this.#options
    for (const turn of state().turns) {
      if (turn.check?.status !== 'running') continue
      const turnId = turn.id
      const isHalf = (item: Turn['items'][number]) =>
        item.type === 'fileChange' && item.checkedBy !== undefined && item.status === 'streaming'
      if (turn.items.some(isHalf)) {
        try {
          const recovered = await documents.recover(workspace.id, interruptedTurn(turn))
          for (const event of corrections(turn, recovered)) publish(event)
        } catch (error) {
          onBug(error, 'recovery of a half-written correction')
        }
        const half = this.#turn(turnId)?.items.find(isHalf)
        if (half?.type === 'fileChange') publish({ type: 'item/completed', turnId, item: cutItem(half) })
      }
      // All of it is there; only the word that it is was lost.
      if (this.#turn(turnId)?.items.some((item) => item.type === 'fileChange' && isWhole(item))) {
        publish({ type: 'turn/checked', turnId, check: { ...turn.check, status: 'corrected' } })
        continue
      }
      const detail = 'The server was restarted while the model was checking.'
      const failure = { code: 'serverRestarted', detail, retriable: true } as const
      publish({ type: 'turn/checked', turnId, check: { ...turn.check, status: 'failed', failure } })
    }
  }

  close(): void {
    for (const running of this.#running.values()) running.abort()
    this.#running.clear()
  }

  /** Resolves when people have been told. */
  #start(turn: Turn): Promise<void> {
    const told = Promise.withResolvers<void>()
    const abort = new AbortController()
    const { id: turnId } = turn
    this.#running.set(turnId, abort)
    let isActing = false
    const isWanted = () => isActing || this.#running.get(turnId) === abort
    let modelId = ''
    const say = (check: Outcome) => {
      if (isWanted()) this.#options.publish({ type: 'turn/checked', turnId, check: { ...check, modelId } })
    }
    const act = () => {
      isActing = this.#running.delete(turnId)
      return isActing
    }
    const onModel = (model: ModelDescription) => {
      modelId = model.id
      say({ status: 'running' })
      told.resolve()
    }
    void this.#options.hold(async () => {
      try {
        say(await this.#check(turn, { signal: abort.signal, onModel, act }))
      } catch (error) {
        if (!isWanted()) return
        if (!(error instanceof RequestError)) this.#options.onBug(error, 'check of a turn')
        const detail = error instanceof Error ? error.message : String(error)
        const code = error instanceof RequestError ? 'modelNotFound' : 'internal'
        say({ status: 'failed', failure: { code, detail, retriable: false } })
      } finally {
        if (this.#running.get(turnId) === abort) this.#running.delete(turnId)
        told.resolve()
      }
    })
    return told.promise
  }

  async #check(
    turn: Turn,
    how: {
      readonly signal: AbortSignal
      readonly onModel: (model: ModelDescription) => void
      /** From now on it can't be stopped; false when nobody wants it any more. */
      readonly act: () => boolean
    },
  ): Promise<Outcome> {
    const { models, workspace, snapshots } = this.#options
    const { model: first, fallbacks } = await models.choose(tierId('deep'))
    const seen = snapshots()
    try {
      for (const path of changedPaths(turn)) await seen.note(workspace.id, path)
      let failure: ModelFailure | undefined
      for (const model of [first, ...fallbacks]) {
        how.onModel(model)
        const answer = await this.#ask(turn, { model, seen, signal: how.signal })
        if (!answer.failure) return await this.#act(turn, { model, answer, seen, act: how.act })
        failure = answer.failure
      }
      return { status: 'failed', ...(failure && { failure }) }
    } finally {
      seen.close()
    }
  }

  async #ask(
    turn: Turn,
    { model, seen, signal }: { model: ModelDescription; seen: TurnSnapshots; signal: AbortSignal },
  ): Promise<SideAnswer> {
    const { workspace, counts, state, models, session: reading } = this.#options
    const files = changedPaths(turn).flatMap((path) => {
      const text = seen.text(workspace.id, path)
      return text === undefined ? [] : [fileText(path, text, firstLine(turn, path))]
    })
    const thread = state()
    const request = checkRequest({ thread, turn, model, files })
    await counts.settle(request.input)
    const tokens = request.input.reduce((sum, item) => sum + counts.exact.item(item), 0)
    if (tokens > (model.contextWindow - request.maxOutputTokens) * windowShare) {
      const detail = `The changes with their files take about ${tokens} tokens, which is more than the model has room for.`
      const failure = { code: 'contextOverflow', detail, retriable: false } as const
      return { text: '', events: [], usage: undefined, failure }
    }
    const session = models.openSession(model, reading)
    try {
      return await sideCall(this.#options, {
        threadId: thread.id,
        purpose: 'check',
        session,
        model,
        request,
        signal,
      })
    } finally {
      session.close()
    }
  }

  async #act(
    turn: Turn,
    {
      model,
      answer,
      seen,
      act,
    }: { model: ModelDescription; answer: SideAnswer; seen: TurnSnapshots; act: () => boolean },
  ): Promise<Outcome> {
    const usage = answer.usage && { usage: answer.usage }
    const verdict = readVerdict(answer.text)
    if (verdict.kind === 'clean') return { status: 'clean', ...usage }
    const corrected =
      verdict.kind === 'correction' ? await this.#corrected(turn, { model, verdict, seen }) : undefined
    if (!corrected) {
      const detail =
        verdict.kind === 'correction'
          ? 'Its correction does not fit the files it was shown.'
          : 'It answered neither OK nor with a correction.'
      return { status: 'failed', failure: { code: 'malformed', detail, retriable: true }, ...usage }
    }
    const { reason } = verdict as Correction
    return this.#options.inOrder(async () => {
      const now = this.#turn(turn.id)
      // It was undone or left the conversation meanwhile: there is nothing to correct any more.
      if (!now || now.undone !== undefined || !act()) return { status: 'clean', ...usage }
      const left = await this.#write(now, { model, seen, corrected })
      return { status: 'corrected', reason, ...(left.length > 0 && { left }), ...usage }
    })
  }

  /** The files as the model wants them, by path; `undefined` when its correction does not fit what it was shown. */
  async #corrected(
    turn: Turn,
    { model, verdict, seen }: { model: ModelDescription; verdict: Correction; seen: TurnSnapshots },
  ): Promise<ReadonlyMap<string, string> | undefined> {
    const { documents, workspace } = this.#options
    const aside = new Map<string, AsideText>()
    const paths = new Set(changedPaths(turn))
    const edit = documents.beginEdit({
      workspaceId: workspace.id,
      turnId: turn.id,
      itemId: this.#nextItem(turn),
      format: 'searchReplace',
      authorName: model.name,
      turn: seen,
      only: () => paths,
      aside,
      onFile() {},
      onHunk() {},
    })
    edit.push(verdict.edits)
    const { ok } = await edit.finish()
    const isWithin = [...aside.keys()].every((path) => paths.has(path))
    return ok && isWithin ? new Map([...aside].map(([path, text]) => [path, text.text()])) : undefined
  }

  /** Brings the corrections into the files as they are now. Answers the places that were changed meanwhile. */
  async #write(
    turn: Turn,
    {
      model,
      seen,
      corrected,
    }: { model: ModelDescription; seen: TurnSnapshots; corrected: ReadonlyMap<string, string> },
  ): Promise<NonNullable<Check['left']>> {
    const { documents, snapshots, workspace, publish, stored } = this.#options
    const present = snapshots()
    const patches: string[] = []
    const left: NonNullable<Check['left']> = []
    try {
      for (const [path, theirs] of corrected) {
        const base = seen.text(workspace.id, path) ?? ''
        await present.note(workspace.id, path)
        const ours = present.text(workspace.id, path)
        if (ours === undefined) {
          left.push({ path, startLine: 1 })
          continue
        }
        const { edits, conflicts } = mergeThree(base, ours, theirs)
        if (edits.length > 0) patches.push(patchOf(path, ours, edits))
        for (const { from } of conflicts) left.push({ path, startLine: from + 1 })
      }
      if (patches.length === 0) return left
      await writePatches({
        patches,
        item: {
          id: this.#nextItem(turn),
          request: turn.items.reduce((most, item) => Math.max(most, 'request' in item ? item.request : 0), 0),
          callId: `check_${turn.id}`,
          checkedBy: model.id,
        },
        shown: shownPatch(patches),
        turnId: turn.id,
        authorName: model.name,
        workspace,
        documents,
        turn: present,
        publish,
      })
      await stored()
      return left
    } finally {
      present.close()
    }
  }

  #nextItem(turn: Turn) {
    return itemIdSchema.parse(`${turn.id}.${afterItems(turn.items)}`)
  }

  #turn(turnId: TurnId): Turn | undefined {
    return this.#options.state().turns.find(({ id }) => id === turnId)
  }
}

function isWhole({ checkedBy, status }: Extract<Turn['items'][number], { type: 'fileChange' }>): boolean {
  return checkedBy !== undefined && status === 'completed'
}

function firstLine(turn: Turn, path: string): number {
  const hunks = turn.items.flatMap((item) =>
    item.type === 'fileChange'
      ? item.files.flatMap((file) => (currentPathOf(file) === path ? file.hunks : []))
      : [],
  )
  return hunks.find(({ status }) => status === 'written')?.startLine ?? 1
}
