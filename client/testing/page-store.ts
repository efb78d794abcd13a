import { ManualClock } from '../../core/lib/clock.ts'
import { seededRandom } from '../../core/lib/random.ts'
import { createFakeRelay, type FakeRelay } from '../../core/testing/fake-relay.ts'
import { createManualTimers } from '../../core/testing/manual-timers.ts'
import { createConnection } from '../connection/relay-connection.ts'
import type { KeyValueStorage } from '../store/slice.ts'
import { createWorkbenchStore, type WorkbenchStore } from '../store/store.ts'

export function memoryStorage(): KeyValueStorage {
  const values = new Map<string, string>()
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => values.set(key, value),
    removeItem: (key) => values.delete(key),
  }
}

/** A page's store on a relay in memory that has one topic. */
export function createPageStore(options: {
  readonly topic: string
  readonly state: () => unknown
  readonly storage: KeyValueStorage
}): { readonly relay: FakeRelay; readonly store: WorkbenchStore } {
  const { topic, state, storage } = options
  const relay = createFakeRelay({ topic, state })
  const connection = createConnection({
    dial: relay.dial,
    clock: new ManualClock(),
    timers: createManualTimers(),
    random: seededRandom(1),
    onWake: () => () => {},
  })
  const schedule = (flush: () => void) => {
    let isDue = true
    queueMicrotask(() => isDue && flush())
    return () => {
      isDue = false
    }
  }
  const store = createWorkbenchStore({
    connection,
    clock: new ManualClock(),
    random: seededRandom(2),
    storage,
    schedule,
    scheduleOthers: schedule,
    scheduleUnseen: schedule,
    afterPaint: (run) => queueMicrotask(run),
  })
  return { relay, store }
}
