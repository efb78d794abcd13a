// node scripts/run.mjs [--built] FILE …: runs a TypeScript file of this repository on the right Node, whatever
// the machine has; `--built` first sees to a fresh build.
import { resolve } from 'node:path'
import { ensureBuilt } from './lib/build.mjs'
import { runInForeground } from './lib/foreground.mjs'
import { ensureInstalled } from './lib/install.mjs'
import { root } from './lib/root.mjs'
import { runtimeNode } from './lib/runtime.mjs'

const args = process.argv.slice(2)
const built = args[0] === '--built'
const [file, ...rest] = built ? args.slice(1) : args
if (file === undefined) throw new Error('usage: node scripts/run.mjs [--built] FILE …')

await ensureInstalled()
if (built) await ensureBuilt()
await runInForeground({ command: runtimeNode(), args: [resolve(root, file), ...rest] })
