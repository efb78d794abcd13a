import { RequestError } from '../../core/protocol/errors.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { QueuedPrompt, QueueId } from '../../core/protocol/queue.ts'
import type { ThreadEvent, ThreadState } from '../../core/protocol/thread.ts'
import { changeQueue, type QueueChange } from '../../core/state/prompt-queue.ts'

interface Options {
  readonly state: () => ThreadState
  /** A turn runs or is about to. */
  readonly isBusy: () => boolean
  readonly publish: (event: ThreadEvent) => void
  readonly stored: () => Promise<void>
  /** Begins a turn with the prompt; its event takes the prompt out of the queue. */
  readonly start: (prompt: QueuedPrompt) => Promise<unknown>
  /** While the work runs the thread stays in memory. */
  readonly hold: <T>(work: () => Promise<T>) => Promise<T>
}

/** The prompts of one thread that wait for the turns before them. They live in the thread's log. */
export class PromptQueue {
  readonly #options: Options

  constructor(options: Options) {
    this.#options = options
  }

  /** Resolves when the change is durable. */
  change(change: QueueChange): Promise<void> {
    const { state, stored, hold } = this.#options
    return hold(async () => {
      const { queue = [], queuePaused = false, turns } = state()
      const hasRun = change.type === 'add' && turns.some(({ queueId }) => queueId === change.prompt.id)
      const next = hasRun ? queue : changeQueue(queue, change)
      if (next.length > limits.queuedPrompts) {
        throw new RequestError('tooLarge', `At most ${limits.queuedPrompts} prompts can wait; remove some.`)
      }
      if (next !== queue) this.#publish(next, queuePaused)
      await stored()
      if (!queuePaused) this.#runNext()
    })
  }

  /** A queue that was paused goes on. */
  resume(): Promise<void> {
    const { stored, hold } = this.#options
    return hold(async () => {
      this.unpause()
      await stored()
      this.#runNext()
    })
  }

  /** It goes on after the turn that has just begun. */
  unpause(): void {
    const { queue = [], queuePaused } = this.#options.state()
    if (queuePaused) this.#publish(queue, false)
  }

  /** A turn is over, or the thread was found again after a restart. */
  onSettled(): void {
    const { turns, queue = [], queuePaused = false } = this.#options.state()
    if (queue.length === 0 || queuePaused) return
    const last = turns.at(-1)
    if (last && last.status !== 'completed') this.#publish(queue, true)
    else this.wake()
  }

  /** What kept the next prompt from beginning may be over. */
  wake(): void {
    // Not from within what has just settled a turn.
    queueMicrotask(() => this.#runNext())
  }

  /** What the first prompt says now. It may have been edited, moved or removed while its turn was made ready. */
  first(id: QueueId): string {
    const [first] = this.#options.state().queue ?? []
    if (first?.id !== id)
      throw new RequestError('conflict', 'That prompt is not the next in the queue any more.')
    return first.text
  }

  #runNext(): void {
    const { state, isBusy, start, hold } = this.#options
    const { queue = [], queuePaused } = state()
    const [first] = queue
    if (!first || queuePaused || isBusy()) return
    void hold(() => start(first)).catch((error: unknown) => {
      // Somebody else began a turn just now, or another prompt is the first: the queue goes on by itself.
      if (error instanceof RequestError && error.code === 'conflict') return
      const problem = error instanceof Error ? error.message : String(error)
      const { queue: left = [] } = state()
      if (left.some(({ id }) => id === first.id)) {
        this.#publish(
          left.map((entry) => (entry.id === first.id ? { ...entry, problem } : entry)),
          true,
        )
      }
    })
  }

  #publish(queue: readonly QueuedPrompt[], paused: boolean): void {
    this.#options.publish({ type: 'queue/changed', queue: [...queue], paused })
  }
}
