import { z } from 'zod'
import type { ModelEvent, ModelRequest } from '../../core/engine/model-stream.ts'
import { renderTurn } from '../../core/engine/render-turn.ts'
import {
  plainSummary,
  planSummary,
  type SummaryPlan,
  sealedRequest,
  stillHolds,
  summaryRequest,
  summaryTokens,
  transcriptOf,
} from '../../core/engine/summarise.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { mintId, type Random } from '../../core/lib/random.ts'
import type { Compacting, Compaction } from '../../core/protocol/compaction.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { type CompactionId, compactionIdSchema, type ItemId } from '../../core/protocol/ids.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { ModelDescription } from '../../core/protocol/model.ts'
import type { ThreadEvent, ThreadState } from '../../core/protocol/thread.ts'
import { splitTurns } from '../../core/state/compaction.ts'
import type { ModelSession } from '../providers/provider.ts'
import type { Admissions } from './admissions.ts'
import type { CallLedger } from './call-ledger.ts'
import { sideCall } from './side-call.ts'
import type { TokenCounts } from './token-counts.ts'

interface Options {
  readonly clock: Clock
  readonly random: Random
  readonly counts: TokenCounts
  /** Who writes the summaries of a thread. */
  readonly model: (thread: ThreadState) => Promise<ModelDescription>
  /** Who answers in it. */
  readonly answering: (thread: ThreadState) => Promise<ModelDescription>
  /** A line to the model that is not the thread's own. */
  readonly openSession: (model: ModelDescription) => ModelSession
  readonly admissions: Admissions
  readonly usage: CallLedger
  readonly state: () => ThreadState
  /** No turn runs or begins. */
  readonly isFree: () => boolean
  readonly publish: (event: ThreadEvent) => void
  readonly stored: () => Promise<void>
  readonly hold: (work: () => Promise<void>) => Promise<void>
}

/** A summary begins when what is sent takes this share of what may be sent. */
const startShare = 2 / 3
/** Of its own window a chunk takes no more than this, as its model may count otherwise. */
const chunkShare = 0.7
/** Nothing is left out of what is to be sealed, so that instructions and tools must find room beside it. */
const sealedShare = 0.85
const attempts = 2

/** What all of a request would have taken of what may be sent. `late`: the API condenses it before. */
export interface Weight {
  readonly tokens: number
  readonly room: number
  readonly late: boolean
}

interface Question {
  readonly session: ModelSession
  readonly model: ModelDescription
  readonly request: ModelRequest
  readonly signal: AbortSignal
}

interface Work {
  readonly plan: SummaryPlan
  readonly abort: AbortController
}

/**
 * Summaries of a thread's earlier turns. They are written beside its turns, on a line of their own, and take the place
 * of those turns between two others. What fails or is stopped has changed nothing.
 */
export class Compactor {
  readonly #options: Options
  #work: Work | undefined
  #ready: { readonly plan: SummaryPlan; readonly compaction: Compaction } | undefined
  /** How many turns there were when one failed: with another turn it is tried again. */
  #failedAt: number | undefined

  constructor(options: Options) {
    this.#options = options
  }

