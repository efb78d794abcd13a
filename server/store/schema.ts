import type { Migration } from 'kysely/migration'

/** The tables as the queries see them. */
export interface Tables {
  readonly topic: { readonly name: string; readonly head: number }
  readonly event: {
    readonly topic: string
    readonly seq: number
    readonly at: number
    readonly body: string
  }
  readonly snapshot: { readonly topic: string; readonly seq: number; readonly state: string }
  readonly journal: {
    readonly document: string
    readonly row: number
    readonly data: Uint8Array
    readonly times: Uint8Array | null
  }
  readonly disk_mark: { readonly document: string; readonly hash: string; readonly row: number }
  readonly setting: { readonly key: string; readonly value: string }
  readonly job: {
    readonly id: string
    readonly fence: number
    readonly head: string
    readonly body: string
  }
  readonly job_step: {
    readonly job: string
    readonly n: number
    readonly body: string
    readonly answer: string | null
  }
  readonly effect: {
    readonly id: string
    readonly job: string
    readonly state: string
    readonly attempts: number
    readonly due: number
    readonly body: string
  }
  readonly schedule: {
    readonly id: string
    readonly version: number
    readonly due: number
    readonly body: string
  }
}

/** Every step the schema took, in order. A published step never changes; a new one is added below. */
export function migrations(types: { readonly bytes: 'blob' | 'bytea' }): Record<string, Migration> {
  return {
    '0001-first': {
      async up(db) {
        await db.schema
          .createTable('topic')
          .addColumn('name', 'text', (column) => column.primaryKey())
          .addColumn('head', 'bigint', (column) => column.notNull())
          .execute()
        await db.schema
          .createTable('event')
          .addColumn('topic', 'text', (column) => column.notNull())
          .addColumn('seq', 'bigint', (column) => column.notNull())
          .addColumn('at', 'bigint', (column) => column.notNull())
          .addColumn('body', 'text', (column) => column.notNull())
          .addPrimaryKeyConstraint('event_key', ['topic', 'seq'])
          .execute()
        await db.schema
          .createTable('snapshot')
          .addColumn('topic', 'text', (column) => column.primaryKey())
          .addColumn('seq', 'bigint', (column) => column.notNull())
          .addColumn('state', 'text', (column) => column.notNull())
          .execute()
        await db.schema
          .createTable('journal')
          .addColumn('document', 'text', (column) => column.notNull())
          .addColumn('row', 'bigint', (column) => column.notNull())
          .addColumn('data', types.bytes, (column) => column.notNull())
          .addPrimaryKeyConstraint('journal_key', ['document', 'row'])
          .execute()
        await db.schema
          .createTable('disk_mark')
          .addColumn('document', 'text', (column) => column.primaryKey())
          .addColumn('hash', 'text', (column) => column.notNull())
          .addColumn('row', 'bigint', (column) => column.notNull())
          .execute()
        await db.schema
          .createTable('setting')
          .addColumn('key', 'text', (column) => column.primaryKey())
          .addColumn('value', 'text', (column) => column.notNull())
          .execute()
      },
    },
    '0002-jobs': {
      async up(db) {
        await db.schema
          .createTable('job')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('fence', 'bigint', (column) => column.notNull())
          .addColumn('head', 'text', (column) => column.notNull())
          .addColumn('body', 'text', (column) => column.notNull())
          .execute()
        await db.schema
          .createTable('job_step')
          .addColumn('job', 'text', (column) => column.notNull())
          .addColumn('n', 'bigint', (column) => column.notNull())
          .addColumn('body', 'text', (column) => column.notNull())
          .addColumn('answer', 'text')
          .addPrimaryKeyConstraint('job_step_key', ['job', 'n'])
          .execute()
      },
    },
    '0003-effects': {
      async up(db) {
        await db.schema
          .createTable('effect')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('job', 'text', (column) => column.notNull())
          .addColumn('state', 'text', (column) => column.notNull())
          .addColumn('attempts', 'bigint', (column) => column.notNull())
          .addColumn('due', 'bigint', (column) => column.notNull())
          .addColumn('body', 'text', (column) => column.notNull())
          .execute()
        await db.schema
          .createTable('schedule')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('version', 'bigint', (column) => column.notNull())
          .addColumn('due', 'bigint', (column) => column.notNull())
          .addColumn('body', 'text', (column) => column.notNull())
          .execute()
      },
    },
    '0004-journal-times': {
      async up(db) {
        await db.schema.alterTable('journal').addColumn('times', types.bytes).execute()
      },
    },
  }
}
