import { type TokenCounts as Counts, type Fitted, fitRequest } from '../../core/engine/fit.ts'
import type { ModelRequest } from '../../core/engine/model-stream.ts'
import type { ThreadRequest } from '../../core/engine/prompt.ts'
import type { Entry } from '../../core/engine/render-turn.ts'
import type { WindowUse } from '../../core/protocol/compaction.ts'
import type { ModelDescription, ModelFailure } from '../../core/protocol/model.ts'
import type { Timers } from '../timers.ts'
import type { TokenCounts } from './token-counts.ts'

/** Until a model has said how it counts it is taken to count a little more. */
const unknownRatio = 1.05
const ratioRange = { least: 0.5, most: 4 } as const
/** Of a request smaller than this the provider's own words around it are too large a part. */
const tellingTokens = 500
/** After an answer began or ended: by then what follows it at once has left. */
const calmMs = 30
/** And it is so much more that there is room for, however a model counts. */
const roomyShare = 1.5
/** A model that refused a request for its length counts this much more than was thought. */
const refusedFactor = 1.15

/** Sees to it that what one thread sends fits its model's window. */
export class RequestWindow {
  readonly #counts: TokenCounts
  readonly #timers: Timers
  /** How many tokens a model counts for one of ours, by what it reported. */
  readonly #ratios = new Map<string, number>()
  readonly #tokens = new WeakMap<ModelRequest, number>()

  constructor(counts: TokenCounts, timers: Timers) {
    this.#counts = counts
    this.#timers = timers
  }

  /** At once for most requests; what takes counting is counted in slices first, so that others have their turn. */
  prepare(request: ThreadRequest, model: ModelDescription): Fitted | Promise<Fitted> {
    const quick = this.#fit(request, model, this.#counts.bound)
    if (quick.outcome === 'whole') return quick
    return this.#counts.settle(request.input).then(() => this.fit(request, model))
  }

  fit(request: ThreadRequest, model: ModelDescription): Fitted {
    return this.#fit(request, model, this.#counts.exact)
  }

  #fit(request: ThreadRequest, model: ModelDescription, counts: Counts): Fitted {
    const fitted = fitRequest(request, model.contextWindow, scaled(counts, this.#safeRatio(model)))
    for (const one of [request, fitted.request]) this.#tokens.set(one, fitted.tokens)
    return fitted
  }

  /** Of a request that was made to fit: about what it takes before its answer. */
  tokensOf(request: ModelRequest): number {
    return this.#tokens.get(request) ?? 0
  }

  /** What all of it takes, as its model counts, and what it may take. */
  async weigh(request: ThreadRequest, model: ModelDescription): Promise<{ tokens: number; room: number }> {
    await this.#calm(request, model)
    const tokens = (await this.#own(request)) * this.#safeRatio(model)
    return { tokens, room: model.contextWindow - request.reserve }
  }

  /** The provider has told how many tokens a request had that was sent. */
  async learn(request: ModelRequest, model: ModelDescription, inputTokens: number): Promise<void> {
    await this.#calm(request, model)
    const own = await this.#own(request)
    if (own < tellingTokens || inputTokens === 0) return
    const { least, most } = ratioRange
    this.#ratios.set(model.id, Math.min(most, Math.max(least, inputTokens / own)))
  }

  /** The model refused a request for its length. Answers whether less can be sent instead. */
  refused(model: ModelDescription): boolean {
    const ratio = this.#safeRatio(model)
    if (ratio >= ratioRange.most) return false
    this.#ratios.set(model.id, Math.min(ratioRange.most, ratio * refusedFactor))
    return true
  }

  async use(request: ThreadRequest, model: ModelDescription): Promise<WindowUse> {
    await this.#counts.settle(request.input)
    const counts = scaled(this.#counts.exact, this.#ratios.get(model.id) ?? 1)
    const sum = (entries: readonly Entry[]) => entries.reduce((all, { item }) => all + counts.item(item), 0)
    const entries = request.turns.flatMap((turn) => turn.entries)
    const isShown = ({ kind }: Entry) => kind === 'shown'
    const instructions = counts.fixed({ ...request, tools: [] })
    return {
      window: model.contextWindow,
      instructions,
      tools: counts.fixed(request) - instructions,
      files: sum(entries.filter(isShown)),
      summary: sum(request.head),
      history: sum(entries.filter((entry) => !isShown(entry))),
      reserve: request.reserve,
    }
  }

  /** Counting is in the way of the prompt or the result that comes next: where there is room it is done later. */
  #calm(request: ModelRequest, model: ModelDescription): Promise<void> | undefined {
    if (this.tokensOf(request) * ratioRange.most * roomyShare > model.contextWindow) return undefined
    return new Promise((resolve) => this.#timers.after(calmMs, resolve))
  }

  async #own(request: ModelRequest): Promise<number> {
    await this.#counts.settle(request.input)
    const { exact } = this.#counts
    return request.input.reduce((sum, item) => sum + exact.item(item), exact.fixed(request))
  }

  /** What was reported once may be more the next time: a model that counts less is not relied on. */
  #safeRatio({ id }: ModelDescription): number {
    const ratio = this.#ratios.get(id)
    return ratio === undefined ? unknownRatio : Math.max(1, ratio * 1.01)
  }
}

function scaled(counts: Counts, ratio: number): Counts {
  return {
    item: (item) => Math.ceil(counts.item(item) * ratio),
    fixed: (request) => Math.ceil(counts.fixed(request) * ratio),
  }
}

/** Said before anything was sent. */
export function tooLarge({ tokens, room }: Fitted): ModelFailure {
  const detail = `This prompt with what goes along with it takes about ${tokens} tokens; the model has room for ${Math.max(0, room)}. Shorten it, point at fewer files, or choose a model with a larger window.`
  return { code: 'contextOverflow', detail, retriable: false }
}
