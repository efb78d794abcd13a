import type { Dirent } from 'node:fs'
import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { RequestError } from '../../core/protocol/errors.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { FileEntry } from '../../core/protocol/workspace.ts'
import { temporarySuffix } from './atomic-write.ts'
import { errorCode } from './error-code.ts'
import { runGit } from './git.ts'
import { holdFolder } from './held-folder.ts'
import { isPlainName } from './path-guard.ts'
import type { PathGuard } from './workspace.ts'

/** Sizes cost one call to the disk each: told for folders of ordinary length. */
const sizedEntries = 1000

interface Found {
  readonly name: string
  readonly kind: 'file' | 'folder'
}

/** The entries of one folder, folders first, each group in natural order; what the guard refuses is left out. */
export async function listFolder(
  guard: PathGuard,
  path: string,
): Promise<{ readonly entries: readonly FileEntry[]; readonly truncated: boolean }> {
  const absolute = await guard.forRead(path)
  const found = await readFolder(guard, path, absolute)
  const truncated = found.length > limits.folderEntries
  if (truncated) {
    found.sort(compareCodeUnits)
    found.length = limits.folderEntries
  }
  found.sort(compareNaturally)
  const paths = found.map(({ name }) => (path === '' ? name : `${path}/${name}`))
  const [ignored, sizes] = await Promise.all([
    ignoredPaths(guard.root, paths),
    found.length <= sizedEntries ? readSizes(absolute, found) : found.map(() => undefined),
  ])
  const entries = found.map(({ name, kind }, index) => {
    const size = sizes[index]
    const entryPath = paths[index] ?? name
    return {
      name,
      path: entryPath,
      kind,
      ...(size !== undefined && { size }),
      ignored: ignored.has(entryPath),
    }
  })
  return { entries, truncated }
}

async function readFolder(guard: PathGuard, path: string, absolute: string): Promise<Found[]> {
  const folder = await holdFolder(absolute).catch((error) => {
    const code = errorCode(error)
    throw code === 'ENOENT' || code === 'ENOTDIR'
      ? new RequestError('notFound', 'There is no such folder.')
      : error
  })
  try {
    const found: Found[] = []
    for await (const entry of await opendir(folder.at('.'), { bufferSize: 500 })) {
      if (!isPlainName(entry.name) || entry.name.endsWith(temporarySuffix)) continue
      const kind = await kindOf(guard, path, entry)
      if (kind !== undefined) found.push({ name: entry.name, kind })
    }
    return found
  } finally {
    await folder.close()
  }
}

/** Devices, pipes and links that lead nowhere or outside have no kind. */
async function kindOf(guard: PathGuard, path: string, entry: Dirent): Promise<Found['kind'] | undefined> {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'folder'
  if (!entry.isSymbolicLink()) return undefined
  try {
    const target = await stat(await guard.forRead(path === '' ? entry.name : `${path}/${entry.name}`))
    if (target.isFile()) return 'file'
    return target.isDirectory() ? 'folder' : undefined
  } catch {
    return undefined
  }
}

function readSizes(absolute: string, found: readonly Found[]): Promise<readonly (number | undefined)[]> {
  return Promise.all(
    found.map(async ({ name, kind }) => {
      if (kind === 'folder') return undefined
      const stats = await stat(join(absolute, name)).catch(() => undefined)
      return stats?.size
    }),
  )
}

/** Those git ignores; none when this is no repository or there is no git. */
async function ignoredPaths(root: string, paths: readonly string[]): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set()
  const input = paths.map((path) => `./${path}\0`).join('')
  const result = await runGit(['check-ignore', '-z', '--stdin'], { cwd: root, input }).catch(() => undefined)
  if (result?.code !== 0) return new Set()
  return new Set(result.output.split('\0').map((path) => path.slice(2)))
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

function compareNaturally(a: Found, b: Found): number {
  if (a.kind !== b.kind) return a.kind === 'folder' ? -1 : 1
  return collator.compare(a.name, b.name) || compareCodeUnits(a, b)
}

/** Cheap enough for every entry of a huge folder. */
function compareCodeUnits(a: Found, b: Found): number {
  if (a.kind !== b.kind) return a.kind === 'folder' ? -1 : 1
  return a.name < b.name ? -1 : Number(a.name > b.name)
}
