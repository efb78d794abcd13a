// npm leaves a platform's package out of the lockfile when the registry at hand does not have it, and then refuses
// its own lockfile (`npm ci`: "Missing … from lock file"). This writes the entries that are missing, by the exact
// versions their owners name. Run it after adding a package.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { missingPlatformPackages } from './lib/lockfile.mjs'
import { root } from './lib/root.mjs'

const file = join(root, 'package-lock.json')
const lock = JSON.parse(readFileSync(file, 'utf8'))
const missing = missingPlatformPackages(lock.packages)
Object.assign(lock.packages, missing)
const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'))
writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`)
console.log(`package-lock.json: ${Object.keys(missing).length} entries added`)
