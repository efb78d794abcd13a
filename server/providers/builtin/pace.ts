/** Waiting, so that tests need none. Resolves early when the signal aborts. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>

/** About 1,500 tokens a second. */
const charsPerSecond = 6000
/** A long edit is written faster rather than longer. */
const longestSeconds = 5
const tickMs = 8
const pieceSizes = [5, 11, 7, 16, 4, 9, 13, 6]

/** Gives `text` piece by piece at the pace of a fast model; stops at once when the signal aborts. */
export async function writeOut(
  text: string,
  {
    sleep,
    signal,
    piece,
  }: { readonly sleep: Sleep; readonly signal: AbortSignal; readonly piece: (text: string) => void },
): Promise<void> {
  const perTick = Math.max((charsPerSecond * tickMs) / 1000, (text.length * tickMs) / (longestSeconds * 1000))
  const stretch = Math.max(1, perTick / 48)
  let owed = 0
  let at = 0
  for (let count = 0; at < text.length && !signal.aborted; count++) {
    let end = at + Math.round((pieceSizes[count % pieceSizes.length] ?? 8) * stretch)
    // A character outside the basic plane is two code units and stays whole.
    if (/[\ud800-\udbff]/.test(text[end - 1] ?? '')) end++
    piece(text.slice(at, end))
    owed += end - at
    at = end
    if (owed >= perTick && at < text.length) {
      owed -= perTick
      await sleep(tickMs, signal)
    }
  }
}

export const sleepByTimer: Sleep = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
  })
