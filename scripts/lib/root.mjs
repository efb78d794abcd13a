import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's folder, without a slash at its end. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')

/** Where Node keeps what it made of the server's sources: they are read again with every start. */
export const compileCache = join(root, '.cache', 'compile')

/** The server in production: `npm run dev` runs its sources. */
export const bundledServer = join(root, '.cache', 'server', 'main.js')
