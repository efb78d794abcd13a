import { checkNote } from '../../core/engine/check.ts'
import { commandNote } from '../../core/engine/command-note.ts'
import { buildRequest, type ThreadRequest } from '../../core/engine/prompt.ts'
import { messageEntry } from '../../core/engine/render-turn.ts'
import { reviewNote } from '../../core/engine/review-note.ts'
import type { EngineInput, ModelChoice } from '../../core/engine/turn-state.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { mintId, type Random } from '../../core/lib/random.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { type RewindId, type ThreadId, type TurnId, turnIdSchema } from '../../core/protocol/ids.ts'
import type { PromptContext } from '../../core/protocol/item.ts'
import { type ModelDescription, tierId } from '../../core/protocol/model.ts'
import type { QueuedPrompt, QueueId } from '../../core/protocol/queue.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { isPlanning } from '../../core/state/plans.ts'
import { isSaid, type WaitingSteer } from '../../core/state/steers.ts'
import type { Documents } from '../documents/documents.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { Guidance } from './guidance.ts'
import type { ModelCatalogue } from './model-catalogue.ts'
import type { Portions } from './portions.ts'
import { type PreparedSteers, preparePrompt, prepareSteers } from './prepare-prompt.ts'
import type { StepName } from './step-gate.ts'

interface Options {
  readonly models: ModelCatalogue
  readonly guidance: Guidance
  readonly documents: Documents
  readonly workspace: Workspace
  readonly clock: Clock
  readonly random: Random
  readonly portions: Portions
  readonly readThread: (id: ThreadId) => Promise<ThreadState>
  readonly state: () => ThreadState
  /** The words of a prompt that waits in the queue, as they are now. */
  readonly queued: (id: QueueId) => string
  /** Before a turn's first input. */
  readonly onBegin: (receivedAt: number) => void
  readonly dispatch: (input: EngineInput) => void
  /** Edits of the file are placed in it as it is now. */
  readonly noteShown: (path: string) => void
}

export interface Asked extends Pick<QueuedPrompt, 'text' | 'context' | 'guest'> {
  /** Of the prompt, when it waited in the queue. */
  readonly id?: QueueId
  /** Of the rewind whose first turn it runs again. */
  readonly rewindId?: RewindId
}

/** Who answers a turn, and who writes a plan for them first. */
export interface Answering {
  readonly choice: ModelChoice
  readonly planner?: ModelChoice
}

/** How turns of one thread begin and go on: who answers, what goes along, and what the model is told besides. */
export class TurnStarts {
  readonly #options: Options

  constructor(options: Options) {
    this.#options = options
  }

  /** Answers the turn's id and the words it began with. */
  async begin(
    { text, context, guest, id: queueId, rewindId }: Asked,
    receivedAt: number,
  ): Promise<{ readonly turnId: TurnId; readonly words: string }> {
    const { random, clock, queued, onBegin, dispatch, noteShown } = this.#options
    const answering = await this.answering(context)
    const { prompt: bare, shown } = await this.prompt(text, context)
    const guidance = await this.#options.guidance.read(context.activePath)
    return this.#portion(() => {
      const words = queueId === undefined ? text : queued(queueId)
      const turnId = turnIdSchema.parse(mintId('trn', random))
      const attachments = [...this.#notes(guest !== undefined), ...bare.attachments]
      const prompt = { ...bare, text: words, attachments, guest }
      onBegin(receivedAt)
      const from = { ...(queueId !== undefined && { queueId }), ...(rewindId !== undefined && { rewindId }) }
      dispatch({ type: 'start', turnId, ...from, prompt, ...answering, guidance, at: clock.now() })
      // After the request has left: it need not wait for this.
      for (const path of shown) noteShown(path)
      return { turnId, words }
    })
  }

  /** Goes on with a turn that was stopped or failed. */
  async resume(turn: Turn, receivedAt: number): Promise<void> {
    const { clock, onBegin, dispatch } = this.#options
    const asked = turn.items.findLast(isSaid)
    const answering = await this.answering(asked?.context ?? { openPaths: [] })
    const { planner, choice } = answering
    const guidance = await this.#options.guidance.read(asked?.context?.activePath)
    const who = isPlanning(turn) && planner ? { planner, choice } : { choice }
    await this.#portion(() => {
      onBegin(receivedAt)
      dispatch({ type: 'resume', turnId: turn.id, ...who, guidance, at: clock.now() })
    })
  }

  /** Runs a request of a job's turn again: the server it was made by is no more. */
  async restart({ turnId, request, attempt }: StepName & { readonly attempt: number }): Promise<void> {
    const { models, clock, onBegin, dispatch, state } = this.#options
    const choice = await models.choose(state().modelId)
    const guidance = await this.#options.guidance.read(undefined)
    await this.#portion(() => {
      onBegin(clock.monotonic())
      dispatch({ type: 'restart', turnId, request, attempt, choice, guidance, at: clock.now() })
    })
  }

  /** Of many turns that begin at once a few do so at a time. */
  #portion<T>(begin: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#options.portions.run(() => {
        try {
          resolve(begin())
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  /** The next request as far as it is known before its words: whom it goes to, and what goes along. */
  async ahead(
    context: PromptContext,
  ): Promise<{ readonly model: ModelDescription; readonly request: ThreadRequest }> {
    const { choice, planner } = await this.answering(context)
    const { model } = planner ?? choice
    const guidance = await this.#options.guidance.read(context.activePath)
    const { prompt } = await this.prompt('', context)
    const thread = this.#options.state()
    const request = buildRequest({ thread, model, guidance, plans: planner !== undefined })
    const entries = [...this.#notes(false), ...prompt.attachments].map((text) =>
      messageEntry('shown', 'user', text),
    )
    return {
      model,
      request: {
        ...request,
        input: [...request.input, ...entries.map(({ item }) => item)],
        turns: [...request.turns, { entries, asked: [], files: [] }],
      },
    }
  }

  /** Throws RequestError('notFound') when nobody answers. */
  async answering(context: PromptContext): Promise<Answering> {
    const { models, state } = this.#options
    const { modelId, mode, deep, job } = state()
    const choice = await models.choose(modelId)
    // An edit in place is too small for a plan, and a rule-based assistant has none.
    const isPlain = !deep?.plans || mode !== 'live' || job !== undefined || context.inline !== undefined
    if (isPlain || choice.model.kind !== 'language') return { choice }
    const planner = await models.choose(tierId('deep')).catch((error: unknown) => {
      if (error instanceof RequestError) return undefined
      throw error
    })
    return planner && planner.model.id !== choice.model.id ? { choice, planner } : { choice }
  }

  prompt(text: string, context: PromptContext): ReturnType<typeof preparePrompt> {
    const { documents, workspace, readThread, state } = this.#options
    return preparePrompt({ text, context, thread: state(), documents, workspace, readThread })
  }

  steers(steers: readonly WaitingSteer[]): Promise<PreparedSteers> {
    return prepareSteers(steers, ({ text, context }) => this.prompt(text, context))
  }

  /** What became of the model's work since it was asked last. */
  #notes(isGuest: boolean): readonly string[] {
    const thread = this.#options.state()
    const notes = [reviewNote(thread), checkNote(thread), isGuest ? undefined : commandNote(thread)]
    return notes.filter((note) => note !== undefined)
  }
}
