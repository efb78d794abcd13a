// node scripts/bundle-server.mjs: makes a few files of the server's hundreds of modules. Reading them one by one is
// most of what a start takes, and a job whose server died waits for it.
import { globSync, rmSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative } from 'node:path'
import { build } from 'rolldown'
import { bundledServer, root } from './lib/root.mjs'

const folder = dirname(bundledServer)

/** Packages of many small modules. Others stay where they are: they have native parts, or are loaded when needed. */
const bundled = /^(?:croner|kysely|lib0|y-protocols|yjs|zod)(?:\/|$)/

/** A thread's first module is read from the disk by itself. */
const workers = globSync(join(root, 'server/**/*-worker.ts'))

rmSync(folder, { recursive: true, force: true })
await build({
  cwd: root,
  platform: 'node',
  input: {
    main: join(root, 'server', 'main.ts'),
    ...Object.fromEntries(workers.map((path) => [basename(path, '.ts'), path])),
  },
  external: (id) => !id.startsWith('.') && !isAbsolute(id) && !bundled.test(id),
  plugins: [{ name: 'places', transform: keepPlaces }],
  output: { dir: folder, entryFileNames: '[name].js', sourcemap: true },
})

/**
 * What a module finds beside itself it finds in the bundle as well. Lines stay lines, so the source map holds.
 *
 * @param {string} code
 * @param {string} file
 */
function keepPlaces(code, file) {
  const path = relative(folder, file).replaceAll('\\', '/')
  if (file.includes('node_modules') || !code.includes('import.meta')) return null
  const placed = code.replace(
    /new URL\('\.\/([\w-]+-worker)\.ts', import\.meta\.url\)|import\.meta\.(url|dirname)/g,
    (_, worker, what) => {
      if (worker !== undefined) return `new URL('./${worker}.js', import.meta.url)`
      if (what === 'url') return `new URL('${path}', import.meta.url).href`
      return `(import.meta.dirname + '/${dirname(path)}')`
    },
  )
  return { code: placed, map: null }
}
