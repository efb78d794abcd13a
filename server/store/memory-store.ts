import type { DiskMark, EventRow, Store } from './store.ts'

interface Journal {
  rows: { readonly row: number; readonly update: Uint8Array }[]
  disk: DiskMark | undefined
}

/** The store of tests: the same behaviour, nothing kept. */
export function createMemoryStore(): Store {
  const events = new Map<string, EventRow[]>()
  const snapshots = new Map<string, { readonly seq: number; readonly state: string }>()
  const journals = new Map<string, Journal>()
  const values = new Map<string, string>()

  function head(topic: string): number {
    return events.get(topic)?.at(-1)?.seq ?? 0
  }

  return {
    async appendEvents(topic, rows) {
      rows.forEach((row, index) => {
        const expected = head(topic) + 1 + index
        if (row.seq !== expected) throw new Error(`${topic}: seq ${row.seq} where ${expected} was due`)
      })
      const kept = events.get(topic) ?? []
      kept.push(...rows.map((row) => ({ ...row })))
      if (rows.length > 0) events.set(topic, kept)
    },
    async readEvents(topic, since, limit) {
      const rows = (events.get(topic) ?? []).filter((row) => row.seq > since)
      return limit === undefined ? rows : rows.slice(0, limit)
    },
    async searchEvents(topic, { since, starts, text, limit }) {
      const wanted = text.toLowerCase()
      const rows = (events.get(topic) ?? []).filter(
        ({ seq, body }) =>
          seq > since &&
          starts.some((start) => body.startsWith(start)) &&
          body.toLowerCase().includes(wanted),
      )
      return rows.slice(0, limit)
    },
    async headSeq(topic) {
      return head(topic)
    },
    async topics(prefix) {
      return [...events.keys()].filter((topic) => topic.startsWith(prefix)).sort()
    },
    async saveSnapshot(topic, seq, state) {
      snapshots.set(topic, { seq, state })
    },
    async readSnapshot(topic) {
      return snapshots.get(topic)
    },
    async appendUpdate(documentKey, update) {
      const journal = journals.get(documentKey) ?? { rows: [], disk: undefined }
      const row = (journal.rows.at(-1)?.row ?? 0) + 1
      journal.rows.push({ row, update: Uint8Array.from(update) })
      journals.set(documentKey, journal)
      return row
    },
    async readJournal(documentKey) {
      const journal = journals.get(documentKey)
      if (journal === undefined) return undefined
      return {
        updates: journal.rows.map((entry) => entry.update),
        rows: journal.rows.map((entry) => entry.row),
        lastRow: journal.rows.at(-1)?.row ?? 0,
        disk: journal.disk,
      }
    },
    async compactJournal(documentKey, upTo, snapshot, disk) {
      const journal = journals.get(documentKey) ?? { rows: [], disk: undefined }
      const later = journal.rows.filter((entry) => entry.row > upTo)
      journals.set(documentKey, { rows: [{ row: upTo, update: Uint8Array.from(snapshot) }, ...later], disk })
    },
    async markDisk(documentKey, disk) {
      const journal = journals.get(documentKey) ?? { rows: [], disk: undefined }
      journal.disk = disk
      journals.set(documentKey, journal)
    },
    async deleteJournal(documentKey) {
      journals.delete(documentKey)
    },
    async getValue(key) {
      return values.get(key)
    },
    async setValue(key, value) {
      values.set(key, value)
    },
    async close() {},
  }
}
