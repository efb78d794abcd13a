import type { Token } from './highlight-tokens.ts'

export interface HighlightRequest {
  readonly id: number
  readonly language: string
  readonly code: string
  /** Set to be told each line from this one on (from 0) by itself, instead of chunks of lines. */
  readonly fromLine?: number
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
export function highlight(asked: Omit<HighlightRequest, 'id'>, listener: Listener): () => void {
  worker ??= startWorker()
  const id = nextId++
  waiting.set(id, listener)
  const request: HighlightRequest = { id, ...asked }
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
