import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'

const headBytes = 4096
const branchChars = 200

/** The branch checked out in the repository around `root`, a short commit when detached, `undefined` outside of any. */
export async function readBranch(root: string): Promise<string | undefined> {
  for (let folder = root; ; folder = dirname(folder)) {
    const head = await readHead(folder)
    if (head !== undefined) return parseHead(head)
    if (dirname(folder) === folder) return undefined
  }
}

async function readHead(folder: string): Promise<string | undefined> {
  const entry = join(folder, '.git')
  const kind = await lstat(entry).catch(() => undefined)
  if (kind?.isDirectory()) return await readSmallFile(join(entry, 'HEAD'))
  if (!kind?.isFile()) return undefined
  // A worktree or submodule: the file names the real folder.
  const target = /^gitdir: (.+)$/m.exec((await readSmallFile(entry)) ?? '')?.[1]?.trim()
  if (target === undefined || target.includes('\0')) return undefined
  return await readSmallFile(join(isAbsolute(target) ? target : resolve(folder, target), 'HEAD'))
}

/** Only what looks like a HEAD comes out: `gitdir:` may name any file of the machine. */
export function parseHead(text: string): string | undefined {
  const line = text.split('\n', 1)[0] ?? ''
  const branch = /^ref: refs\/heads\/([^\p{C}\s~^:?*[\\]+)$/u.exec(line)?.[1]
  if (branch !== undefined) return branch.slice(0, branchChars)
  return /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(line) ? line.slice(0, 7) : undefined
}

async function readSmallFile(path: string): Promise<string | undefined> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const file = await open(path, flags).catch(() => undefined)
  if (file === undefined) return undefined
  try {
    if (!(await file.stat()).isFile()) return undefined
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}
