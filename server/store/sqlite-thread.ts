import { Worker } from 'node:worker_threads'

let ready: Worker | undefined

/** Starts a thread ahead of the store that will take it. */
export function readySqliteThread(): void {
  const thread = startThread()
  ready = thread
  thread.unref()
  // What fails before it is taken fails again where somebody is told.
  thread.on('error', () => {
    if (ready === thread) ready = undefined
  })
}

/** A thread that opens a file once it is told which: the one that stands ready, else a new one. */
export function takeSqliteThread(): Worker {
  const thread = ready ?? startThread()
  ready = undefined
  thread.ref()
  return thread
}

function startThread(): Worker {
  return new Worker(new URL('./sqlite-worker.ts', import.meta.url), { env: {}, execArgv: [] })
}
