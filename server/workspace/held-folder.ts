import { constants } from 'node:fs'
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { RequestError } from '../../core/protocol/errors.ts'
import { errorCode } from './error-code.ts'

/** A folder held open, so that a link put in its place after the guard looked changes nothing. */
export interface HeldFolder {
  /** Names an entry of this very folder (on Linux through the open descriptor). */
  at(name: string): string
  sync(): Promise<void>
  close(): Promise<void>
}

/** Holds a folder the guard has resolved; refuses when the path has become a link or leads elsewhere. */
export async function holdFolder(folder: string): Promise<HeldFolder> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    const viaDescriptor = process.platform === 'linux'
    const through = `/proc/self/fd/${handle.fd}`
    const real = viaDescriptor ? await readlink(through) : await realpath(folder)
    if (real !== folder) throw swapped()
    return {
      at: (name) => join(viaDescriptor ? through : folder, name),
      sync: () => handle.sync(),
      close: () => handle.close(),
    }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** Opens a regular file the guard has resolved for reading, following no link and waiting for no pipe. */
export async function openGuarded(path: string): Promise<FileHandle> {
  const folder = await holdFolder(dirname(path))
  try {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
    const file = await open(folder.at(basename(path)), flags)
    if ((await file.stat()).isFile()) return file
    await file.close()
    throw new RequestError('notFound', 'There is no regular file of that name.')
  } catch (error) {
    throw errorCode(error) === 'ELOOP' ? swapped() : error
  } finally {
    await folder.close()
  }
}

function swapped(): RequestError {
  return new RequestError('pathDenied', 'The path became a link while it was used.')
}
