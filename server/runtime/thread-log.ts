import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { ThreadId, TurnId } from '../../core/protocol/ids.ts'
import { limits } from '../../core/protocol/limits.ts'
import { type ThreadState, threadEventSchema, threadStateSchema } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { turnsThrough } from '../../core/state/fork-thread.ts'
import { reduceThread } from '../../core/state/thread-reducer.ts'
import type { Store } from '../store/store.ts'
import type { Timers } from '../timers.ts'

/**
 * Names what a stored state looks like and how it was folded: one of another form is ignored. The schema says the
 * first by itself; raise the number when the reducer folds the same events into something else.
 */
const form = `1-${createHash('sha256')
  .update(JSON.stringify(z.toJSONSchema(threadStateSchema)))
  .digest('hex')}`

const snapshotSchema = z.object({ form: z.literal(form), state: threadStateSchema })

/** Turns written in one go, in UTF-16 code units: nothing else waits longer than that takes. */
const pieceChars = 512 * 1024

interface FoldedThread {
  readonly state: ThreadState
  readonly seq: number
}

interface Options {
  readonly threadId: ThreadId
  readonly store: Store
  readonly timers: Timers
  readonly onBug: (error: unknown, where: string) => void
}

/** One thread's log: folded from the newest kept state and the rest, so that opening it does not grow with its age. */
export class ThreadLog {
  readonly #options: Options
  readonly #topic: string
  /** Up to where the store has a folded state. */
  #kept = 0
  #isKeeping = false

  constructor(options: Options) {
    this.#options = options
    this.#topic = `thread:${options.threadId}`
  }

  /** `undefined`: there is no such thread. */
  async load(): Promise<FoldedThread | undefined> {
    const { store } = this.#options
    let folded = await this.#readSnapshot()
    this.#kept = folded?.seq ?? 0
    for (;;) {
      const since = folded?.seq ?? 0
      const rows = await store.readEvents(this.#topic, since, limits.logPageEvents)
      for (const { seq, body } of rows) {
        folded = { state: reduceThread(folded?.state, threadEventSchema.parse(JSON.parse(body))), seq }
      }
      if (!folded || rows.length < limits.logPageEvents) return folded
      // A server that dies in a long log need not begin anew.
      if (folded.seq - this.#kept >= limits.snapshotLoadedEvents) await this.#keep(folded)
    }
  }

  /** The turns up to one that left the conversation, as they were when it left last. */
  async turnsBack(turnId: TurnId): Promise<readonly Turn[] | undefined> {
    const { store } = this.#options
    let state: ThreadState | undefined
    let found: readonly Turn[] | undefined
    for (let since = 0; ; ) {
      const rows = await store.readEvents(this.#topic, since, limits.logPageEvents)
      for (const { seq, body } of rows) {
        const event = threadEventSchema.parse(JSON.parse(body))
        if (event.type === 'thread/rewound' || event.type === 'thread/unrewound')
          found = turnsThrough(state?.turns ?? [], turnId) ?? found
        state = reduceThread(state, event)
        since = seq
      }
      if (rows.length < limits.logPageEvents) return found
    }
  }

  /** The thread stands still at `folded`, of which all is durable: its state is kept when enough came since the last one. */
  async keep(folded: FoldedThread): Promise<void> {
    if (folded.seq - this.#kept < limits.snapshotEvents || this.#isKeeping) return
    this.#isKeeping = true
    await this.#keep(folded)
    this.#isKeeping = false
  }

  async #keep(folded: FoldedThread): Promise<void> {
    const { store, onBug } = this.#options
    try {
      await store.saveSnapshot(this.#topic, folded.seq, await this.#write(folded.state))
      this.#kept = folded.seq
    } catch (error) {
      // Only a cache: the log has it all.
      onBug(error, 'snapshot of a thread')
    }
  }

  /** In pieces: a long thread is megabytes. */
  async #write({ turns, ...rest }: ThreadState): Promise<string> {
    const { timers } = this.#options
    const pieces: string[] = []
    let chars = 0
    for (const turn of turns) {
      const piece = JSON.stringify(turn)
      pieces.push(piece)
      chars += piece.length
      if (chars < pieceChars) continue
      chars = 0
      await new Promise<void>((resolve) => timers.later(resolve))
    }
    const head = JSON.stringify(rest).slice(0, -1)
    return `{"form":${JSON.stringify(form)},"state":${head},"turns":[${pieces.join(',')}]}}`
  }

  /** What can't be read is as if it were not there. */
  async #readSnapshot(): Promise<FoldedThread | undefined> {
    const { store, threadId } = this.#options
    const row = await store.readSnapshot(this.#topic)
    if (row === undefined) return undefined
    const read = parseSnapshot(row.state)
    // A state from beyond the log (a log that was put back from a backup) would hide what is written next.
    if (read?.id !== threadId || row.seq > (await store.headSeq(this.#topic))) return undefined
    return { state: read, seq: row.seq }
  }
}

function parseSnapshot(text: string): ThreadState | undefined {
  try {
    return snapshotSchema.safeParse(JSON.parse(text)).data?.state
  } catch {
    return undefined
  }
}
