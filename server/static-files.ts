import { existsSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import sirv from 'sirv'

/** Answers whether it has what was asked for; then that is on its way. */
export type StaticFiles = (request: IncomingMessage, response: ServerResponse) => boolean

const under = '/_next/static/'
const yearSeconds = 31_536_000

/**
 * What the browser runs, as the build left it in `folder`: compressed once, and not for each page that is opened. The
 * names hold a hash of the content, so a browser may keep it for ever. It is looked for when it is first asked for: a
 * server may go on with its jobs while the pages are built.
 */
export function createStaticFiles(folder: string): StaticFiles {
  let send: ReturnType<typeof sirv> | undefined
  return (request, response) => {
    const { url } = request
    if (!url?.startsWith(under) || !existsSync(folder)) return false
    send ??= sirv(folder, {
      gzip: true,
      maxAge: yearSeconds,
      immutable: true,
      ignores: false,
      extensions: [],
    })
    let has = true
    request.url = url.slice(under.length - 1)
    send(request, response, () => {
      has = false
    })
    request.url = url
    return has
  }
}
