import { sql } from 'kysely'
import { type Database, type Step, writes } from './queries.ts'
import type { EffectState, Store } from './store.ts'

export type Row = Readonly<Record<string, unknown>>

export interface SqlBackend {
  readonly db: Database
  /** Runs the steps in one transaction; resolves when it is durable, with the rows of the last step. */
  commit(steps: readonly Step[]): Promise<readonly Row[]>
  close(): Promise<void>
}

/** The store over SQL: the same queries whichever database runs them. */
export function createSqlStore({ db, commit, close }: SqlBackend): Store {
  async function write(steps: readonly Step[]): Promise<void> {
    if (steps.length > 0) await commit(steps)
  }

  return {
    async appendEvents(topic, rows) {
      rows.forEach((row, index) => {
        const due = (rows[0]?.seq ?? 0) + index
        if (row.seq !== due) throw new Error(`${topic}: seq ${row.seq} where ${due} was due`)
      })
      await write(writes.appendEvents(db, topic, rows))
    },

    async readEvents(topic, since, limit) {
      const query = db
        .selectFrom('event')
        .select(['seq', 'at', 'body'])
        .where('topic', '=', topic)
        .where('seq', '>', since)
        .orderBy('seq')
      return await (limit === undefined ? query : query.limit(limit)).execute()
    },

    async searchEvents(topic, { since, starts, text, limit }) {
      const pattern = `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
      return await db
        .selectFrom('event')
        .select(['seq', 'at', 'body'])
        .where('topic', '=', topic)
        .where('seq', '>', since)
        .where(({ eb, or }) =>
          or(starts.map((start) => eb(sql`substr(body, 1, ${Array.from(start).length})`, '=', start))),
        )
        .where(sql<boolean>`lower(body) like ${pattern} escape '\\'`)
        .orderBy('seq')
        .limit(limit)
        .execute()
    },

    async headSeq(topic) {
      const row = await db.selectFrom('topic').select('head').where('name', '=', topic).executeTakeFirst()
      return row?.head ?? 0
    },

    async topics(prefix) {
      const rows = await db
        .selectFrom('topic')
        .select('name')
        .where(sql`substr(name, 1, ${Array.from(prefix).length})`, '=', prefix)
        .orderBy('name')
        .execute()
      return rows.map((row) => row.name)
    },

    async saveSnapshot(topic, seq, state) {
      await write(writes.saveSnapshot(db, topic, seq, state))
    },

    async readSnapshot(topic) {
      return await db
        .selectFrom('snapshot')
        .select(['seq', 'state'])
        .where('topic', '=', topic)
        .executeTakeFirst()
    },

    async appendUpdate(documentKey, update, times) {
      const rows = await commit(writes.appendUpdate(db, documentKey, update, times))
      const row = rows[0]?.row
      if (typeof row !== 'number') throw new Error('The journal gave no row number.')
      return row
    },

    async readJournal(documentKey) {
      const [rows, disk] = await Promise.all([
        db
          .selectFrom('journal')
          .select(['row', 'data', 'times'])
          .where('document', '=', documentKey)
          .orderBy('row')
          .execute(),
        db
          .selectFrom('disk_mark')
          .select(['hash', 'row'])
          .where('document', '=', documentKey)
          .executeTakeFirst(),
      ])
      if (rows.length === 0 && disk === undefined) return undefined
      return {
        updates: rows.map((entry) => entry.data),
        times: rows.flatMap(({ times }) => times ?? []),
        rows: rows.map((entry) => entry.row),
        lastRow: rows.at(-1)?.row ?? 0,
        disk,
      }
    },

    async compactJournal(documentKey, upTo, snapshot, disk, times) {
      await write(writes.compactJournal(db, documentKey, upTo, snapshot, disk, times))
    },

    async markDisk(documentKey, disk) {
      await write(writes.markDisk(db, documentKey, disk))
    },

    async markedDocuments(prefix) {
      const rows = await db
        .selectFrom('disk_mark')
        .select(['document', 'hash'])
        .where(sql`substr(document, 1, ${Array.from(prefix).length})`, '=', prefix)
        .orderBy('document')
        .execute()
      return rows.map(({ document, hash }) => ({ key: document, hash }))
    },

    async deleteJournal(documentKey) {
      await write(writes.deleteJournal(db, documentKey))
    },

    async getValue(key) {
      const row = await db.selectFrom('setting').select('value').where('key', '=', key).executeTakeFirst()
      return row?.value
    },

    async setValue(key, value) {
      await write(writes.setValue(db, key, value))
    },

    async addJobs(jobs) {
      await write(jobs.flatMap((job) => writes.addJob(db, job)))
    },

    async readJobs() {
      return await db.selectFrom('job').select(['id', 'fence', 'head', 'body']).orderBy('id').execute()
    },

    async claimJob(id) {
      const rows = await commit(writes.claimJob(db, id))
      const fence = rows[0]?.fence
      if (typeof fence !== 'number') throw new Error(`There is no job ${id}.`)
      return fence
    },

    async writeJob(id, job) {
      await write(writes.writeJob(db, id, job))
    },

    async readEffects() {
      const rows = await db
        .selectFrom('effect')
        .select(['id', 'job', 'state', 'attempts', 'due', 'body'])
        .orderBy('due')
        .orderBy('id')
        .execute()
      return rows.map((row) => ({ ...row, state: effectState(row.state) }))
    },

    async writeEffect(id, effect) {
      await write(writes.writeEffect(db, id, effect))
    },

    async removeEffect(id) {
      await write(writes.removeEffect(db, id))
    },

    async addSchedule(id, schedule) {
      await write(writes.addSchedule(db, id, schedule))
    },

    async readSchedules() {
      return await db
        .selectFrom('schedule')
        .select(['id', 'version', 'due', 'body'])
        .orderBy('due')
        .orderBy('id')
        .execute()
    },

    async writeSchedule(id, schedule) {
      await write(writes.writeSchedule(db, id, schedule))
    },

    async removeSchedule(id) {
      await write(writes.removeSchedule(db, id))
    },

    async removeJob(id) {
      await write(writes.removeJob(db, id))
    },

    async readJobStep(id, n) {
      const row = await db
        .selectFrom('job_step')
        .select(['n', 'body', 'answer'])
        .where('job', '=', id)
        .where('n', '=', n)
        .executeTakeFirst()
      return row && { n: row.n, body: row.body, answer: row.answer ?? undefined }
    },

    close,
  }
}

/** A later version may know more; what is not understood is not tried. */
function effectState(stored: string): EffectState {
  return stored === 'waiting' || stored === 'sending' ? stored : 'doubt'
}
