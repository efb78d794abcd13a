import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { rowsOf, type SqliteClient } from './sqlite-client.ts'
import type { Statement } from './sqlite-engine.ts'

/** Kysely over the worker: reads and migrations run through it, writes are only compiled by it. */
export function createSqliteDialect(client: SqliteClient): Dialect {
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => createDriver(client),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

/** What the worker runs. */
export function toStatement({ sql, parameters }: CompiledQuery): Statement {
  return {
    sql,
    parameters: parameters.map((value) => {
      if (value === null || typeof value === 'string' || typeof value === 'number') return value
      if (value instanceof Uint8Array) return value
      throw new Error(`${typeof value} is no SQL value`)
    }),
  }
}

/** SQLite takes back schema changes with their transaction: a migration cut short leaves nothing. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

function createDriver(client: SqliteClient): Driver {
  const connection: DatabaseConnection = {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      // Kysely believes the query's own type; the rows are what SQLite says.
      return { rows: rowsOf(await client.query(toStatement(query))) as R[] }
    },
    streamQuery() {
      throw new Error('Queries are not streamed.')
    },
  }
  const execute = async (sql: string) => {
    await connection.executeQuery(CompiledQuery.raw(sql))
  }
  return {
    async init() {},
    acquireConnection: async () => connection,
    beginTransaction: () => execute('begin immediate'),
    commitTransaction: () => execute('commit'),
    rollbackTransaction: () => execute('rollback'),
    async releaseConnection() {},
    async destroy() {},
  }
}
