import { RequestError } from '../../core/protocol/errors.ts'
import type { Row } from './sql-store.ts'
import type { EngineDiagnostics, Outcome, Statement } from './sqlite-engine.ts'
import { takeSqliteThread } from './sqlite-thread.ts'
import type { WorkerOptions, WorkerReply, WorkerRequest } from './sqlite-worker.ts'

/** The engine seen from the main thread: an fsync there stalls nobody here. */
export interface SqliteClient {
  query(statement: Statement): Promise<Outcome>
  commit(units: readonly (readonly Statement[])[]): Promise<readonly Outcome[]>
  diagnostics(): Promise<EngineDiagnostics>
  close(): Promise<void>
}

interface Waiting {
  resolve(reply: WorkerReply): void
  reject(error: Error): void
}

/** Has a thread open the file; rejects when it is refused. */
export async function startSqlite(options: WorkerOptions): Promise<SqliteClient> {
  const worker = takeSqliteThread()
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  let gone: Error | undefined

  const opened = new Promise<void>((resolve, reject) => {
    function end(reason: string): void {
      gone ??= new RequestError('storageFailed', reason)
      reject(gone)
      for (const { reject: fail } of waiting.values()) fail(gone)
      waiting.clear()
    }
    worker.on('message', (reply: WorkerReply) => {
      if (reply.type === 'opened') return resolve()
      if (reply.type === 'refused') return reject(new Error(reply.message))
      waiting.get(reply.id)?.resolve(reply)
      waiting.delete(reply.id)
    })
    worker.on('error', (error) => end(`The store's thread failed: ${error.message}`))
    worker.on('exit', () => end('The store is closed.'))
  })

  function ask(build: (id: number) => WorkerRequest): Promise<WorkerReply> {
    if (gone !== undefined) return Promise.reject(gone)
    lastId += 1
    const id = lastId
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      worker.postMessage(build(id))
    })
  }

  async function outcomes(build: (id: number) => WorkerRequest): Promise<readonly Outcome[]> {
    const reply = await ask(build)
    if (reply.type !== 'outcomes') throw new Error(`The store's thread answered ${reply.type}.`)
    return reply.outcomes
  }

  worker.postMessage({ type: 'open', ...options } satisfies WorkerRequest)
  await opened
  return {
    async query(statement) {
      return first(await outcomes((id) => ({ type: 'query', id, statement })))
    },
    commit(units) {
      return outcomes((id) => ({ type: 'commit', id, units }))
    },
    async diagnostics() {
      const reply = await ask((id) => ({ type: 'diagnostics', id }))
      if (reply.type !== 'diagnostics') throw new Error(`The store's thread answered ${reply.type}.`)
      return reply.diagnostics
    },
    async close() {
      if (gone !== undefined) return
      await ask((id) => ({ type: 'close', id }))
      gone = new RequestError('storageFailed', 'The store is closed.')
      await worker.terminate()
    },
  }
}

/** The rows, or the failure as the error a caller of the store sees. */
export function rowsOf(outcome: Outcome): readonly Row[] {
  if ('rows' in outcome) return outcome.rows
  const { kind, message } = outcome.failure
  if (kind === 'storage')
    throw new RequestError('storageFailed', `The change could not be stored: ${message}.`)
  throw new Error(message)
}

function first(outcomes: readonly Outcome[]): Outcome {
  const outcome = outcomes[0]
  if (outcome === undefined) throw new Error("The store's thread answered nothing.")
  return outcome
}
