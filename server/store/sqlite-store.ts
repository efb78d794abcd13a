import { existsSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { limits } from '../../core/protocol/limits.ts'
import { lockDataFolder } from './data-lock.ts'
import { createGroupCommit } from './group-commit.ts'
import { migrations, type Tables } from './schema.ts'
import { createSqlStore } from './sql-store.ts'
import { rowsOf, type SqliteClient, startSqlite } from './sqlite-client.ts'
import { createSqliteDialect, toStatement } from './sqlite-dialect.ts'
import { type EngineDiagnostics, refuseOrphanLog } from './sqlite-engine.ts'
import type { Store } from './store.ts'

export interface SqliteStore extends Store {
  diagnostics(): Promise<EngineDiagnostics>
}

export interface SqliteStoreOptions {
  /** Absolute; its folder is the data folder, which this process then owns alone. */
  readonly file: string
  /** A bound on the file in 4 KiB pages; writes past it fail with `storageFailed`. */
  readonly maxPages?: number
  /** Told of each write whether the disk took it. */
  readonly onWrite?: (isTaken: boolean) => void
}

/** Opens the store, making it on first use. Rejects when the file is damaged, too new, or another process has it. */
export async function createSqliteStore({
  file,
  onWrite,
  ...bounds
}: SqliteStoreOptions): Promise<SqliteStore> {
  const lock = lockDataFolder(dirname(file))
  try {
    refuseOrphanLog(file)
    if (!existsSync(file)) await makeDatabase(file)
    const client = await startSqlite({ file, create: false, ...bounds })
    const db = new Kysely<Tables>({ dialect: createSqliteDialect(client) })
    try {
      await migrate(db, file)
    } catch (error) {
      await client.close()
      throw error
    }
    const group = createGroupCommit({ commit: client.commit, waitMs: limits.groupCommitMs })
    const store = createSqlStore({
      db,
      async commit(steps) {
        const unit = steps.map((step) => ({
          ...toStatement(step.query),
          ...(step.must && { must: step.must }),
        }))
        const outcome = await group.add(unit)
        onWrite?.(!('failure' in outcome && outcome.failure.kind === 'storage'))
        return rowsOf(outcome)
      },
      async close() {
        await group.settled()
        await client.close()
        lock.release()
      },
    })
    return { ...store, diagnostics: client.diagnostics }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** Made under another name: a start cut short never leaves a half-made file that looks like the database. */
async function makeDatabase(file: string): Promise<void> {
  const draft = `${file}.new`
  for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(`${draft}${suffix}`, { force: true })
  const client: SqliteClient = await startSqlite({ file: draft, create: true })
  try {
    await migrate(new Kysely<Tables>({ dialect: createSqliteDialect(client) }), draft)
  } finally {
    await client.close()
  }
  await rename(draft, file)
  const folder = await open(dirname(file), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function migrate(db: Kysely<Tables>, file: string): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations({ bytes: 'blob' }) },
  })
  const { error, results } = await migrator.migrateToLatest()
  if (error === undefined) return
  const cause = error instanceof Error ? error.message : String(error)
  const step = results?.find((result) => result.status === 'Error')?.migrationName
  throw new Error(
    cause.startsWith('corrupted migrations')
      ? `The database ${file} was written by another version of Tandem (${cause}). Nothing was changed; start that version.`
      : `The database ${file} could not be brought to this version (${step ?? 'preparing'}: ${cause}). Nothing was changed.`,
  )
}
