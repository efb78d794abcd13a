import { runGit } from '../workspace/git.ts'
import { ForgeError, type ForgePlace } from './forge.ts'
import type { JobRepository } from './job-repository.ts'

const pushMs = 90_000

/**
 * Makes a branch of a forge what a job has done, if it is not there yet or is something the job did before. Done from
 * the server's own repository: what a workspace's configuration says of addresses and helpers is not read.
 */
export async function pushBranch(options: {
  readonly repository: JobRepository
  readonly place: ForgePlace
  readonly branch: string
  readonly head: string
}): Promise<void> {
  const { repository, place, branch, head } = options
  const { forge, path } = place
  const gitDir = await repository.lent()
  const url = `${forge.url.replace(/\/$/, '')}/${path}.git`
  const protocol = new URL(url).protocol.slice(0, -1)
  const user = forge.kind === 'github' ? 'x-access-token' : 'oauth2'
  const secret = Buffer.from(`${user}:${forge.token}`).toString('base64')
  // In the environment: who lists processes sees the arguments.
  const settings = [
    ['http.extraHeader', `Authorization: Basic ${secret}`],
    ['http.followRedirects', 'false'],
    [`protocol.${protocol}.allow`, 'always'],
  ].flatMap(([key = '', value = ''], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ])
  const env = {
    GIT_DIR: gitDir,
    GIT_ALLOW_PROTOCOL: protocol,
    GIT_CONFIG_COUNT: '3',
    ...Object.fromEntries(settings),
  }
  const run = async (...args: readonly string[]) => {
    const { code, output, problem } = await runGit(args, { cwd: gitDir, env, timeoutMs: pushMs })
    if (code !== 0) throw failureOf(`${problem}\n${output}`)
    return output
  }
  const ref = `refs/heads/${branch}`
  const there = /^\w+/.exec(await run('ls-remote', '--refs', url, ref))?.[0]
  if (there === head) return
  const isOwn = there === undefined || (await repository.isBefore(there, head))
  if (!isOwn) throw new ForgeError('moved', branch)
  // Somebody may move it between the look and this.
  await run(
    'push',
    '--quiet',
    '--no-verify',
    `--force-with-lease=${ref}:${there ?? ''}`,
    url,
    `${head}:${ref}`,
  )
}

/** By what git says, which it says in English. */
function failureOf(said: string): ForgeError {
  const lines = said.split('\n').filter((line) => /^(fatal|error|remote|\s*! )/.test(line))
  const detail = lines.join('\n').trim().slice(0, 500)
  if (/stale info|fetch first|non-fast-forward/.test(said)) return new ForgeError('moved', detail)
  if (/Authentication failed|could not read Username|error: 40[13]|denied/i.test(said))
    return new ForgeError('refused', detail)
  if (/not found|error: 404/i.test(said)) return new ForgeError('missing', detail)
  if (/\[remote rejected\]/.test(said)) return new ForgeError('refused', detail)
  return new ForgeError('unreachable', detail)
}
