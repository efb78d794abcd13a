import { Worker } from 'node:worker_threads'

export interface WrongSyntax {
  readonly path: string
  readonly line: number
  readonly message: string
}

interface Text {
  readonly path: string
  readonly text: string
}

export interface SyntaxRequest {
  readonly id: number
  readonly files: readonly Text[]
}

export interface SyntaxReply {
  readonly id: number
  readonly wrong: readonly WrongSyntax[]
}

/** Says of changed files whether their language's rules hold; which languages it reads it says too. */
export interface SyntaxChecker {
  knows(path: string): boolean
  /** The first mistake of each file that has one. */
  check(files: readonly Text[]): Promise<readonly WrongSyntax[]>
}

const known = /\.(?:[cm]?[jt]s|[jt]sx|json)$/

/** Reads in a thread of its own, which goes when nobody has asked for a while: the server's never waits for it. */
export function createSyntaxChecker(idleMs: number): SyntaxChecker {
  let worker: Worker | undefined
  let idle: NodeJS.Timeout | undefined
  let last = 0
  const waiting = new Map<number, PromiseWithResolvers<readonly WrongSyntax[]>>()

  function forget(error: Error): void {
    worker = undefined
    for (const asked of waiting.values()) asked.reject(error)
    waiting.clear()
  }

  function begin(): Worker {
    const started = new Worker(new URL('./syntax-worker.ts', import.meta.url), {
      // Nothing of the server's environment or flags is its business.
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    })
    started.unref()
    started.on('message', ({ id, wrong }: SyntaxReply) => {
      waiting.get(id)?.resolve(wrong)
      waiting.delete(id)
      if (waiting.size > 0) return
      idle = setTimeout(() => {
        worker = undefined
        void started.terminate()
      }, idleMs)
      idle.unref()
    })
    const lost = (problem: unknown) => {
      if (worker === started)
        forget(problem instanceof Error ? problem : new Error('the reader of syntax ended'))
    }
    started.on('error', lost)
    started.on('exit', lost)
    return started
  }

  return {
    knows: (path) => known.test(path),
    check(files) {
      clearTimeout(idle)
      const id = ++last
      const asked = Promise.withResolvers<readonly WrongSyntax[]>()
      waiting.set(id, asked)
      worker ??= begin()
      worker.postMessage({ id, files } satisfies SyntaxRequest)
      return asked.promise
    },
  }
}
