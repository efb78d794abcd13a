import type { KeyValueStorage } from './slice.ts'

/** How one key was left; `null`: taken out. */
export interface JournalRecord {
  readonly key: string
  /** Greater than that of every write of the key before; about when it was written, in milliseconds. */
  readonly stamp: number
  readonly value: string | null
}

/** A second place that is slow to read but soon on the disk. */
export interface Journal {
  readAll(): Promise<readonly JournalRecord[]>
  /** All of them or none, on the disk when it settles. What is older of their keys goes. */
  write(records: readonly JournalRecord[]): Promise<void>
  remove(records: readonly JournalRecord[]): Promise<void>
}

export interface DurableStorage extends KeyValueStorage {
  /** Writes the journal now: the page may be stopped. */
  flush(): void
  /** What the journal has and the storage lost is written again. */
  putBack(records: readonly JournalRecord[]): Promise<void>
}

const stampKeyOf = (key: string) => `tandem.at.${key}`
/** After so long the storage is on the disk: browsers take seconds, and where much is written minutes. */
const settledMs = 24 * 60 * 60 * 1000

/**
 * A storage that a killed browser takes nothing from. Browsers answer from memory and write to the disk much later; so
 * each write goes to a journal too, with a stamp that also stands in the storage. Where the journal's is the greater
 * one, the storage has gone back in time. The stamp follows its value, so that one cut off between them is the smaller.
 */
export function createDurableStorage(options: {
  /** What all pages of the browser share. */
  readonly storage: KeyValueStorage
  readonly journal: Journal
  readonly now: () => number
  /** Calls back once when there is time. Returns the cancel. */
  readonly schedule: (run: () => void) => () => void
}): DurableStorage {
  const { storage, journal, now, schedule } = options
  const waiting = new Map<string, JournalRecord>()
  let lastStamp = 0
  let isWriting = false
  let cancel: (() => void) | undefined

  const stampOf = (key: string) => Number(storage.getItem(stampKeyOf(key)) ?? 0)

  function write(key: string, value: string | null): void {
    if (value === null) storage.removeItem(key)
    else storage.setItem(key, value)
    lastStamp = Math.max(now(), stampOf(key) + 1, lastStamp + 1)
    try {
      storage.setItem(stampKeyOf(key), String(lastStamp))
    } catch {
      // A full storage: the next start takes the journal's word, which is the same.
    }
    waiting.set(key, { key, stamp: lastStamp, value })
    request()
  }

  function request(): void {
    if (!isWriting) cancel ??= schedule(flush)
  }

  async function flush(): Promise<void> {
    cancel?.()
    cancel = undefined
    // What another tab has changed since is that one's to write: told late, it would outlive that.
    const records = [...waiting.values()].filter(({ key, value }) => storage.getItem(key) === value)
    waiting.clear()
    if (records.length === 0) return
    isWriting = true
    // Without the journal what is kept is as safe as the browser makes it.
    await journal.write(records).catch(() => {})
    isWriting = false
    if (waiting.size > 0) request()
  }

  return {
    getItem: (key) => storage.getItem(key),
    setItem(key, value) {
      if (storage.getItem(key) !== value) write(key, value)
    },
    removeItem(key) {
      if (storage.getItem(key) !== null) write(key, null)
    },
    flush,
    async putBack(records) {
      const inOrder = records.toSorted((a, b) => a.stamp - b.stamp)
      const newest = new Map(inOrder.map((record) => [record.key, record]))
      const lost = [...newest.values()].filter(({ key, stamp }) => stamp > stampOf(key))
      const settled = records.filter((record) => record.stamp < now() - settledMs && !lost.includes(record))
      // The clock may have been set back.
      lastStamp = Math.max(lastStamp, inOrder.at(-1)?.stamp ?? 0)
      for (const { key, value } of lost) {
        try {
          write(key, value)
        } catch {
          // No room for it: the journal has it for the next start.
        }
      }
      if (settled.length === 0) return
      await journal.remove(settled)
      for (const { key, stamp } of settled) if (stampOf(key) === stamp) storage.removeItem(stampKeyOf(key))
    },
  }
}
