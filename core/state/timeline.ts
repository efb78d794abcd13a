import type { FileStep } from '../document/file-replay.ts'
import type { TurnId } from '../protocol/ids.ts'
import type { Item } from '../protocol/item.ts'
import type { LoggedEvent, ThreadState } from '../protocol/thread.ts'
import { FileSteps } from './file-steps.ts'
import { reduceThread } from './thread-reducer.ts'

/** Rows between two states that are kept. They share what did not change, so that keeping many costs little. */
const keyframeRows = 128
/** When nothing is written for longer than this, a replay waits no longer than this. */
const idleMs = 2000

/** Where a turn's prompt appears, in milliseconds of the replay. */
export interface TurnMark {
  readonly turnId: TurnId
  readonly time: number
  /** What was asked. */
  readonly prompt: string
}

/** An item whose text is not in the log until it is whole. */
interface Written {
  readonly from: number
  /** `undefined` until its end is known. */
  readonly end: { readonly time: number; readonly text: string } | undefined
}

/**
 * A thread's log as something to move about in: the thread at any row, at any time of its replay, and where its turns
 * begin. Rows are appended as they are read.
 */
export class Timeline {
  readonly #rows: LoggedEvent[] = []
  /** Of each row, in milliseconds of the replay; never falls. */
  readonly #times: number[] = []
  /** The thread after each `keyframeRows` rows. */
  readonly #keyframes: ThreadState[] = []
  readonly #marks: TurnMark[] = []
  readonly #written = new Map<string, Written>()
  /** The file that is being edited from a row on. */
  readonly #files: { readonly index: number; readonly path: string }[] = []
  readonly #steps = new FileSteps()
  #last: ThreadState | undefined
  /** What was asked for last: a replay goes on from there. */
  #recent: { readonly index: number; readonly state: ThreadState } | undefined

  get durationMs(): number {
    return this.#times.at(-1) ?? 0
  }

  get marks(): readonly TurnMark[] {
    return this.#marks
  }

  get lastSeq(): number {
    return this.#rows.at(-1)?.seq ?? 0
  }

  append(rows: readonly LoggedEvent[]): void {
    for (const row of rows) {
      const time = this.durationMs + this.#gapBefore(row)
      this.#last = reduceThread(this.#last, row.event)
      this.#rows.push(row)
      this.#times.push(time)
      if (this.#rows.length % keyframeRows === 0) this.#keyframes.push(this.#last)
      this.#note(row, time)
      this.#steps.append(row)
    }
  }

  /** The thread after all events up to `seq`. */
  stateAt(seq: number): ThreadState | undefined {
    return this.#stateOf(lastUpTo(this.#rows, seq, rowSeq))
  }

  /** The thread at a time of the replay, with texts as far as they were written by then, were they written evenly. */
  viewAt(time: number): ThreadState | undefined {
    const state = this.#stateOf(this.#indexAt(time))
    const turn = state?.turns.at(-1)
    if (!state || !turn) return state
    const items = turn.items.map((item) => this.#grown(item, time))
    if (items.every((item, index) => item === turn.items[index])) return state
    return { ...state, turns: state.turns.with(-1, { ...turn, items }) }
  }

  /** The last row at that time. */
  seqAt(time: number): number {
    return this.#rows[this.#indexAt(time)]?.seq ?? 0
  }

  timeOf(seq: number): number {
    return this.#times[lastUpTo(this.#rows, seq, rowSeq)] ?? 0
  }

  /** The first row written at this time of the clock or later; infinite when none was. */
  seqSince(at: number): number {
    return (
      this.#rows[lastUpTo(this.#rows, at - 1, ({ at: time }) => time) + 1]?.seq ?? Number.POSITIVE_INFINITY
    )
  }

  /** The file edited last by then, by the path it has now. */
  fileAt(time: number): string | undefined {
    const at = this.#indexAt(time)
    const path = this.#files[lastUpTo(this.#files, at, ({ index }) => index)]?.path
    return path === undefined ? undefined : this.#steps.currentPath(path)
  }

  /** What the rows until now did to a file. */
  stepsOf(path: string): readonly FileStep[] {
    return this.#steps.of(path)
  }

  /** Files that were edited by then, by the paths they have now, in the order they were first. */
  filesUpTo(time: number): readonly string[] {
    const at = this.#indexAt(time)
    const paths = this.#files.flatMap(({ index, path }) =>
      index <= at ? [this.#steps.currentPath(path)] : [],
    )
    return [...new Set(paths)]
  }

  #indexAt(time: number): number {
    return Math.max(
      0,
      lastUpTo(this.#times, time, (value) => value),
    )
  }

  #stateOf(index: number): ThreadState | undefined {
    const recent = this.#recent
    let from = Math.floor((index + 1) / keyframeRows) * keyframeRows
    let state = this.#keyframes[from / keyframeRows - 1]
    if (recent && recent.index < this.#rows.length && recent.index <= index && recent.index + 1 >= from) {
      from = recent.index + 1
      state = recent.state
    }
    for (let i = from; i <= index; i++) {
      const row = this.#rows[i]
      if (row) state = reduceThread(state, row.event)
    }
    if (state) this.#recent = { index, state }
    return state
  }

  #gapBefore({ at }: LoggedEvent): number {
    const before = this.#rows.at(-1)
    if (!before) return 0
    const gap = Math.max(0, at - before.at)
    return gap > idleMs && !this.#isWriting() ? idleMs : gap
  }

