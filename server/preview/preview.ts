import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { RequestError } from '../../core/protocol/errors.ts'
import type { WorkspaceId } from '../../core/protocol/ids.ts'
import { openGuarded } from '../workspace/held-folder.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { contentType } from './content-type.ts'
import { livePage, liveScriptPath, liveStyle } from './live-page.ts'
import { notFoundPage } from './not-found-page.ts'
import { previewHeaders } from './preview-headers.ts'

/** Serves the files of workspaces to sandboxed frames. The path's capability is the only key: no cookie is looked at. */
export interface Preview {
  /** The path prefix under which the session may show the workspace, until it closes: `/preview/<capability>/`. */
  open(workspaceId: string, sessionId: string): string
  closeSession(sessionId: string): void
  /** Answers a request under `/preview/`; `false` when it is none. */
  handle(request: IncomingMessage, response: ServerResponse): boolean
}

export interface PreviewOptions {
  readonly workspaces: (id: string) => Workspace | undefined
  /** The text as people see it now, unsaved changes included; `undefined` when it is no text. */
  readonly readText: (workspaceId: WorkspaceId, path: string) => Promise<string | undefined>
}

interface Grant {
  readonly base: string
  readonly workspace: Workspace
  readonly sessionId: string
}

interface Answer {
  readonly status: number
  readonly type?: string
  readonly body?: string
  readonly location?: string
}

export function createPreview({ workspaces, readText }: PreviewOptions): Preview {
  const grants = new Map<string, Grant>()
  let liveScript: Promise<string> | undefined

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = parseTarget(request.url ?? '')
    const grant = target && grants.get(target.capability)
    if (target === undefined || grant === undefined) {
      return send(request, response, undefined, {
        status: 404,
        body: 'This preview is closed. Open it again from Tandem.\n',
      })
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return send(request, response, grant, { status: 405, body: 'Only GET and HEAD.\n' })
    }
    if (target.path === liveScriptPath) {
      liveScript ??= readFile(new URL('./live-script.js', import.meta.url), 'utf8')
      return send(request, response, grant, { status: 200, type: 'text/javascript', body: await liveScript })
    }
    try {
      await serveFile(request, response, grant, target.path)
    } catch (error) {
      send(request, response, grant, await explain(grant, target.path, error))
    }
  }

  async function serveFile(
    request: IncomingMessage,
    response: ServerResponse,
    grant: Grant,
    asked: string,
  ): Promise<void> {
    refuseDotNames(asked)
    const { workspace, base } = grant
    const path = asked === '' || asked.endsWith('/') ? `${asked}index.html` : asked
    const absolute = await workspace.guard.forRead(path)
    const { type, text } = contentType(path)
    const body = text ? await readText(workspace.id, path) : undefined
    if (body !== undefined)
      return send(request, response, grant, { status: 200, type, body: live(type, body, base) })

    const file = await openGuarded(absolute).catch(async (error) => {
      const isFolder =
        !asked.endsWith('/') &&
        (await workspace.list(asked).then(
          () => true,
          () => false,
        ))
      if (!isFolder) throw error
    })
    if (file === undefined)
      return send(request, response, grant, { status: 302, location: `${base}${encodePath(asked)}/` })
    try {
      const { size } = await file.stat()
      response.writeHead(200, {
        ...previewHeaders(request, base),
        'Content-Type': text ? 'application/octet-stream' : type,
        'Content-Length': size,
      })
      if (request.method === 'HEAD') response.end()
      else if (size === 0) response.end()
      else await pipeline(file.createReadStream({ end: size - 1, autoClose: false }), response)
    } finally {
      await file.close()
    }
  }

  return {
    open(workspaceId, sessionId) {
      const workspace = workspaces(workspaceId)
      if (workspace === undefined) throw new RequestError('notFound', 'There is no such workspace.')
      for (const grant of grants.values()) {
        if (grant.workspace === workspace && grant.sessionId === sessionId) return grant.base
      }
      const capability = randomBytes(32).toString('base64url')
      const base = `/preview/${capability}/`
      grants.set(capability, { base, workspace, sessionId })
      return base
    },
    closeSession(sessionId) {
      for (const [capability, grant] of grants) {
        if (grant.sessionId === sessionId) grants.delete(capability)
      }
    },
    handle(request, response) {
      if (!request.url?.startsWith('/preview/')) return false
      respond(request, response).catch(() => {
        if (response.headersSent) response.destroy()
        else send(request, response, undefined, { status: 500, body: 'The preview failed.\n' })
      })
      return true
    },
  }
}

function live(type: string, text: string, base: string): string {
  if (type === 'text/html') return livePage(text, base)
  return type === 'text/css' ? liveStyle(text, base) : text
}

/** A page that runs foreign code has no business with `.env` and its like. */
function refuseDotNames(path: string): void {
  const hidden = path.split('/').find((part) => part.startsWith('.') && part !== '.well-known')
  if (hidden !== undefined) throw new RequestError('pathDenied', 'Hidden files are not previewed.')
}

async function explain(grant: Grant, path: string, error: unknown): Promise<Answer> {
  if (error instanceof RequestError && error.code === 'pathDenied') {
    return { status: 403, body: `${error.message}\n` }
  }
  const pages = await grant.workspace.find('.html', 20).catch(() => [])
  return {
    status: 404,
    type: 'text/html',
    body: livePage(notFoundPage(path, pages), grant.base),
  }
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  grant: Grant | undefined,
  answer: Answer,
): void {
  const { status, type = 'text/plain', body = '', location } = answer
  response.writeHead(status, {
    ...previewHeaders(request, grant?.base),
    'Content-Type': `${type}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(body),
    ...(location !== undefined && { Location: location }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** The capability and the path as it is asked for; `undefined` when it cannot be one. */
function parseTarget(url: string): { readonly capability: string; readonly path: string } | undefined {
  const [, capability, encoded] = /^\/preview\/([\w-]{43})\/([^?#]*)/.exec(url) ?? []
  if (capability === undefined || encoded === undefined) return undefined
  try {
    const parts = encoded.split('/').map(decodeURIComponent)
    // A separator that was encoded is a part of no name here.
    return parts.some((part) => part.includes('/')) ? undefined : { capability, path: parts.join('/') }
  } catch {
    return undefined
  }
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}
