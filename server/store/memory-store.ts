import type { DiskMark, EffectRow, EventRow, JobRow, JobStepRow, ScheduleRow, Store } from './store.ts'

interface Journal {
  rows: {
    readonly row: number
    readonly update: Uint8Array
    readonly times?: Uint8Array | undefined
  }[]
  disk: DiskMark | undefined
}

/** The store of tests: the same behaviour, nothing kept. */
export function createMemoryStore(): Store {
  const events = new Map<string, EventRow[]>()
  const snapshots = new Map<string, { readonly seq: number; readonly state: string }>()
  const journals = new Map<string, Journal>()
  const values = new Map<string, string>()
  const jobs = new Map<string, JobRow>()
  const steps = new Map<string, JobStepRow>()
  const effects = new Map<string, EffectRow>()
  const schedules = new Map<string, ScheduleRow>()

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
    async appendUpdate(documentKey, update, times) {
      const journal = journals.get(documentKey) ?? { rows: [], disk: undefined }
      const row = (journal.rows.at(-1)?.row ?? 0) + 1
      journal.rows.push({ row, update: Uint8Array.from(update), times })
      journals.set(documentKey, journal)
      return row
    },
    async readJournal(documentKey) {
      const journal = journals.get(documentKey)
      if (journal === undefined) return undefined
      return {
        updates: journal.rows.map((entry) => entry.update),
        times: journal.rows.flatMap(({ times }) => times ?? []),
        rows: journal.rows.map((entry) => entry.row),
        lastRow: journal.rows.at(-1)?.row ?? 0,
        disk: journal.disk,
      }
    },
    async compactJournal(documentKey, upTo, snapshot, disk, times) {
      const journal = journals.get(documentKey) ?? { rows: [], disk: undefined }
      const later = journal.rows.filter((entry) => entry.row > upTo)
      const first = { row: upTo, update: Uint8Array.from(snapshot), times }
      journals.set(documentKey, { rows: [first, ...later], disk })
    },
    async markDisk(documentKey, disk) {
      const journal = journals.get(documentKey) ?? { rows: [], disk: undefined }
      journal.disk = disk
      journals.set(documentKey, journal)
    },
    async markedDocuments(prefix) {
      return [...journals]
        .flatMap(([key, { disk }]) => (disk && key.startsWith(prefix) ? [{ key, hash: disk.hash }] : []))
        .sort((a, b) => (a.key < b.key ? -1 : 1))
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
    async addJobs(added) {
      for (const { id } of added) if (jobs.has(id)) throw new Error(`There is a job ${id} already.`)
      for (const job of added) jobs.set(job.id, { ...job, fence: 0 })
    },
    async readJobs() {
      return [...jobs.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
    },
    async claimJob(id) {
      const row = jobs.get(id)
      if (!row) throw new Error(`There is no job ${id}.`)
      jobs.set(id, { ...row, fence: row.fence + 1 })
      return row.fence + 1
    },
    async writeJob(id, { fence, from, head, body, step, effects: wanted = [] }) {
      const row = jobs.get(id)
      if (row?.fence !== fence || row.head !== from)
        throw new Error(`${id}: fence ${fence} or head ${from} is not the job's any more`)
      jobs.set(id, { id, fence, head, body })
      for (const effect of wanted) {
        if (effects.has(effect.id)) continue
        effects.set(effect.id, { ...effect, job: id, state: 'waiting', attempts: 0, due: 0 })
      }
      if (!step) return
      const key = `${id}/${step.n}`
      steps.set(key, { n: step.n, body: step.body, answer: step.answer ?? steps.get(key)?.answer })
    },
    async removeJob(id) {
      jobs.delete(id)
      for (const key of steps.keys()) if (key.startsWith(`${id}/`)) steps.delete(key)
    },
    async readEffects() {
      return [...effects.values()].sort((a, b) => a.due - b.due || (a.id < b.id ? -1 : 1))
    },
    async writeEffect(id, { from, ...change }) {
      const row = effects.get(id)
      if (row?.state !== from) throw new Error(`${id}: it is not ${from} any more`)
      effects.set(id, { ...row, ...change })
    },
    async removeEffect(id) {
      effects.delete(id)
    },
    async addSchedule(id, schedule) {
      if (schedules.has(id)) throw new Error(`There is a schedule ${id} already.`)
      schedules.set(id, { id, version: 1, ...schedule })
    },
    async readSchedules() {
      return [...schedules.values()].sort((a, b) => a.due - b.due || (a.id < b.id ? -1 : 1))
    },
    async writeSchedule(id, { version, ...change }) {
      if (schedules.get(id)?.version !== version) throw new Error(`${id}: it was written since`)
      schedules.set(id, { id, version: version + 1, ...change })
    },
    async removeSchedule(id) {
      schedules.delete(id)
    },
    async readJobStep(id, n) {
      return steps.get(`${id}/${n}`)
    },
    async close() {},
  }
}
