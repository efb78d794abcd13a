import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { TandemProcess } from '../../scripts/lib/tandem-process.ts'

/** Asks again and again whether the server is there; the answer tells the longest it took, in milliseconds. */
export function pingFromThread({ url, port }: TandemProcess): () => Promise<number> {
  const thread = new Worker(new URL('./ping-worker.ts', import.meta.url), { workerData: { url, port } })
  const failed = once(thread, 'error').then(([error]) => Promise.reject(error))
  return async () => {
    thread.postMessage('end')
    const [worst] = await Promise.race([once(thread, 'message'), failed])
    return worst
  }
}
