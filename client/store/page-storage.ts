import { createDurableStorage } from './durable-storage.ts'
import { afterPaint, scheduleFrame } from './frame-schedule.ts'
import { createIndexedJournal } from './indexed-journal.ts'
import { pageClock } from './page-clock.ts'
import type { KeyValueStorage } from './slice.ts'

/** The page does not wait longer for a disk: what comes later is there at the next start. */
const patienceMs = 1500

/** What this browser keeps, as it was left; also after it was killed. Small: the page loads it before all else. */
export async function openPageStorage(): Promise<KeyValueStorage> {
  const journal = createIndexedJournal(window.indexedDB)
  const storage = createDurableStorage({
    storage: window.localStorage,
    journal,
    now: () => pageClock.now(),
    // Not between a key and its letter.
    schedule: (run) => scheduleFrame(() => afterPaint(run)),
  })
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) storage.flush()
  })
  const read = journal.readAll().then((records) => {
    // Where nothing can be removed it stays.
    storage.putBack(records).catch(() => {})
    return storage
  })
  const late = new Promise<KeyValueStorage>((resolve) => setTimeout(() => resolve(storage), patienceMs))
  // Some private windows have no journal: theirs ends with them.
  return Promise.race([read, late]).catch(() => window.localStorage)
}
