import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { Row } from './sql-store.ts'

export interface Statement {
  readonly sql: string
  readonly parameters: readonly SQLInputValue[]
  readonly must?: { readonly changes: number; readonly otherwise: string }
}

/** `storage`: the disk or the file failed, the same may work later. `refused`: this write contradicts what is stored. */
export interface Failure {
  readonly kind: 'storage' | 'refused'
  readonly message: string
}

export type Outcome = { readonly rows: readonly Row[] } | { readonly failure: Failure }

export interface Engine {
  query(statement: Statement): Outcome
  /** All units in one transaction with one fsync. A refused unit is left out alone; a failing disk fails all. */
  commit(units: readonly (readonly Statement[])[]): readonly Outcome[]
  diagnostics(): EngineDiagnostics
  close(): void
}

export interface EngineDiagnostics {
  readonly journalMode: string
  readonly synchronous: string
  readonly busyTimeoutMs: number
  readonly commits: number
  readonly units: number
}

const keptStatements = 200
/** Primary result codes that speak of the disk or the file, not of the statement. */
const storageCodes: ReadonlySet<number> = new Set([3, 5, 6, 7, 8, 10, 11, 13, 14, 22, 26])
const synchronousNames = ['off', 'normal', 'full', 'extra']

/** Opens the file for durable writing. Throws when it is damaged; `create` makes it when it is missing. */
export function openEngine(
  file: string,
  { create, maxPages }: { readonly create: boolean; readonly maxPages?: number },
): Engine {
  if (!create) refuseUnlessDatabase(file)
  const db = new DatabaseSync(file, { timeout: 5000 })
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON')
    if (maxPages !== undefined) db.exec(`PRAGMA max_page_count = ${maxPages}`)
    const found = db.prepare('PRAGMA quick_check(3)').all()
    const problems = found.map((row) => String(row.quick_check)).filter((text) => text !== 'ok')
    if (problems.length > 0) throw damaged(file, problems.join('; '))
  } catch (error) {
    db.close()
    const code = primaryCode(error)
    throw code === 11 || code === 26 ? damaged(file, messageOf(error)) : error
  }
  return createEngine(db)
}

function createEngine(db: DatabaseSync): Engine {
  // SQLite's own knows only ASCII.
  db.function('lower', { deterministic: true }, (text) => (text === null ? null : String(text).toLowerCase()))
  const prepared = new Map<string, StatementSync>()
  let commits = 0
  let committedUnits = 0

  function prepare(sql: string): StatementSync {
    const known = prepared.get(sql)
    if (known !== undefined) return known
    if (prepared.size >= keptStatements) prepared.clear()
    const statement = db.prepare(sql)
    prepared.set(sql, statement)
    return statement
  }

  function run({ sql, parameters, must }: Statement): readonly Row[] {
    const statement = prepare(sql)
    if (statement.columns().length > 0) return statement.all(...parameters)
    const { changes } = statement.run(...parameters)
    if (must !== undefined && Number(changes) !== must.changes) throw new Refused(must.otherwise)
    return []
  }

  function runUnit(unit: readonly Statement[]): Outcome {
    db.exec('SAVEPOINT unit')
    try {
      let rows: readonly Row[] = []
      for (const statement of unit) rows = run(statement)
      db.exec('RELEASE unit')
      return { rows }
    } catch (error) {
      const failure = failureOf(error)
      if (failure.kind === 'storage') throw error
      db.exec('ROLLBACK TO unit; RELEASE unit')
      return { failure }
    }
  }

  function pragma(name: string): unknown {
    return Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]
  }

  return {
    query(statement) {
      try {
        return { rows: run(statement) }
      } catch (error) {
        return { failure: failureOf(error) }
      }
    },
    commit(units) {
      try {
        db.exec('BEGIN IMMEDIATE')
        const outcomes = units.map(runUnit)
        db.exec('COMMIT')
        commits += 1
        committedUnits += units.length
        return outcomes
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK')
        const failure = failureOf(error)
        return units.map(() => ({ failure }))
      }
    },
    diagnostics() {
      return {
        journalMode: String(pragma('journal_mode')),
        synchronous: synchronousNames[Number(pragma('synchronous'))] ?? 'unknown',
        busyTimeoutMs: Number(pragma('busy_timeout')),
        commits,
        units: committedUnits,
      }
    },
    close() {
      db.close()
    },
  }
}

class Refused extends Error {}

function failureOf(error: unknown): Failure {
  const code = primaryCode(error)
  const kind = code !== undefined && storageCodes.has(code) ? 'storage' : 'refused'
  return { kind, message: messageOf(error) }
}

function primaryCode(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  return typeof code === 'number' ? code & 0xff : undefined
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** SQLite takes an empty file for a new database, and forgets a log whose database is gone: both would hide a loss. */
function refuseUnlessDatabase(file: string): void {
  const header = Buffer.alloc(16)
  const descriptor = openSync(file, 'r')
  try {
    readSync(descriptor, header, 0, 16, 0)
  } finally {
    closeSync(descriptor)
  }
  if (header.toString('latin1') !== 'SQLite format 3\0')
    throw damaged(file, 'it does not begin like a database')
}

/** The database is missing though its write-ahead log is there. */
export function refuseOrphanLog(file: string): void {
  if (!existsSync(file) && existsSync(`${file}-wal`))
    throw damaged(file, 'it is missing, but its log is there')
}

function damaged(file: string, finding: string): Error {
  return new Error(
    `The database ${file} is damaged (${finding}). Nothing was changed. Put a backup in its place and remove ` +
      `${file}-wal and ${file}-shm; or rescue what is readable with ` +
      `sqlite3 "${file}" .recover | sqlite3 "${file}.rescued"; or move all three files away to begin anew.`,
  )
}
