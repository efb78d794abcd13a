import { createHash } from 'node:crypto'
import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { RequestError } from '../../core/protocol/errors.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { DiskProblem } from '../../core/protocol/workspace.ts'
import { writeAtomic } from '../workspace/atomic-write.ts'
import { errorCode } from '../workspace/error-code.ts'
import { openGuarded } from '../workspace/held-folder.ts'
import { exists } from '../workspace/trash.ts'
import type { PathGuard } from '../workspace/workspace.ts'
import { decodeText, encodeText, type TextFormat } from './disk-text.ts'
import type { DocumentProblem } from './documents.ts'

/** A problem people are told in words of their own. */
export class DiskError extends Error {
  readonly problem: DiskProblem

  constructor(problem: DiskProblem) {
    super(problem.code)
    this.problem = problem
  }
}

export type DiskFile =
  | {
      readonly kind: 'text'
      readonly text: string
      readonly format: TextFormat
      /** SHA-256 of its bytes, hex. */
      readonly hash: string
      readonly mode: number
    }
  | DocumentProblem

/** Reads a file of at most `limit` bytes as text. Whatever is no regular file counts as not there. */
export async function readDiskFile(
  guard: PathGuard,
  path: string,
  limit: number = limits.documentBytes,
): Promise<DiskFile> {
  const absolute = await guard.forRead(path)
  let file: Awaited<ReturnType<typeof openGuarded>>
  try {
    file = await openGuarded(absolute)
  } catch (error) {
    const code = errorCode(error)
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'ENXIO'
    if (code === 'EACCES' || code === 'EPERM') throw new RequestError('forbidden', `${path} may not be read.`)
    if (isMissing || (error instanceof RequestError && error.code === 'notFound')) return { kind: 'notFound' }
    if (code === 'EACCES' || code === 'EPERM') throw new RequestError('forbidden', `${path} may not be read.`)
    throw error
  }
  try {
    const { size, mode } = await file.stat()
    if (size > limit) return { kind: 'tooLarge', size, limit }
    const bytes = await file.readFile()
    if (bytes.length > limit) return { kind: 'tooLarge', size: bytes.length, limit }
    if (bytes.subarray(0, limits.sniffBytes).includes(0)) return { kind: 'binary', size: bytes.length }
    const decoded = decodeText(bytes)
    if (decoded === undefined) return { kind: 'notUtf8', size: bytes.length }
    return { kind: 'text', ...decoded, hash: hashOf(bytes), mode: mode & 0o7777 }
  } finally {
    await file.close()
  }
}

export interface WriteOptions {
  readonly guard: PathGuard
  readonly path: string
  readonly text: string
  readonly format: TextFormat
  readonly mode: number | undefined
}

/** Puts the text on disk in one step, making the folders it needs. Answers the hash of the bytes. */
export async function writeDiskFile({ guard, path, text, format, mode }: WriteOptions): Promise<string> {
  const bytes = encodeText(text, format)
  const absolute = await guard.forWrite(path)
  // A workspace that was moved away or unmounted is not made anew in its old place.
  if (!(await exists(guard.root))) throw new DiskError({ code: 'folderGone', detail: '' })
  await mkdir(dirname(absolute), { recursive: true })
  await writeAtomic(absolute, bytes, mode)
  return hashOf(bytes)
}

/** Whether the file may be changed: the guard and the file's own mode say so. */
export async function isReadOnly(guard: PathGuard, path: string): Promise<boolean> {
  try {
    const absolute = await guard.forWrite(path)
    // The mode, not `access`: replacing a file asks only the folder, and root may do all.
    return ((await stat(absolute)).mode & 0o222) === 0
  } catch (error) {
    return error instanceof RequestError
  }
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
