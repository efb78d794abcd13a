// npm run check: types per layer, Biome, dependency-cruiser, knip, unit tests. `--only NAME` runs one of them.
import { runChecks } from './lib/checks.mjs'
import { ensureInstalled } from './lib/install.mjs'

await ensureInstalled()
const only = process.argv.indexOf('--only')
const { ok } = await runChecks({ only: only === -1 ? undefined : process.argv[only + 1] })
process.exitCode = ok ? 0 : 1
