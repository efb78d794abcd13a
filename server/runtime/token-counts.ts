import type { ModelItem, ModelRequest, ToolSpec } from '../../core/engine/model-stream.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { cutIntoPieces } from '../../core/lib/pieces.ts'
import { tokenBound } from '../../core/lib/token-estimate.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { Timers } from '../timers.ts'

/** What a message and a call cost besides their text. */
const messageTokens = 4
const callTokens = 16
/** Sealed reasoning is base64 of more than was thought. */
const sealedCharsPerToken = 4
/** Of the texts that were counted last, this much is known by heart. */
const rememberedChars = 4_000_000

interface Deps {
  readonly clock: Clock
  readonly timers: Timers
  readonly countText: (text: string) => number
  /** Whether it can be done at once. Left out: always. */
  readonly isReady?: () => boolean
}

/** How many tokens the parts of requests have. Each is counted once, and never while a token or a prompt waits for it. */
export class TokenCounts {
  readonly #deps: Deps
  readonly #known = new WeakMap<ModelItem, number>()
  /** Instructions are made anew for each request, and are the same most of the time. */
  readonly #instructions = new Map<string, number>()
  readonly #tools = new WeakMap<readonly ToolSpec[], number>()
  /** A turn that goes on is put in a model's form anew for each request: its items are others, their texts are the same. */
  readonly #texts = new Map<string, number>()
  #chars = 0

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Counts now what was not counted before. */
  readonly exact = {
    item: (item: ModelItem) => this.#knownOf(item) ?? this.#count(item),
    fixed: (request: ModelRequest) => this.#countFixed(request),
  }

  /** What was not counted yet is taken for more than it can be. */
  readonly bound = {
    item: (item: ModelItem) => this.#knownOf(item) ?? boundOf(item),
    fixed: (request: ModelRequest) =>
      this.#deps.isReady?.() === false ? boundOfFixed(request) : this.#countFixed(request),
  }

  /** Counts what was not counted, in slices between which others have their turn. */
  async settle(items: readonly ModelItem[]): Promise<void> {
    for (const item of items) {
      if (!this.#known.has(item)) this.#known.set(item, overhead(item) + (await this.text(textOf(item))))
    }
  }

  async text(text: string): Promise<number> {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    const { clock, countText } = this.#deps
    let tokens = 0
    for (const piece of cutIntoPieces(text)) {
      // All who wait go on with a slice, and the first may take it.
      while (clock.monotonic() >= this.#sliceEnd) await this.#nextSlice()
      tokens += countText(piece)
    }
    return this.#remember(text, tokens)
  }

  #remember(text: string, tokens: number): number {
    // Another may have counted it meanwhile.
    if (!this.#texts.has(text)) this.#chars += text.length
    this.#texts.set(text, tokens)
    for (const oldest of this.#texts.keys()) {
      if (this.#chars <= rememberedChars) break
      this.#texts.delete(oldest)
      this.#chars -= oldest.length
    }
    return tokens
  }

  #sliceEnd = 0
  #slice: Promise<void> | undefined

  /** One slice is for all who count: many at once must not keep others waiting for longer than one. */
  #nextSlice(): Promise<void> {
    const { clock, timers } = this.#deps
    this.#slice ??= new Promise((resolve) => {
      timers.later(() => {
        this.#slice = undefined
        this.#sliceEnd = clock.monotonic() + limits.countSliceMs
        resolve()
      })
    })
    return this.#slice
  }

  #knownOf(item: ModelItem): number | undefined {
    const known = this.#known.get(item)
    if (known !== undefined) return known
    const words = this.#texts.get(textOf(item))
    if (words === undefined) return undefined
    this.#known.set(item, overhead(item) + words)
    return overhead(item) + words
  }

  #count(item: ModelItem): number {
    const text = textOf(item)
    const count = () => cutIntoPieces(text).reduce((sum, piece) => sum + this.#deps.countText(piece), 0)
    const tokens = overhead(item) + this.#remember(text, count())
    this.#known.set(item, tokens)
    return tokens
  }

  #countFixed({ instructions, tools }: ModelRequest): number {
    const known = this.#instructions.get(instructions)
    const words = known ?? this.#deps.countText(instructions) + messageTokens
    if (known === undefined && this.#instructions.size >= 16) this.#instructions.clear()
    this.#instructions.set(instructions, words)
    const offered = this.#tools.get(tools) ?? this.#deps.countText(JSON.stringify(tools)) + messageTokens
    this.#tools.set(tools, offered)
    return words + offered
  }
}

function textOf(item: ModelItem): string {
  switch (item.type) {
    case 'message':
      return item.text
    case 'toolCall':
      return `${item.name} ${item.input}`
    case 'toolResult':
      return item.output
    case 'opaque':
      return ''
  }
}

function overhead(item: ModelItem): number {
  if (item.type === 'message') return messageTokens
  return item.type === 'opaque' ? Math.ceil(item.data.length / sealedCharsPerToken) : callTokens
}

function boundOfFixed({ instructions, tools }: ModelRequest): number {
  return tokenBound(instructions) + tokenBound(JSON.stringify(tools)) + 2 * messageTokens
}

function boundOf(item: ModelItem): number {
  return overhead(item) + tokenBound(textOf(item))
}
