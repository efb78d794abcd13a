/** Calls `work` until it succeeds. `sleep(ms)` can be replaced in tests. */
export async function retry(work, { attempts = 5, baseMs = 100, maxMs = 5000, signal, sleep = wait } = {}) {
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted()
    try {
      return await work(attempt)
    } catch (error) {
      if (error?.retriable === false || attempt + 1 >= attempts) throw error
      await unlessAborted(sleep(Math.min(maxMs, baseMs * 2 ** attempt)), signal)
    }
  }
}

function unlessAborted(waiting, signal) {
  if (!signal) return waiting
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    waiting.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
