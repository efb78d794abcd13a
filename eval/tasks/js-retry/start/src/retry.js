/** Calls `work` until it succeeds. `sleep(ms)` can be replaced in tests. */
export async function retry(work, { attempts = 5, baseMs = 100, maxMs = 5000, signal, sleep = wait } = {}) {
  let last
  for (let attempt = 0; attempt <= attempts; attempt++) {
    try {
      return await work(attempt)
    } catch (error) {
      last = error
      await sleep(Math.max(maxMs, baseMs * 2 ** (attempt + 1)))
    }
  }
  throw last
}

function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
