import { Worker } from 'node:worker_threads'
import type { LanguageAnswer, LanguageJob, WorkerReply, WorkerRequest, WorkerSetup } from './language-job.ts'

/** The language worker of one workspace, started when first needed. */
export class LanguageClient {
  readonly #root: string
  readonly #idleMs: number
  #worker: Worker | undefined
  readonly #cancelled = new Int32Array(new SharedArrayBuffer(4))
  #lastId = 0
  #idle: NodeJS.Timeout | undefined
  readonly #waiting = new Map<number, (reply: WorkerReply) => void>()

  /** After `idleMs` without a request the worker and its memory are let go. */
  constructor(root: string, idleMs: number) {
    this.#root = root
    this.#idleMs = idleMs
  }

  /** Loads TypeScript and the projects of these files; never fails. */
  warm(paths: readonly string[]): void {
    // What runs already is warm.
    if (this.#worker) return
    void this.#ask((id) => ({ type: 'warm', id, paths })).reply.catch(() => undefined)
  }

  /** Rejects when the signal aborts, when the worker dies or meets a bug. */
  async run(job: LanguageJob, signal: AbortSignal): Promise<LanguageAnswer> {
    const { id, reply } = this.#ask((id) => ({ type: 'run', id, job }))
    let abort = (): void => undefined
    const aborted = new Promise<never>((_, reject) => {
      abort = () => {
        Atomics.store(this.#cancelled, 0, id)
        this.#waiting.delete(id)
        reject(new Error('cancelled'))
      }
    })
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    try {
      const { answer, problem } = await Promise.race([reply, aborted])
      if (!answer) throw new Error(problem ?? 'no answer')
      return answer
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  close(): void {
    clearTimeout(this.#idle)
    const worker = this.#worker
    this.#forget('closed')
    void worker?.terminate()
  }

  #ask(request: (id: number) => WorkerRequest): {
    readonly id: number
    readonly reply: Promise<WorkerReply>
  } {
    clearTimeout(this.#idle)
    const id = ++this.#lastId
    const reply = new Promise<WorkerReply>((resolve) => this.#waiting.set(id, resolve))
    this.#worker ??= this.#start()
    this.#worker.postMessage(request(id))
    return { id, reply }
  }

  #start(): Worker {
    const setup: WorkerSetup = { root: this.#root, cancelled: this.#cancelled }
    const worker = new Worker(new URL('./language-worker.ts', import.meta.url), {
      workerData: setup,
      // Nothing of the server's environment or flags is its business.
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 3072 },
    })
    worker.unref()
    worker.on('message', (reply: WorkerReply) => {
      this.#waiting.get(reply.id)?.(reply)
      this.#waiting.delete(reply.id)
      if (this.#waiting.size === 0) this.#rest()
    })
    const lost = (error: unknown): void => {
      if (this.#worker === worker)
        this.#forget(error instanceof Error ? error.message : 'the language worker ended')
    }
    worker.on('error', lost)
    worker.on('exit', lost)
    return worker
  }

  #rest(): void {
    this.#idle = setTimeout(() => this.close(), this.#idleMs)
    this.#idle.unref()
  }

  #forget(problem: string): void {
    this.#worker = undefined
    for (const [id, resolve] of this.#waiting) resolve({ id, problem })
    this.#waiting.clear()
  }
}
