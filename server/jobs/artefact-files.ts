import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename } from 'node:path/posix'
import { pipeline } from 'node:stream/promises'
import { jobIdSchema } from '../../core/protocol/ids.ts'
import { contentType } from '../preview/content-type.ts'
import type { Jobs } from './jobs.ts'

/** Answers whether the path is that of a file a job made: `/artefacts/<job>/<path>`. Whoever asks may see all jobs. */
export type ArtefactFiles = (
  request: IncomingMessage,
  response: ServerResponse,
  pathname: string,
) => Promise<boolean>

/**
 * A job's commands wrote these files: a browser saves them and shows none of them as a page, with which one could act as
 * the person who looks at it.
 */
export function createArtefactFiles(jobs: Pick<Jobs, 'find' | 'copies'>): ArtefactFiles {
  return async (request, response, pathname) => {
    const [, id, encoded] = /^\/artefacts\/([^/]+)\/(.+)$/.exec(pathname) ?? []
    if (id === undefined || encoded === undefined) return false
    const path = decode(encoded)
    const known = jobIdSchema.safeParse(id)
    const job = known.success ? jobs.find(known.data) : undefined
    const file =
      job && isRead(request) ? await jobs.copies.artefacts.open(job, path).catch(() => undefined) : undefined
    if (!file) {
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' })
      response.end('There is no such file of that job any more.\n')
      return true
    }
    try {
      const { size } = await file.stat()
      const { type } = contentType(path)
      response.writeHead(200, {
        'Content-Type':
          type.startsWith('image/') && type !== 'image/svg+xml' ? type : 'application/octet-stream',
        'Content-Length': size,
        'Content-Disposition': `attachment; filename*=UTF-8''${encodeName(basename(path))}`,
        'Content-Security-Policy': "default-src 'none'; sandbox",
        'Cross-Origin-Resource-Policy': 'same-origin',
      })
      if (request.method === 'HEAD' || size === 0) response.end()
      // It may grow meanwhile.
      else await pipeline(file.createReadStream({ end: size - 1, autoClose: false }), response)
    } finally {
      await file.close()
    }
    return true
  }
}

function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** `''`, which names no file, for what is no text. */
function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return ''
  }
}

/** As RFC 8187 has it, which leaves fewer characters as they are. */
function encodeName(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(
    /['()*!]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  )
}
