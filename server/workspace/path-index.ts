import { limits } from '../../core/protocol/limits.ts'
import { fuzzyQuery, fuzzyScore } from './fuzzy.ts'
import { exclusions, runRipgrep } from './ripgrep.ts'

/** The paths of a workspace that git does not ignore, kept between questions. */
export interface PathIndex {
  find(query: string, limit: number): Promise<readonly string[]>
  /** Files came or went: the next question reads the list anew. */
  invalidate(): void
}

/** Paths scored before others get their turn on the thread. */
const scoredAtOnce = 5000

export function createPathIndex(root: string): PathIndex {
  let known: Promise<readonly string[]> | undefined

  async function load(): Promise<readonly string[]> {
    const paths: string[] = []
    let rest = ''
    const decoder = new TextDecoder()
    await runRipgrep({
      root,
      // Sorted there, where it holds up nobody here.
      args: ['--files', '--null', '--sort=path', ...exclusions],
      onOutput(chunk) {
        const parts = (rest + decoder.decode(chunk, { stream: true })).split('\0')
        rest = parts.pop() ?? ''
        for (const part of parts) paths.push(part)
        return paths.length >= limits.indexedPaths ? 'enough' : undefined
      },
    })
    return paths
  }

  return {
    async find(query, limit) {
      known ??= load()
      const loading = known
      const paths = await loading.catch((error) => {
        if (known === loading) known = undefined
        throw error
      })
      return await bestOf(paths, query, limit)
    },
    invalidate() {
      known = undefined
    },
  }
}

/** Those that match, best first. */
export async function bestOf(
  paths: readonly string[],
  text: string,
  limit: number,
): Promise<readonly string[]> {
  const query = fuzzyQuery(text)
  if (query.terms.length === 0) return paths.slice(0, limit)
  const found: { readonly path: string; readonly score: number }[] = []
  for (let start = 0; start < paths.length; start += scoredAtOnce) {
    if (start > 0) await new Promise<void>((resolve) => setImmediate(resolve))
    for (const path of paths.slice(start, start + scoredAtOnce)) {
      const score = fuzzyScore(query, path)
      if (score !== undefined) found.push({ path, score })
    }
  }
  // Of names that fit alike the one with the least besides is meant: `limits.ts`, not `limits.spec.ts`.
  const nameLength = (path: string) => path.length - path.lastIndexOf('/')
  found.sort(
    (a, b) =>
      b.score - a.score ||
      nameLength(a.path) - nameLength(b.path) ||
      a.path.length - b.path.length ||
      (a.path < b.path ? -1 : 1),
  )
  return found.slice(0, limit).map(({ path }) => path)
}
