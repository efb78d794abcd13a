import { type CompiledQuery, type Kysely, sql } from 'kysely'
import type { Tables } from './schema.ts'
import type { DiskMark, EffectWrite, EventRow, JobWrite, NewJobRow, ScheduleRowWrite } from './store.ts'

/** One statement of a write. `changes`: how many rows it must touch, else the whole write is refused with `otherwise`. */
export interface Step {
  readonly query: CompiledQuery
  readonly must?: { readonly changes: number; readonly otherwise: string }
}

export type Database = Kysely<Tables>

/** What is written for each turn and each moment of running text is put into words once: that costs more than to write it. */
const worded = new WeakMap<Database, Map<string, CompiledQuery>>()

/** `parameters`: in the order in which the query has them. */
function reused(
  db: Database,
  name: string,
  parameters: readonly unknown[],
  build: () => CompiledQuery,
): CompiledQuery {
  const known = worded.get(db) ?? new Map<string, CompiledQuery>()
  worded.set(db, known)
  const query = known.get(name) ?? build()
  known.set(name, query)
  return { ...query, parameters }
}

/** The writes of the store: each is a list of steps that happen together or not at all. */
export const writes = {
  appendEvents(db: Database, topic: string, rows: readonly EventRow[]): readonly Step[] {
    const first = rows[0]
    const last = rows.at(-1)
    if (first === undefined || last === undefined) return []
    return [
      {
        query: reused(db, 'topic', [topic, 0], () =>
          db
            .insertInto('topic')
            .values({ name: topic, head: 0 })
            .onConflict((conflict) => conflict.column('name').doNothing())
            .compile(),
        ),
      },
      {
        query: reused(db, 'head', [last.seq, topic, first.seq - 1], () =>
          db
            .updateTable('topic')
            .set({ head: last.seq })
            .where('name', '=', topic)
            .where('head', '=', first.seq - 1)
            .compile(),
        ),
        must: { changes: 1, otherwise: `${topic}: seq ${first.seq} does not follow the head` },
      },
      ...rows.map(({ seq, at, body }) => ({
        query: reused(db, 'event', [topic, seq, at, body], () =>
          db.insertInto('event').values({ topic, seq, at, body }).compile(),
        ),
      })),
    ]
  },

  saveSnapshot(db: Database, topic: string, seq: number, state: string): readonly Step[] {
    const query = db
      .insertInto('snapshot')
      .values({ topic, seq, state })
      .onConflict((conflict) => conflict.column('topic').doUpdateSet({ seq, state }))
      .compile()
    return [{ query }]
  },

  /** Its last step answers the row's number. */
  appendUpdate(
    db: Database,
    document: string,
    data: Uint8Array,
    times: Uint8Array | undefined,
  ): readonly Step[] {
    const query = reused(db, 'update', [document, data, times ?? null, document], () =>
      db
        .insertInto('journal')
        .columns(['document', 'row', 'data', 'times'])
        .expression((from) =>
          from
            .selectFrom('journal')
            .select([
              sql.val(document).as('document'),
              sql<number>`coalesce(max(${sql.ref('row')}), 0) + 1`.as('row'),
              sql.val(data).as('data'),
              sql.val(times ?? null).as('times'),
            ])
            .where('document', '=', document),
        )
        .returning('row')
        .compile(),
    )
    return [{ query }]
  },

  compactJournal(
    db: Database,
    document: string,
    upTo: number,
    snapshot: Uint8Array,
    disk: DiskMark,
    times: Uint8Array | undefined,
  ): readonly Step[] {
    return [
      {
        query: db.deleteFrom('journal').where('document', '=', document).where('row', '<=', upTo).compile(),
      },
      {
        query: db
          .insertInto('journal')
          .values({ document, row: upTo, data: snapshot, times: times ?? null })
          .compile(),
      },
      ...writes.markDisk(db, document, disk),
    ]
  },

  markDisk(db: Database, document: string, { hash, row }: DiskMark): readonly Step[] {
    const query = db
      .insertInto('disk_mark')
      .values({ document, hash, row })
      .onConflict((conflict) => conflict.column('document').doUpdateSet({ hash, row }))
      .compile()
    return [{ query }]
  },

  deleteJournal(db: Database, document: string): readonly Step[] {
    return [
      {
        query: reused(db, 'no journal', [document], () =>
          db.deleteFrom('journal').where('document', '=', document).compile(),
        ),
      },
      {
        query: reused(db, 'no mark', [document], () =>
          db.deleteFrom('disk_mark').where('document', '=', document).compile(),
        ),
      },
    ]
  },

  setValue(db: Database, key: string, value: string): readonly Step[] {
    const query = db
      .insertInto('setting')
      .values({ key, value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
      .compile()
    return [{ query }]
  },

  addJob(db: Database, { id, head, body }: NewJobRow): readonly Step[] {
    return [{ query: db.insertInto('job').values({ id, fence: 0, head, body }).compile() }]
  },

  /** Its last step answers the fence. */
  claimJob(db: Database, id: string): readonly Step[] {
    const query = db
      .updateTable('job')
      .set(({ eb }) => ({ fence: eb('fence', '+', 1) }))
      .where('id', '=', id)
      .returning('fence')
      .compile()
    return [{ query }]
  },

  removeJob(db: Database, id: string): readonly Step[] {
    return [
      { query: db.deleteFrom('job').where('id', '=', id).compile() },
      { query: db.deleteFrom('job_step').where('job', '=', id).compile() },
    ]
  },

  writeEffect(db: Database, id: string, { from, ...change }: EffectWrite): readonly Step[] {
    const query = db.updateTable('effect').set(change).where('id', '=', id).where('state', '=', from)
    const otherwise = `${id}: it is not ${from} any more`
    return [{ query: query.compile(), must: { changes: 1, otherwise } }]
  },

  removeEffect(db: Database, id: string): readonly Step[] {
    return [{ query: db.deleteFrom('effect').where('id', '=', id).compile() }]
  },

  addSchedule(
    db: Database,
    id: string,
    { due, body }: { readonly due: number; readonly body: string },
  ): readonly Step[] {
    return [{ query: db.insertInto('schedule').values({ id, version: 1, due, body }).compile() }]
  },

  writeSchedule(db: Database, id: string, { version, due, body }: ScheduleRowWrite): readonly Step[] {
    const query = db
      .updateTable('schedule')
      .set({ version: version + 1, due, body })
      .where('id', '=', id)
      .where('version', '=', version)
      .compile()
    return [{ query, must: { changes: 1, otherwise: `${id}: it was written since` } }]
  },

  removeSchedule(db: Database, id: string): readonly Step[] {
    return [{ query: db.deleteFrom('schedule').where('id', '=', id).compile() }]
  },

  writeJob(
    db: Database,
    id: string,
    { fence, from, head, body, step, effects = [] }: JobWrite,
  ): readonly Step[] {
    const job: Step = {
      query: db
        .updateTable('job')
        .set({ head, body })
        .where('id', '=', id)
        .where('fence', '=', fence)
        .where('head', '=', from)
        .compile(),
      must: { changes: 1, otherwise: `${id}: fence ${fence} or head ${from} is not the job's any more` },
    }
    const wanted = effects.map((effect) => ({
      query: db
        .insertInto('effect')
        .values({ ...effect, job: id, state: 'waiting', attempts: 0, due: 0 })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .compile(),
    }))
    if (!step) return [job, ...wanted]
    const { n, answer } = step
    const change = { body: step.body, ...(answer !== undefined && { answer }) }
    const query = db
      .insertInto('job_step')
      .values({ job: id, n, body: step.body, answer: answer ?? null })
      .onConflict((conflict) => conflict.columns(['job', 'n']).doUpdateSet(change))
      .compile()
    return [job, { query }, ...wanted]
  },
}