  #isWriting(): boolean {
    const turn = this.#last?.turns.at(-1)
    return turn?.items.some((item) => 'status' in item && item.status === 'streaming') ?? false
  }

  #note({ event }: LoggedEvent, time: number): void {
    switch (event.type) {
      case 'turn/started':
        this.#marks.push({ turnId: event.turnId, time, prompt: '' })
        return
      case 'item/started':
        if (event.item.type === 'userMessage')
          this.#notePrompt({ turnId: event.turnId, time, prompt: event.item.text })
        else if (textOf(event.item) !== undefined)
          this.#written.set(event.item.id, { from: time, end: undefined })
        return
      case 'item/completed': {
        const text = textOf(event.item)
        const known = this.#written.get(event.item.id)
        if (known && text !== undefined) {
          this.#written.set(event.item.id, { from: known.from, end: { time, text } })
        }
        return
      }
      case 'edit/fileChanged':
        this.#noteFile(event.file.path)
        return
      case 'edit/hunkChanged':
        this.#noteFile(event.path)
    }
  }

  /** A turn is seen from its prompt on. */
  #notePrompt(asked: TurnMark): void {
    const mark = this.#marks.at(-1)
    if (mark?.turnId === asked.turnId && mark.prompt === '') this.#marks[this.#marks.length - 1] = asked
  }

  #noteFile(path: string): void {
    if (this.#files.at(-1)?.path !== path) this.#files.push({ index: this.#rows.length - 1, path })
  }

  #grown(item: Item, time: number): Item {
    if (!('status' in item) || item.status !== 'streaming') return item
    const written = this.#written.get(item.id)
    if (!written?.end) return item
    const { from, end } = written
    const text = firstPart(end.text, (time - from) / Math.max(1, end.time - from))
    if (item.type === 'agentMessage' || item.type === 'reasoning') return { ...item, text }
    return item.type === 'toolCall' ? { ...item, input: text } : item
  }
}

const rowSeq = ({ seq }: LoggedEvent) => seq

/** The last of a sorted list that is not above `limit`; -1 when all are. */
function lastUpTo<T>(list: readonly T[], limit: number, value: (entry: T) => number): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const entry = list[middle]
    if (entry !== undefined && value(entry) <= limit) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** What a model writes into an item, of those whose text comes by deltas. */
function textOf(item: Item): string | undefined {
  if (item.type === 'agentMessage' || item.type === 'reasoning') return item.text
  return item.type === 'toolCall' ? item.input : undefined
}

/** Never half of a surrogate pair. */
function firstPart(text: string, share: number): string {
  const end = Math.floor(text.length * Math.min(1, Math.max(0, share)))
  const isHigh = /[\uD800-\uDBFF]/.test(text[end - 1] ?? '')
  return text.slice(0, isHigh ? end - 1 : end)
}
