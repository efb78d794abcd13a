// npm start: installs what is missing, builds what is stale, serves. Plain JavaScript for any Node from 18.17.
import { join } from 'node:path'
import { ensureBuilt } from './lib/build.mjs'
import { runInForeground } from './lib/foreground.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { bundledServer, compileCache, root } from './lib/root.mjs'
import { runtimeNode } from './lib/runtime.mjs'
import { ensureSandbox } from './lib/system.mjs'

const flags = process.argv.slice(2)
const dev = flags.includes('--dev')

await ensureInstalled()
await ensureSandbox()
if (!dev) await ensureBuilt()
await runInForeground({
  command: runtimeNode(),
  args: [dev ? join(root, 'server', 'main.ts') : bundledServer, ...flags],
  env: { NODE_ENV: dev ? 'development' : 'production', NODE_COMPILE_CACHE: compileCache },
})
