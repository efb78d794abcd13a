import { z } from 'zod'
import { hunkIdSchema, rewindIdSchema, turnIdSchema } from '../../core/protocol/ids.ts'
import { rewindScopeSchema } from '../../core/protocol/rewind.ts'
import type { Store } from '../store/store.ts'

const revertSchema = z.union([
  z.object({ turnId: turnIdSchema, direction: z.enum(['undo', 'redo']) }),
  /** Hunks that were undone, or brought back, one by one. */
  z.object({ hunkIds: z.array(hunkIdSchema), direction: z.enum(['undo', 'redo']) }),
  z.object({ rewindId: rewindIdSchema, turnId: turnIdSchema, what: rewindScopeSchema }),
  z.object({ unrewindId: rewindIdSchema }),
])
export type Revert = z.infer<typeof revertSchema>

interface Options {
  readonly threadId: string
  readonly store: Store
  readonly onBug: (error: unknown, where: string) => void
}

/** Notes which undo or redo of a thread is under way: it changes files one by one, and a crash may come in between. */
export class UnfinishedRevert {
  readonly #options: Options
  readonly #key: string

  constructor(options: Options) {
    this.#options = options
    this.#key = `reverting:${options.threadId}`
  }

  /** Resolves when it is durable. */
  note(revert: Revert): Promise<void> {
    return this.#options.store.setValue(this.#key, JSON.stringify(revert))
  }

  async read(): Promise<Revert | undefined> {
    const text = await this.#options.store.getValue(this.#key)
    return text === undefined || text === '' ? undefined : revertSchema.parse(JSON.parse(text))
  }

  /** It came to its end. Noted too long it costs a look after a restart, no more. */
  clear(): void {
    const { store, onBug } = this.#options
    store.setValue(this.#key, '').catch((error) => onBug(error, 'end of an undo'))
  }
}