  /** Pins a message, so that no summary takes its place, or takes that back. */
  pin(itemId: ItemId, pinned: boolean): Promise<void> {
    return this.#options.hold(async () => {
      const { pins = [], turns } = this.#options.state()
      const item = turns.flatMap(({ items }) => items).find(({ id }) => id === itemId)
      if (item?.type !== 'userMessage' && item?.type !== 'agentMessage')
        throw new RequestError('notFound', 'There is no such message in this thread.')
      if (pinned && !pins.includes(itemId) && pins.length >= limits.pinnedMessages)
        throw new RequestError('tooLarge', `At most ${limits.pinnedMessages} messages can be pinned.`)
      if (pins.includes(itemId) !== pinned) this.#options.publish({ type: 'message/pinned', itemId, pinned })
      await this.#options.stored()
    })
  }

  /** A request of this size has left: whether it is time. */
  consider({ tokens, room, late }: Weight): void {
    const thread = this.#options.state()
    if (this.#work || this.#ready || this.#failedAt === thread.turns.length) return
    if (tokens <= room * (thread.uncompacted || late ? 1 : startShare)) return
    const plan = planSummary(thread)
    if (plan) this.#start(plan)
  }

  /** A person wants it now. */
  async request(): Promise<void> {
    if (!this.#work && !this.#ready) {
      const plan = planSummary(this.#options.state())
      if (!plan) {
        const message = 'There is nothing to summarise yet: the last two turns are always kept as they are.'
        throw new RequestError('conflict', message)
      }
      this.#start(plan)
    }
    await this.#options.stored()
  }

  /** Gives up what is under way, and puts away what failed. */
  async stop(): Promise<void> {
    this.#forget()
    if (this.#options.state().compacting) this.#say(undefined)
    await this.#options.stored()
  }

  /** Between two turns: what is ready takes effect. */
  settle(): void {
    if (!this.#ready || !this.#options.isFree()) return
    const { plan, compaction } = this.#ready
    this.#ready = undefined
    const { state, publish } = this.#options
    // The thread went back behind it, or a summary was undone.
    if (!stillHolds(plan, state())) return this.#say(undefined)
    const contextTokens = Math.max(0, state().contextTokens - compaction.saved)
    publish({ type: 'thread/compacted', compaction, contextTokens })
  }

  async undo(compactionId: CompactionId): Promise<void> {
    const { state, publish, stored, isFree } = this.#options
    const latest = state().compactions?.at(-1)
    if (latest?.id !== compactionId)
      throw new RequestError('conflict', 'Only the latest summary can be undone.')
    if (!isFree()) throw new RequestError('conflict', 'A turn is running; undo the summary when it is over.')
    await this.stop()
    const contextTokens = state().contextTokens + latest.saved
    publish({ type: 'thread/uncompacted', compactionId, contextTokens })
    await stored()
  }

  /** After a restart: what was under way then is not any more. */
  recover(): void {
    if (this.#options.state().compacting) this.#say(undefined)
  }

  close(): void {
    this.#forget()
  }

  #forget(): void {
    this.#work?.abort.abort()
    this.#work = undefined
    this.#ready = undefined
  }

  #say(compacting: Compacting | undefined): void {
    this.#options.publish({ type: 'thread/compacting', ...(compacting && { compacting }) })
  }

  #start(plan: SummaryPlan): void {
    const work = { plan, abort: new AbortController() }
    this.#work = work
    this.#failedAt = undefined
    this.#say({ status: 'running' })
    void this.#options.hold(async () => {
      const compaction = await this.#write(work).catch((error: unknown) =>
        error instanceof Error ? error : new Error(String(error)),
      )
      if (this.#work !== work) return
      this.#work = undefined
      if (compaction instanceof Error) {
        this.#failedAt = this.#options.state().turns.length
        return this.#say({ status: 'failed', detail: compaction.message })
      }
      this.#ready = { plan, compaction }
      if (this.#options.isFree()) this.settle()
      else this.#say({ status: 'ready' })
    })
  }

  async #write({ plan, abort }: Work): Promise<Compaction> {
    const { state } = this.#options
    const answering = await this.#options.answering(state())
    const sealed = answering.sealsSummaries ? await this.#seal(plan, answering, abort.signal) : undefined
    if (sealed !== undefined) return this.#compaction(plan, answering, plainSummary(plan, answering), sealed)
    const model = await this.#options.model(state())
    const isLanguage = model.kind === 'language'
    const summary = isLanguage ? await this.#ask(plan, model, abort.signal) : plainSummary(plan, model)
    if (summary.trim() === '') throw new Error('The model gave no summary.')
    return this.#compaction(plan, model, summary)
  }

  async #compaction(
    plan: SummaryPlan,
    model: ModelDescription,
    summary: string,
    sealed?: string,
  ): Promise<Compaction> {
    const { clock, random, counts, state } = this.#options
    const before = splitTurns(state()).compaction?.summary ?? ''
    const [old, now] = [await this.#weighTurns(plan, model), await this.#weigh(sealed, summary)]
    return {
      id: compactionIdSchema.parse(mintId('cmp', random)),
      throughTurnId: plan.throughTurnId,
      turns: plan.count,
      summary,
      saved: Math.max(0, old + (await counts.text(before)) - now),
      ...(sealed !== undefined && { sealed }),
      ...(model.kind === 'language' && { modelId: model.id }),
      at: clock.now(),
    }
  }

  async #weigh(sealed: string | undefined, summary: string): Promise<number> {
    const { counts } = this.#options
    return sealed === undefined ? counts.text(summary) : counts.exact.item({ type: 'opaque', data: sealed })
  }

  /** `undefined` when it does not fit into one request, or the API made none: then it is put into words. */
  async #seal(plan: SummaryPlan, model: ModelDescription, signal: AbortSignal): Promise<string | undefined> {
    const { counts, state, openSession } = this.#options
    const request = sealedRequest({ thread: state(), model, plan })
    await counts.settle(request.input)
    const tokens = request.input.reduce((sum, item) => sum + counts.exact.item(item), 0)
    if (tokens > (model.contextWindow - request.maxOutputTokens) * sealedShare) return undefined
    const session = openSession(model)
    try {
      const { sealed } = await this.#answer({ session, model, request, signal })
      return sealed
    } catch {
      signal.throwIfAborted()
      return undefined
    } finally {
      session.close()
    }
  }

  async #weighTurns({ turns }: SummaryPlan, model: ModelDescription): Promise<number> {
    const { counts } = this.#options
    const items = turns.flatMap((turn) => renderTurn(turn, model).entries.map(({ item }) => item))
    await counts.settle(items)
    return items.reduce((sum, item) => sum + counts.exact.item(item), 0)
  }

  /** Chunk by chunk, each on from the summary of those before it. */
  async #ask(plan: SummaryPlan, model: ModelDescription, signal: AbortSignal): Promise<string> {
    const { counts, state, openSession } = this.#options
    const session = openSession(model)
    try {
      const pieces = transcriptOf(plan.turns, model)
      const { usual, most } = summaryTokens(model)
      const room = Math.floor((model.contextWindow - 2 * most) * chunkShare)
      let soFar = plan.before?.summary ?? ''
      for (let next = 0; next < pieces.length; ) {
        let chunk = ''
        let tokens = 0
        // At least one piece, whatever it is.
        for (let size = 0; next < pieces.length; next++, tokens += size) {
          const piece = pieces[next] ?? ''
          size = await counts.text(piece)
          if (tokens > 0 && tokens + size > room) break
          chunk += piece
        }
        signal.throwIfAborted()
        const ask = (maxOutputTokens: number) => {
          const request = summaryRequest({ thread: state(), model, soFar, chunk, maxOutputTokens })
          return this.#answer({ session, model, request, signal })
        }
        const short = await ask(usual)
        const { text } = short.whole ? short : await ask(most)
        soFar = text.slice(0, limits.summaryChars)
      }
      return soFar
    } finally {
      session.close()
    }
  }

  /** `whole`: it ended by itself, within the tokens it may have. */
  async #answer({ session, model, request, signal }: Question): Promise<{
    readonly text: string
    readonly whole: boolean
    readonly sealed: string | undefined
  }> {
    for (let attempt = 1; ; attempt++) {
      const { id: threadId } = this.#options.state()
      const asked = { threadId, purpose: 'summary', session, model, request, signal } as const
      const { text, events, failure } = await sideCall(this.#options, asked)
      const isCut = failure?.code === 'outputLimit'
      if (!failure || isCut) {
        return { text, whole: !isCut, sealed: events.findLast(isSealedSummary)?.data }
      }
      if (!failure.retriable || attempt >= attempts) throw new Error(failure.detail)
    }
  }
}

/** Reasoning is sealed too. */
function isSealedSummary(event: ModelEvent): event is Extract<ModelEvent, { type: 'opaque' }> {
  return event.type === 'opaque' && sealedSummary.safeParse(JSON.parse(event.data)).success
}

const sealedSummary = z.object({ type: z.literal('compaction') })
