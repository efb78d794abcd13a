// node --expose-gc --import bench/lib/memory.ts?out=FILE: on SIGUSR2 collects what nobody needs, then writes into FILE what
// is left, in megabytes.
import { renameSync, writeFileSync } from 'node:fs'

const file = new URL(import.meta.url).searchParams.get('out') ?? ''
const megabyte = 1024 * 1024
process.on('SIGUSR2', async () => {
  // Twice: what a first collection lets go of, a second one finds.
  for (let n = 0; n < 2; n++) {
    await globalThis.gc?.({ type: 'major', execution: 'async' })
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  writeFileSync(
    `${file}.new`,
    JSON.stringify({ resident: rss / megabyte, heap: (heapUsed + external) / megabyte }),
  )
  renameSync(`${file}.new`, file)
})
