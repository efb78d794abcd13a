import { realpathSync } from 'node:fs'
import { lstat, realpath } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { RequestError } from '../../core/protocol/errors.ts'
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

  return {
    root: realRoot,
    forRead: resolve,
    async forWrite(path) {
      if (/[\p{Cc}\u2028\u2029]/u.test(path)) throw denied(path, 'names to write hold no control characters')
      const real = await resolve(path)
      if (real === realRoot) throw denied(path, 'it is the workspace itself')
      const names = [...path.split('/'), ...relative(realRoot, real).split(sep)]
      const control = names.find(isControlFile)
      if (control !== undefined) throw denied(path, `${control} steers the server and is edited by hand`)
      return real
    },
  }
}

function checkedParts(path: string): readonly string[] {
  if (path === '') return []
  if (path.includes('\0')) throw denied(path, 'it holds a NUL')
  if (/\p{Surrogate}/u.test(path)) throw denied(path, 'it is not valid Unicode')
  if (path.includes('\\')) throw denied(path, 'parts are separated by /')
  if (path.startsWith('/') || /^[a-z]:/i.test(path))
    throw denied(path, 'it must be relative to the workspace')
  const parts = path.split('/')
  for (const part of parts) {
    // On some file systems a name of dots and spaces is the parent folder too.
    if (/^[.\s]*$/u.test(part)) throw denied(path, 'it must be plain: no empty, "." or ".." part')
    if (isHiddenName(part)) throw denied(path, `${part} is not for file tools`)
  }
  return parts
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

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function denied(path: string, why: string): RequestError {
  return new RequestError('pathDenied', `${JSON.stringify(path.slice(0, 200))} may not be used: ${why}.`)
}
