import { parentPort } from 'node:worker_threads'
import {
  type Engine,
  type EngineDiagnostics,
  type Outcome,
  openEngine,
  type Statement,
} from './sqlite-engine.ts'

export interface WorkerOptions {
  readonly file: string
  readonly create: boolean
  readonly maxPages?: number
}

export type WorkerRequest =
  /** The first one, and once. */
  | ({ readonly type: 'open' } & WorkerOptions)
  | { readonly type: 'query'; readonly id: number; readonly statement: Statement }
  | { readonly type: 'commit'; readonly id: number; readonly units: readonly (readonly Statement[])[] }
  | { readonly type: 'diagnostics'; readonly id: number }
  | { readonly type: 'close'; readonly id: number }

export type WorkerReply =
  | { readonly type: 'opened' }
  | { readonly type: 'refused'; readonly message: string }
  | { readonly type: 'outcomes'; readonly id: number; readonly outcomes: readonly Outcome[] }
  | { readonly type: 'diagnostics'; readonly id: number; readonly diagnostics: EngineDiagnostics }
  | { readonly type: 'closed'; readonly id: number }

const port = parentPort
if (port === null) throw new Error('This file runs as a worker.')
let engine: Engine | undefined

function reply(message: WorkerReply): void {
  port?.postMessage(message)
}

function serve(request: WorkerRequest): void {
  if (request.type === 'open') {
    open(request)
    return
  }
  if (!engine) throw new Error('No file is open.')
  switch (request.type) {
    case 'query':
      reply({ type: 'outcomes', id: request.id, outcomes: [engine.query(request.statement)] })
      break
    case 'commit':
      reply({ type: 'outcomes', id: request.id, outcomes: engine.commit(request.units) })
      break
    case 'diagnostics':
      reply({ type: 'diagnostics', id: request.id, diagnostics: engine.diagnostics() })
      break
    case 'close':
      engine.close()
      reply({ type: 'closed', id: request.id })
      port?.close()
  }
}

function open(options: WorkerOptions): void {
  try {
    engine = openEngine(options.file, options)
    reply({ type: 'opened' })
  } catch (error) {
    reply({ type: 'refused', message: error instanceof Error ? error.message : String(error) })
    // Nothing more will come of it.
    port?.close()
  }
}

port.on('message', serve)
