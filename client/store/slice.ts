import type { Clock } from '../../core/lib/clock.ts'
import type { Random } from '../../core/lib/random.ts'
import type { Connection } from '../connection/connection.ts'

/** What the page lends the store. Tests lend their own. */
export interface WorkbenchDeps {
  readonly connection: Connection
  readonly clock: Clock
  readonly random: Random
  /** Survives a reload, and in life the end of the browser. */
  readonly storage: KeyValueStorage
  /** Calls back once before the next paint, or after a few milliseconds in a hidden tab. Returns the cancel. */
  readonly schedule: (flush: () => void) => () => void
  /** The same for what others write: where frames have become long it lets some pass. */
  readonly scheduleOthers: (flush: () => void) => () => void
  /** The same for documents behind the shown one. */
  readonly scheduleUnseen: (flush: () => void) => () => void
  /** Calls back when what was changed just now has been painted; never in a tab that paints nothing. */
  readonly afterPaint: (run: () => void) => void
}

export interface KeyValueStorage {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** What a slice gets of the store: `S` is its own state and what it reads of others. Never import store.ts from a slice. */
export interface SliceTools<S> {
  get(): S
  set(partial: Partial<S>): void
  readonly deps: WorkbenchDeps
}
