import type { ModelEvent } from '../../core/engine/model-stream.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { mintId, type Random } from '../../core/lib/random.ts'
import type { Usage } from '../../core/protocol/model.ts'
import { type UsageRow, type UsageSum, usageRowSchema } from '../../core/protocol/usage.ts'
import type { Store } from '../store/store.ts'
import { type BegunCall, CallJournal } from './call-journal.ts'

/** Characters to a token when the backend does not count for us. */
const charsPerToken = 4
/** How often the growth of answers is noted. */
const growthMs = 250
const topicPrefix = 'usage:'

interface Deps {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  /** Absolute path of the file that holds the calls under way. */
  readonly file: string
  readonly onBug: (error: unknown, where: string) => void
}

/** One call, from before it leaves to its end. */
export interface CountedCall {
  saw(event: ModelEvent): void
  /** Nobody wants the rest. After its end it changes nothing. */
  stop(): void
}

/**
 * Counts every call of a language model once, whatever happens to it: it is noted before it leaves and settled at its
 * end; what a server that died had under way is settled when the next one starts, as far as its answer had come.
 */
export class CallLedger {
  readonly #deps: Deps
  readonly #journal: CallJournal
  /** Dice for each call would cost it more than all else here. */
  readonly #start: string
  #calls = 0
  #notedAt = 0
  #pending: UsageRow[] = []
  #storing: Promise<void> | undefined
  readonly #months = new Map<string, { seq: number; readonly rows: UsageRow[] }>()

  private constructor(deps: Deps) {
    this.#deps = deps
    this.#start = mintId('use', deps.random)
    this.#journal = new CallJournal(deps.file)
  }

  /** Settles what a server that died left. */
  static async open(deps: Deps): Promise<CallLedger> {
    const left = CallJournal.read(deps.file)
    const ledger = new CallLedger(deps)
    for (const [month, rows] of Map.groupBy(left, ({ at }) => monthOf(at))) {
      const known = new Set((await ledger.#read(month)).rows.map(({ id }) => id))
      ledger.#pending.push(...rows.filter(({ id }) => !known.has(id)))
    }
    await ledger.stored()
    // What the store refused stays.
    if (ledger.#pending.length === 0) await ledger.#journal.rewrite()
    return ledger
  }

  begin(call: Omit<BegunCall, 'id' | 'at'>): CountedCall {
    const id = `${this.#start}.${++this.#calls}`
    const begun = { ...call, id, at: this.#deps.clock.now() }
    this.#journal.begin(begun)
    return this.#count(begun)
  }

  /** What all calls since then took, by model; the one that took most first. */
  async sums(since: number): Promise<readonly UsageSum[]> {
    const sums = new Map<string, UsageSum>()
    const months = new Set([monthOf(since), monthOf(this.#deps.clock.now())])
    for (const month of months) {
      for (const row of (await this.#read(month)).rows) if (row.at >= since) add(sums, row)
    }
    for (const row of this.#pending) if (row.at >= since) add(sums, row)
    return [...sums.values()].toSorted((a, b) => total(b.usage) - total(a.usage))
  }

  /** Resolves when what has ended is in the store, or was refused. */
  stored(): Promise<void> {
    this.#storing ??= this.#store().finally(() => {
      this.#storing = undefined
    })
    return this.#storing
  }

  async close(): Promise<void> {
    await this.stored()
    if (this.#pending.length === 0) await this.#journal.rewrite()
    this.#journal.close()
  }

  #count(call: BegunCall): CountedCall {
    const { clock } = this.#deps
    let isOpen = true
    let isSent = false
    let usage: Usage | undefined
    let chars = 0
    const end = (outcome: UsageRow['outcome']) => {
      if (!isOpen) return
      isOpen = false
      // Refused before it said a word: nothing was taken.
      const isNothing = outcome === 'failed' && chars === 0 && !usage
      const { inputTokens, ...rest } = call
      const estimate = {
        inputTokens: isNothing ? 0 : inputTokens,
        cachedTokens: 0,
        outputTokens: Math.ceil(chars / charsPerToken),
      }
      if (isSent) this.#end({ ...rest, outcome, usage: usage ?? estimate, estimated: !usage && !isNothing })
      else this.#journal.void(call.id)
    }
    return {
      saw: (event) => {
        if (event.type === 'sent') {
          isSent = true
          this.#journal.sent(call.id)
        } else if (event.type === 'usage') usage = sumOf(usage, event.usage)
        else if (event.type === 'completed' || event.type === 'failed') end(event.type)
        else if ('text' in event) chars += event.text.length
        else if ('delta' in event) chars += event.delta.length
        if (!isOpen || chars === 0) return
        this.#journal.grew(call.id, Math.ceil(chars / charsPerToken))
        const now = clock.monotonic()
        if (now - this.#notedAt < growthMs) return
        this.#notedAt = now
        this.#journal.noteGrowth()
      },
      stop: () => end('stopped'),
    }
  }

  #end(row: UsageRow): void {
    this.#journal.end(row)
    this.#pending.push(row)
    void this.stored()
  }

  async #store(): Promise<void> {
    const { store, onBug } = this.#deps
    try {
      while (this.#pending.length > 0) {
        const month = monthOf(this.#pending[0]?.at ?? 0)
        const rows = this.#pending.filter(({ at }) => monthOf(at) === month)
        const known = await this.#read(month)
        const events = rows.map((row, index) => ({
          seq: known.seq + 1 + index,
          at: row.at,
          body: JSON.stringify(row),
        }))
        await store.appendEvents(`${topicPrefix}${month}`, events)
        known.seq += rows.length
        known.rows.push(...rows)
        this.#pending = this.#pending.filter((row) => !rows.includes(row))
      }
      this.#journal.stored().catch((error) => onBug(error, 'shortening the journal of calls'))
    } catch (error) {
      // They stay in the journal, and go with the next.
      onBug(error, 'storing usage')
    }
  }

  /** All that is stored of a month. */
  async #read(month: string): Promise<{ seq: number; readonly rows: UsageRow[] }> {
    const known = this.#months.get(month)
    if (known) return known
    const events = await this.#deps.store.readEvents(`${topicPrefix}${month}`, 0)
    const rows = events.map(({ body }) => usageRowSchema.parse(JSON.parse(body)))
    const read = { seq: events.at(-1)?.seq ?? 0, rows }
    // Two may have asked at once.
    const first = this.#months.get(month) ?? read
    this.#months.set(month, first)
    return first
  }
}

function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 7)
}

/** A call that is given words while it runs may be answered in several responses. */
function sumOf(before: Usage | undefined, more: Usage): Usage {
  return {
    inputTokens: (before?.inputTokens ?? 0) + more.inputTokens,
    cachedTokens: (before?.cachedTokens ?? 0) + more.cachedTokens,
    outputTokens: (before?.outputTokens ?? 0) + more.outputTokens,
  }
}

function total({ inputTokens, outputTokens }: Usage): number {
  return inputTokens + outputTokens
}

function add(sums: Map<string, UsageSum>, { modelId, usage, estimated }: UsageRow): void {
  const sum = sums.get(modelId)
  sums.set(modelId, {
    modelId,
    calls: (sum?.calls ?? 0) + 1,
    estimated: (sum?.estimated ?? 0) + (estimated ? 1 : 0),
    usage: sumOf(sum?.usage, usage),
  })
}
