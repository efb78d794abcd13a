// npm run build: makes the browser's part and the server's when their sources changed; `--force` makes them anyway.
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { ensureBuilt, pages, server } from './lib/build.mjs'
import { ensureInstalled } from './lib/install.mjs'

await ensureInstalled()
if (process.argv.includes('--force'))
  for (const { mark } of [pages, server]) rmSync(dirname(mark), { recursive: true, force: true })
await ensureBuilt()
