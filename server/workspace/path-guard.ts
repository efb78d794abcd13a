import { realpathSync } from 'node:fs'
import { lstat, realpath } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { RequestError } from '../../core/protocol/errors.ts'
import { errorCode } from './error-code.ts'
import { isControlFile, isHiddenName } from './protected-names.ts'
import type { PathGuard } from './workspace.ts'

/**
 * The guard of one workspace. What it returns has its symlinks resolved and lies inside `root`; `''` reads as the root.
 * A file that does not exist is no matter of the guard: callers answer `notFound`.
 */
export function createPathGuard(root: string): PathGuard {
  const realRoot = realpathSync.native(root)

  async function resolve(path: string): Promise<string> {
    const parts = checkedParts(path)
    const real = await resolveExisting(join(realRoot, ...parts), path)
    if (real === realRoot) return real
    const inside = relative(realRoot, real)
    if (!real.startsWith(withSeparator(realRoot))) {
      throw denied(path, 'it leads outside the workspace')
    }
    // A link may lead from an innocent name to a protected one.
    for (const part of inside.split(sep)) {
      if (isHiddenName(part)) throw denied(path, `${part} is not for file tools`)
    }
    return real
  }

  async function forWrite(path: string): Promise<string> {
    refuseToSteer(path, path.split('/'))
    const real = await resolve(path)
    if (real === realRoot) throw denied(path, 'it is the workspace itself')
    refuseToSteer(path, relative(realRoot, real).split(sep))
    return real
  }

  return {
    root: realRoot,
    forRead: resolve,
    forWrite,
    async forEntry(path) {
      const parts = checkedParts(path)
      const name = parts.at(-1)
      if (name === undefined) throw denied(path, 'it is the workspace itself')
      refuseToSteer(path, [name])
      const parent = parts.slice(0, -1).join('/')
      return join(parent === '' ? realRoot : await forWrite(parent), name)
    },
  }
}

/** True for a name the guard would let pass as one part of a path. */
export function isPlainName(name: string): boolean {
  return whyNotPlain(name) === undefined && !isHiddenName(name)
}

function refuseToSteer(path: string, names: readonly string[]): void {
  if (/[\p{Cc}\u2028\u2029]/u.test(path)) throw denied(path, 'names to write hold no control characters')
  const control = names.find(isControlFile)
  if (control !== undefined) throw denied(path, `${control} steers the server and is edited by hand`)
}

function checkedParts(path: string): readonly string[] {
  if (path === '') return []
  if (path.startsWith('/') || /^[a-z]:/i.test(path))
    throw denied(path, 'it must be relative to the workspace')
  const parts = path.split('/')
  for (const part of parts) {
    const why = whyNotPlain(part)
    if (why !== undefined) throw denied(path, why)
    if (isHiddenName(part)) throw denied(path, `${part} is not for file tools`)
  }
  return parts
}

function whyNotPlain(part: string): string | undefined {
  if (part.includes('\0')) return 'it holds a NUL'
  if (/\p{Surrogate}/u.test(part)) return 'it is not valid Unicode'
  if (part.includes('\\')) return 'parts are separated by /'
  // On some file systems a name of dots and spaces is the parent folder too.
  return /^[.\s]*$/u.test(part) ? 'it must be plain: no empty, "." or ".." part' : undefined
}

/** The real path; of what does not exist yet, its deepest existing folder resolved and the rest as it is. */
async function resolveExisting(absolute: string, path: string): Promise<string> {
  const missing: string[] = []
  let current = absolute
  for (;;) {
    try {
      return join(await realpath(current), ...missing)
    } catch (error) {
      const code = errorCode(error)
      if (code === 'ELOOP' || code === 'ENAMETOOLONG' || code === 'EACCES') throw denied(path, code)
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
    }
    // There is a name but nothing behind it: a link to what may appear anywhere.
    if (await isLink(current)) throw denied(path, 'it is a link to nothing')
    const parent = dirname(current)
    if (parent === current) throw denied(path, 'the workspace is gone')
    missing.unshift(current.slice(withSeparator(parent).length))
    current = parent
  }
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink()
  } catch {
    return false
  }
}

function withSeparator(path: string): string {
  return path.endsWith(sep) ? path : path + sep
}

function denied(path: string, why: string): RequestError {
  return new RequestError('pathDenied', `${JSON.stringify(path.slice(0, 200))} may not be used: ${why}.`)
}
