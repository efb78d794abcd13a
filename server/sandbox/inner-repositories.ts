import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const deepest = 4
/** So many folders are looked into: before each command this costs milliseconds. */
const mostFolders = 300
const never = new Set(['node_modules', '.git', '.next', '.venv', 'vendor', 'target', 'dist'])

/** What stands for repositories inside a folder, as submodules are: git runs what these name. Nearest first. */
export function innerRepositories(folder: string): readonly string[] {
  const found: string[] = []
  let level = [folder]
  let looked = 0
  for (let depth = 0; depth < deepest; depth++) {
    const next: string[] = []
    for (const outer of level) {
      if (looked++ >= mostFolders) return found
      for (const entry of entriesOf(outer)) {
        if (!entry.isDirectory() || never.has(entry.name)) continue
        const inner = join(outer, entry.name)
        next.push(inner)
        const git = join(inner, '.git')
        const there = lstatSync(git, { throwIfNoEntry: false })
        if (there?.isDirectory() || there?.isFile()) found.push(git)
      }
    }
    level = next
  }
  return found
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}
