// npm run build: makes the browser's part when its sources changed; `--force` makes it anyway.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt } from './lib/build.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { root } from './lib/root.mjs'

await ensureInstalled()
if (process.argv.includes('--force')) rmSync(join(root, '.next'), { recursive: true, force: true })
await ensureBuilt()
