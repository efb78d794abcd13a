import { RequestError } from '../../core/protocol/errors.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { Timers } from '../timers.ts'
import type { RunProgram } from '../workspace/run-process.ts'

const noRoom = /No space left on device|Disk quota exceeded/

/** Of a disk that is full: what a job has to write waits until there is room, for as long as that takes. */
export class DiskRoom {
  readonly #timers: Timers
  readonly #isOver: () => boolean

  /** `isOver`: the server ends, and nothing is waited for any more. */
  constructor({ timers, isOver }: { readonly timers: Timers; readonly isOver: () => boolean }) {
    this.#timers = timers
    this.#isOver = isOver
  }

  /** Does it again until the store takes it. */
  async stored<T>(write: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await write()
      } catch (error) {
        const isRefused = error instanceof RequestError && error.code === 'storageFailed'
        if (!isRefused || this.#isOver()) throw error
      }
      await this.#pause()
    }
  }

  /** Resolves when it holds; rejects when the server ends before. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.#isOver()) throw new RequestError('storageFailed', 'The server ended before there was room.')
      await this.#pause()
    }
  }

  /** Starts a program again as long as it ends for want of room. */
  program(run: RunProgram): RunProgram {
    return async (program) => {
      for (;;) {
        const done = await run(program)
        if (done.code === 0 || !noRoom.test(done.problem) || this.#isOver()) return done
        await this.#pause()
      }
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => void this.#timers.after(limits.diskRetryMs, resolve))
  }
}
