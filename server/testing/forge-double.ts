import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Forge } from '../jobs/forge.ts'

interface Pull {
  readonly branch: string
  readonly base: string
  readonly title: string
  readonly text: string
}

/** What is asked of it, without the token. */
interface Asked {
  readonly method: string
  readonly path: string
  readonly isKnown: boolean
}

export interface ForgeDouble {
  readonly forge: Forge
  readonly pulls: Pull[]
  readonly asked: Asked[]
  /** How it answers what makes a pull request, or anything (`all`), instead of doing it. */
  refusal: { readonly all?: boolean; readonly status: number; readonly message: string } | undefined
  /** Makes it keep who asks for a new pull request waiting for ever; `made`: it is made all the same. */
  silence: { readonly made: boolean } | undefined
  /** The remote as people clone it. */
  readonly remote: string
  git(...args: readonly string[]): string
  close(): void
}

/** A GitHub or GitLab of its own: git over HTTP with a bare repository, and the few requests Tandem makes. */
export async function createForgeDouble(kind: Forge['kind'], token = 'secret-token'): Promise<ForgeDouble> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-forge-'))
  const bare = join(folder, 'ada', 'project.git')
  mkdirSync(bare, { recursive: true })
  const git = (...args: readonly string[]) =>
    execFileSync('git', args, { cwd: bare, encoding: 'utf8', input: '' }).trim()
  git('init', '-q', '--bare', '-b', 'main')
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const double: ForgeDouble = {
    forge: { kind, url, apiUrl: `${url}/api`, token },
    pulls: [],
    asked: [],
    refusal: undefined,
    silence: undefined,
    remote: `${url}/ada/project.git`,
    git,
    close() {
      server.close()
      server.closeAllConnections()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  const user = kind === 'github' ? 'x-access-token' : 'oauth2'
  const basic = `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', headers } = request
    const { pathname, searchParams } = new URL(request.url ?? '/', url)
    const isGit = !pathname.startsWith('/api')
    const key =
      kind === 'github' ? headers.authorization === `Bearer ${token}` : headers['private-token'] === token
    const isKnown = isGit ? headers.authorization === basic : key
    double.asked.push({ method, path: pathname, isKnown })
    const say = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (!isKnown) return say(401, { message: 'Bad credentials' })
    if (isGit) return serveGit(request, response, folder)
    const { refusal, silence } = double
    if (refusal && (refusal.all || method === 'POST'))
      return say(refusal.status, { message: refusal.message })
    const shown = (one: Pull) => {
      const address = `${url}/ada/project/pull/${double.pulls.indexOf(one) + 1}`
      return kind === 'github' ? { html_url: address } : { web_url: address }
    }
    const repository = kind === 'github' ? '/api/repos/ada/project' : '/api/projects/ada%2Fproject'
    const rest = pathname.slice(repository.length)
    if (!pathname.startsWith(repository)) return say(404, { message: 'Not Found' })
    if (rest === '') return say(200, { default_branch: 'main' })
    const [, branch] = /^(?:\/repository)?\/branches\/(.+)$/.exec(rest) ?? []
    if (branch !== undefined) {
      const known = git('branch', '--format=%(refname:short)')
        .split('\n')
        .includes(decodeURIComponent(branch))
      return known ? say(200, {}) : say(404, { message: 'Branch not found' })
    }
    if (!/^\/(pulls|merge_requests)$/.test(rest)) return say(404, { message: 'Not Found' })
    if (method === 'GET') {
      const wanted = searchParams.get('source_branch') ?? searchParams.get('head')?.replace(/^ada:/, '')
      return say(200, double.pulls.filter(({ branch }) => branch === wanted).map(shown))
    }
    const wish = JSON.parse((await read(request)).toString('utf8'))
    const pull: Pull =
      kind === 'github'
        ? { branch: wish.head, base: wish.base, title: wish.title, text: wish.body }
        : { branch: wish.source_branch, base: wish.target_branch, title: wish.title, text: wish.description }
    if (double.pulls.some(({ branch }) => branch === pull.branch))
      return say(422, { message: 'already exists' })
    if (!silence || silence.made) double.pulls.push(pull)
    if (!silence) say(201, shown(pull))
  }
  return double
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** By git's own program for it. */
function serveGit(request: IncomingMessage, response: ServerResponse, root: string): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
  const { headers } = request
  const backend = spawn('git', ['http-backend'], {
    stdio: 'pipe',
    env: {
      NODE_ENV: 'test',
      PATH: '/usr/local/bin:/usr/bin:/bin',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_USER: 'ada',
      REQUEST_METHOD: request.method ?? 'GET',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
    },
  })
  request.pipe(backend.stdin)
  const pieces: Buffer[] = []
  backend.stdout.on('data', (piece) => pieces.push(piece))
  backend.on('close', () => {
    const whole = Buffer.concat(pieces)
    const end = whole.indexOf('\r\n\r\n')
    const lines = whole.subarray(0, end).toString('latin1').split('\r\n')
    const said = lines
      .map((line) => line.split(': ', 2))
      .map(([name = '', value = '']) => [name, value] as const)
    const status = said.find(([name]) => name === 'Status')?.[1]
    response.writeHead(status === undefined ? 200 : Number.parseInt(status, 10), Object.fromEntries(said))
    response.end(whole.subarray(end + 4))
  })
}
