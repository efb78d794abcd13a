import { z } from 'zod'
import type { PushProblem } from '../../core/protocol/job.ts'

export const forgeKinds = ['github', 'gitlab'] as const

/** Where repositories are kept, and people are asked to take branches over. */
export interface Forge {
  readonly kind: (typeof forgeKinds)[number]
  /** As browsers and git know it: its host is the only one the token goes to, with that of `apiUrl`. */
  readonly url: string
  readonly apiUrl: string
  readonly token: string
}

/** A repository of a forge. */
export interface ForgePlace {
  readonly forge: Forge
  /** Owner and name, and groups between them. */
  readonly path: string
}

/** Why it could not be done, in a word, and what the other side said. */
export class ForgeError extends Error {
  readonly problem: PushProblem

  constructor(problem: PushProblem, detail = '') {
    super(detail)
    this.problem = problem
  }
}

/** The repository a remote leads to. What a workspace's configuration says chooses one of those that are configured here, no more. */
export function placeOf(remote: string, forges: readonly Forge[]): ForgePlace {
  const [, scpHost, scpPath] = /^(?:[\w.-]+@)?([\w.-]+):(?!\/\/)(.+)$/.exec(remote) ?? []
  const url = scpHost === undefined ? URL.parse(remote) : undefined
  const isSsh = scpHost !== undefined || url?.protocol === 'ssh:'
  const host = scpHost ?? (isSsh ? url?.hostname : url?.host)
  const path = (scpPath ?? url?.pathname ?? '').replace(/^\/+|(\.git)?\/*$/g, '')
  const forge = forges.find((one) => {
    const known = new URL(one.url)
    return (isSsh ? known.hostname : known.host) === host
  })
  if (!forge) throw new ForgeError('unknownHost', host || remote.slice(0, 200))
  const isPath = /^[\w.-]+(\/[\w.-]+)+$/.test(path) && !path.split('/').some((part) => /^\.+$/.test(part))
  if (!isPath) throw new ForgeError('noRemote', path)
  return { forge, path }
}

interface Branch {
  readonly branch: string
  readonly base: string
  readonly title: string
  readonly text: string
}

/** Pull requests of one repository: what GitHub calls that; GitLab says merge request. */
export interface PullRequests {
  /** The address of the one that is open for the branch. */
  find(branch: string): Promise<string | undefined>
  /** The branch to ask for: the one people are on, when it is known there, else the default one. */
  base(wanted: string | undefined): Promise<string>
  open(request: Branch): Promise<string>
}

const webAddress = z.url({ protocol: /^https?$/ })
const defaultSchema = z.object({ default_branch: z.string() })

export function pullRequestsOf(place: ForgePlace, signal: AbortSignal): PullRequests {
  const ask = asker(place.forge, signal)
  return place.forge.kind === 'github' ? github(place.path, ask) : gitlab(place.path, ask)
}

function github(path: string, ask: Ask): PullRequests {
  const repository = `/repos/${path}`
  const one = z.object({ html_url: webAddress })
  const [owner = ''] = path.split('/')
  return {
    async find(branch) {
      const query = new URLSearchParams({ state: 'open', head: `${owner}:${branch}` })
      const [found] = z.array(one).parse(await ask(`${repository}/pulls?${query}`))
      return found?.html_url
    },
    base: (wanted) => baseOf(ask, wanted, { repository, branches: `${repository}/branches` }),
    async open({ branch, base, title, text }) {
      const made = await ask(`${repository}/pulls`, { title, body: text, head: branch, base })
      return one.parse(made).html_url
    },
  }
}

function gitlab(path: string, ask: Ask): PullRequests {
  const repository = `/projects/${encodeURIComponent(path)}`
  const one = z.object({ web_url: webAddress })
  return {
    async find(branch) {
      const query = new URLSearchParams({ state: 'opened', source_branch: branch })
      const [found] = z.array(one).parse(await ask(`${repository}/merge_requests?${query}`))
      return found?.web_url
    },
    base: (wanted) => baseOf(ask, wanted, { repository, branches: `${repository}/repository/branches` }),
    async open({ branch, base, title, text }) {
      const wish = { source_branch: branch, target_branch: base, title, description: text }
      return one.parse(await ask(`${repository}/merge_requests`, wish)).web_url
    },
  }
}

async function baseOf(
  ask: Ask,
  wanted: string | undefined,
  paths: { readonly repository: string; readonly branches: string },
): Promise<string> {
  if (wanted !== undefined) {
    try {
      await ask(`${paths.branches}/${encodeURIComponent(wanted)}`)
      return wanted
    } catch (error) {
      if (!(error instanceof ForgeError) || error.problem !== 'missing') throw error
    }
  }
  return defaultSchema.parse(await ask(paths.repository)).default_branch
}

/** Reads, or with a body makes. */
type Ask = (path: string, body?: object) => Promise<unknown>

function asker({ kind, apiUrl, token }: Forge, signal: AbortSignal): Ask {
  const headers = {
    'user-agent': 'Tandem',
    'content-type': 'application/json',
    accept: kind === 'github' ? 'application/vnd.github+json' : 'application/json',
    ...(kind === 'github' ? { authorization: `Bearer ${token}` } : { 'private-token': token }),
  }
  return async (path, body) => {
    const how = body ? { method: 'POST', body: JSON.stringify(body) } : {}
    // The token goes nowhere but where it was configured for, whatever the answer is.
    const response = await fetch(`${apiUrl}${path}`, { ...how, headers, redirect: 'error', signal }).catch(
      (error) => {
        throw new ForgeError('unreachable', error instanceof Error ? error.message : String(error))
      },
    )
    const said: unknown = await response.json().catch(() => undefined)
    if (response.ok) return said
    throw new ForgeError(problemOf(response.status), wordsOf(said) || `${response.status}`)
  }
}

function problemOf(status: number): PushProblem {
  if (status === 401 || status === 403) return 'refused'
  if (status === 404) return 'missing'
  return status === 429 || status >= 500 ? 'unreachable' : 'other'
}

const saidSchema = z.object({
  message: z.union([z.string(), z.array(z.string())]),
  errors: z.array(z.object({ message: z.string() })).optional(),
})

function wordsOf(said: unknown): string {
  const known = saidSchema.safeParse(said).data
  if (!known) return ''
  const words = [known.message, ...(known.errors ?? []).map(({ message }) => message)].flat()
  return words.join(' ').slice(0, 500)
}
