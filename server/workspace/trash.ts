import { randomBytes } from 'node:crypto'
import { cp, lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { RequestError } from '../../core/protocol/errors.ts'
import { errorCode } from './error-code.ts'
import type { PathGuard } from './workspace.ts'

const noteSchema = z.object({ path: z.string() })

export interface Trash {
  put(path: string): Promise<string>
  restore(trashId: string): Promise<string>
}

/** Keeps what was deleted in `folder`, one entry per deletion: `ID/note.json` and `ID/item`. */
export function createTrash(guard: PathGuard, folder: string): Trash {
  return {
    async put(path) {
      const source = await guard.forEntry(path)
      if (!(await exists(source))) throw new RequestError('notFound', `There is no ${path}.`)
      const trashId = randomBytes(8).toString('hex')
      const entry = join(folder, trashId)
      await mkdir(entry, { recursive: true, mode: 0o700 })
      // The note first: an item without one could not be brought back.
      await writeFile(join(entry, 'note.json'), JSON.stringify({ path }))
      await move(source, join(entry, 'item'))
      return trashId
    },

    async restore(trashId) {
      if (!/^[0-9a-f]{16}$/.test(trashId))
        throw new RequestError('notFound', 'There is no such deleted file.')
      const entry = join(folder, trashId)
      const note = await readFile(join(entry, 'note.json'), 'utf8').catch(() => undefined)
      if (note === undefined) throw new RequestError('notFound', 'There is no such deleted file.')
      const { path } = noteSchema.parse(JSON.parse(note))
      const target = await guard.forEntry(path)
      if (await exists(target))
        throw new RequestError('conflict', `There is another ${basename(path)} at ${path} now.`)
      await mkdir(dirname(target), { recursive: true })
      await move(join(entry, 'item'), target)
      await rm(entry, { recursive: true })
      return path
    },
  }
}

/** True for a link too, wherever it leads. */
export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return false
    throw error
  }
}

/** The data folder may be on another disk, where a rename cannot go. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (errorCode(error) !== 'EXDEV') throw error
    await cp(from, to, {
      recursive: true,
      verbatimSymlinks: true,
      preserveTimestamps: true,
      errorOnExist: true,
      force: false,
    })
    await rm(from, { recursive: true })
  }
}
