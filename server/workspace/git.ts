import { limits } from '../../core/protocol/limits.ts'
import { type ProcessResult, type RunProgram, runProcess } from './run-process.ts'

/** Where git is looked for: the server's own environment is not handed on. */
const searchPath = '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin'
const nowhere = process.platform === 'win32' ? 'NUL' : '/dev/null'

/** A repository's own configuration is attacker input: whatever it could make git run is switched off here. */
const settings: Readonly<Record<string, string>> = {
  'core.hooksPath': nowhere,
  'core.fsmonitor': 'false',
  'core.untrackedCache': 'false',
  'core.attributesFile': nowhere,
  'core.sshCommand': 'false',
  'core.askPass': '',
  'core.editor': 'false',
  'core.pager': 'cat',
  'credential.helper': '',
  'diff.external': '',
  'protocol.allow': 'never',
  'safe.bareRepository': 'explicit',
  'submodule.recurse': 'false',
  'fetch.recurseSubmodules': 'false',
  'commit.gpgSign': 'false',
  'tag.gpgSign': 'false',
  'gpg.program': 'false',
  'gc.auto': '0',
  'maintenance.auto': 'false',
}

const environment: Readonly<Record<string, string>> = {
  PATH: searchPath,
  LC_ALL: 'C.UTF-8',
  HOME: nowhere,
  XDG_CONFIG_HOME: nowhere,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_SYSTEM: nowhere,
  GIT_CONFIG_GLOBAL: nowhere,
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_LAZY_FETCH: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_PAGER: 'cat',
  GIT_EDITOR: 'false',
}

export interface GitOptions {
  readonly cwd: string
  readonly input?: string
  /** Added to the environment, for example an author. */
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
  readonly outputBytes?: number
  /** Left out: at once, from this process. */
  readonly run?: RunProgram
}

/** The one way the server runs git: no hooks, helpers, prompts, network or configuration but the repository's tamed one. */
export function runGit(
  args: readonly string[],
  { cwd, input, env, run = runProcess, ...bounds }: GitOptions,
): Promise<ProcessResult> {
  const configured = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return run({
    file: 'git',
    args: ['--no-pager', ...configured, ...args],
    cwd,
    env: { ...environment, ...env },
    ...(input !== undefined && { input }),
    timeoutMs: limits.gitMs,
    outputBytes: limits.gitBytes,
    ...bounds,
  })
}
