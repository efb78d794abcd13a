import { limits } from '../protocol/limits.ts'
import { gistOf } from './gist.ts'
import type { ModelItem, ModelRequest } from './model-stream.ts'
import { pinnedEntries, type ThreadRequest } from './prompt.ts'
import { type Entry, messageEntry, type RenderedTurn } from './render-turn.ts'

/** Tokens of parts of a request, as its model counts them. */
export interface TokenCounts {
  item(item: ModelItem): number
  /** What stands outside of its items: instructions and tools. */
  fixed(request: ModelRequest): number
}

export interface Fitted {
  readonly request: ModelRequest
  /** What it takes of the window before the answer. */
  readonly tokens: number
  /** What it may take. */
  readonly room: number
  /** `cut`: something was shortened or left out. `tooLarge`: even the last prompt alone has no room. */
  readonly outcome: 'whole' | 'cut' | 'tooLarge'
}

/** A text shorter than this is not worth shortening. */
const shortChars = 800
const keptChars = 400
/** Room is made in pieces of this share of the window, so that the beginning stays the same for many requests. */
const step = 0.2
/** And results are shortened for as many turns at once. */
const batch = 4

/**
 * The request as it can be sent: no larger than the window less what is kept for the answer. First the oldest tool
 * results are shortened, then the oldest turns left out, each with a word that says so; then, of the last turns, what
 * tools and files showed. Pinned messages and the last prompt stay. The same thread gives the same request.
 */
export function fitRequest(request: ThreadRequest, window: number, counts: TokenCounts): Fitted {
  const room = window - request.reserve
  const fixed = counts.fixed(request)
  const cut = new Cut(request, counts)
  const over = fixed + cut.tokens - room
  if (over > 0) {
    const piece = Math.max(1, Math.floor(room * step))
    const goal = room - fixed + over - Math.ceil(over / piece) * piece
    cut.reach(goal)
    if (cut.tokens > room - fixed) cut.force(room - fixed)
  }
  const { head: _, turns: __, pins: ___, reserve: ____, ...sent } = request
  const tokens = fixed + cut.tokens
  const input = over > 0 ? cut.entries.map(({ item }) => item) : request.input
  const outcome = over <= 0 ? 'whole' : tokens <= room ? 'cut' : 'tooLarge'
  return { request: { ...sent, input }, tokens, room, outcome }
}

/** A request while it is made smaller. */
class Cut {
  readonly #request: ThreadRequest
  readonly #counts: TokenCounts
  #head: readonly Entry[]
  readonly #turns: (readonly Entry[])[]
  /** Left out from the beginning; of them the head tells. */
  #dropped = 0
  tokens: number

  constructor(request: ThreadRequest, counts: TokenCounts) {
    this.#request = request
    this.#counts = counts
    this.#head = request.head
    this.#turns = request.turns.map(({ entries }) => entries)
    this.tokens = this.#sum(this.entries)
  }

  get entries(): readonly Entry[] {
    return [...this.#head, ...this.#turns.flat()]
  }

  /** What nobody misses much: old results, then old turns. */
  reach(goal: number): void {
    const old = Math.max(0, this.#turns.length - limits.keptTurns)
    const oldest = old - (old % batch)
    for (let turn = 0; turn < oldest && this.tokens > goal; turn++) this.#shorten(turn, ['result'], goal)
    this.#drop(old, goal)
  }

  /** Whatever else it takes, but the last prompt, the model's last answer to it and, while that helps, the pins. */
  force(goal: number): void {
    const last = this.#turns.length - 1
    for (let turn = 0; turn <= last && this.tokens > goal; turn++)
      this.#shorten(turn, ['result', 'note'], goal)
    this.#drop(last, goal)
    if (this.tokens > goal) this.#shorten(last, ['shown'], goal)
    if (this.tokens > goal) this.#dropAnswers(last, goal)
    if (this.tokens > goal) this.#replaceHead([])
  }

  #shorten(turn: number, kinds: readonly Entry['kind'][], goal: number): void {
    const entries = [...(this.#turns[turn] ?? [])]
    for (const [index, entry] of entries.entries()) {
      if (this.tokens <= goal) break
      const short = kinds.includes(entry.kind) ? shortened(entry.item) : undefined
      if (!short) continue
      const { item } = entry
      this.tokens += this.#counts.item(short) - this.#counts.item(item)
      entries[index] = { ...entry, item: short }
    }
    this.#turns[turn] = entries
  }

  /** Leaves out turns before `end`, the oldest first. */
  #drop(end: number, goal: number): void {
    while (this.#dropped < end && this.tokens > goal) {
      // One by one each turn would be told of in a note of its own length.
      const turn = this.#turns[this.#dropped] ?? []
      this.tokens -= this.#sum(turn)
      this.#turns[this.#dropped++] = []
      if (this.tokens <= goal || this.#dropped === end) this.#tellDropped()
    }
  }

  #tellDropped(): void {
    const gone = this.#request.turns.slice(0, this.#dropped)
    const pinned = gone.flatMap((turn) => pinnedEntries(turn, this.#request.pins))
    this.#replaceHead([...this.#request.head, droppedNote(gone), ...pinned])
  }

  #replaceHead(head: readonly Entry[]): void {
    this.tokens += this.#sum(head) - this.#sum(this.#head)
    this.#head = head
  }

  /** Of a long turn the model's earlier answers, each with its calls and their results. */
  #dropAnswers(turn: number, goal: number): void {
    const entries = this.#turns[turn] ?? []
    const last = entries.findLast(({ request }) => request !== undefined)?.request ?? 0
    const requests = new Set(entries.flatMap(({ request }) => request ?? []))
    let left = entries
    for (const request of requests) {
      if (this.tokens <= goal || request === last) break
      const without = left.filter((entry) => entry.request !== request)
      this.tokens -= this.#sum(left) - this.#sum(without)
      left = without
    }
    this.#turns[turn] = left
  }

  #sum(entries: readonly Entry[]): number {
    return entries.reduce((sum, { item }) => sum + this.#counts.item(item), 0)
  }
}

function droppedNote(turns: readonly RenderedTurn[]): Entry {
  const count = turns.length === 1 ? 'An earlier turn is' : `${turns.length} earlier turns are`
  return messageEntry(
    'note',
    'user',
    `[${count} left out here, as there is no room for more. ${gistOf(turns)}]`,
  )
}

const shortForms = new WeakMap<ModelItem, ModelItem>()

/** Its beginning, with a word on what is missing; `undefined` when it is short already. */
function shortened(item: ModelItem): ModelItem | undefined {
  const known = shortForms.get(item)
  if (known) return known
  const text = item.type === 'toolResult' ? item.output : item.type === 'message' ? item.text : ''
  if (text.length <= shortChars) return undefined
  const note = `[${text.length - keptChars} characters are left out here, as there is no room for more. Read it again if you need it.]`
  // Half of a character is none.
  const beginning = text.slice(0, keptChars).replace(/[\ud800-\udbff]$/, '')
  const short = `${beginning}\n${note}`
  const form: ModelItem =
    item.type === 'toolResult' ? { ...item, output: short } : { type: 'message', role: 'user', text: short }
  shortForms.set(item, form)
  return form
}
