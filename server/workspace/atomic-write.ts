import { randomBytes } from 'node:crypto'
import { open, readdir, rename, unlink } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { holdFolder } from './held-folder.ts'

/**
 * Replaces the file's content in one step: temporary file in the same folder, fsync, rename, fsync of the folder.
 * After a crash the file is old or new, never mixed. `path` comes from a path guard: absolute, its links resolved.
 */
export async function writeAtomic(path: string, bytes: Uint8Array, mode?: number): Promise<void> {
  const folder = await holdFolder(dirname(path))
  try {
    const temporary = folder.at(`.${randomBytes(6).toString('hex')}${temporarySuffix}`)
    const file = await open(temporary, 'wx', mode ?? 0o644)
    try {
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, folder.at(basename(path)))
    } catch (error) {
      await unlink(temporary).catch(() => undefined)
      throw error
    }
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Removes what writes in this folder left behind when their server died; a write under way elsewhere is tried again. */
export async function removeTemporaries(path: string): Promise<void> {
  const folder = await holdFolder(path).catch(() => undefined)
  if (folder === undefined) return
  try {
    for (const name of await readdir(folder.at('.'))) {
      if (temporaryName.test(name)) await unlink(folder.at(name)).catch(() => undefined)
    }
  } finally {
    await folder.close()
  }
}

/** Ends the names of files being written; lists and watchers leave them out. */
export const temporarySuffix = '.tandem-tmp'

const temporaryName = /^\.[0-9a-f]{12}\.tandem-tmp$/
