import type { Token } from './highlight-tokens.ts'

export interface HighlightRequest {
  readonly id: number
  readonly language: string
  readonly code: string
}

export interface HighlightReply {
  readonly id: number
  /** Empty when the language is unknown. */
  readonly chunks: readonly (readonly Token[])[]
}

type Listener = (chunks: HighlightReply['chunks']) => void

let worker: Worker | undefined
let nextId = 1
const waiting = new Map<number, Listener>()

/** Highlights off the main thread. Returns what stops the answer from being told. */
export function highlight(language: string, code: string, listener: Listener): () => void {
  worker ??= startWorker()
  const id = nextId++
  waiting.set(id, listener)
  const request: HighlightRequest = { id, language, code }
  worker.postMessage(request)
  return () => waiting.delete(id)
}

function startWorker(): Worker {
  const started = new Worker(new URL('./highlight.worker.ts', import.meta.url), { type: 'module' })
  started.onmessage = ({ data }: MessageEvent<HighlightReply>) => {
    waiting.get(data.id)?.(data.chunks)
    waiting.delete(data.id)
  }
  return started
}
