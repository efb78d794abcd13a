import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { proxyPort } from './egress.ts'
import { hiddenInside, type Places, shownFolders } from './places.ts'
import { type CommandLimits, type SandboxCommand, SandboxError } from './runner.ts'

/** What the container of one command is made with. */
export interface ContainerPlan extends Places {
  readonly name: string
  /** By which the server finds what one that died left behind. */
  readonly label: string
  readonly image: string
  /** `UID:GID` of the server: what is written in the folder is its own. */
  readonly user: string
  /** Podman without root: this user is the same inside. */
  readonly keepsId: boolean
  readonly limits: CommandLimits
  readonly cpus: number | undefined
  readonly env: Readonly<Record<string, string>>
  /** What is seen in the place of what is hidden. An engine would copy what is there into a folder in memory. */
  readonly emptyFile: string
  readonly emptyFolder: string
  /** The socket that leads to the network, when there is one. */
  readonly door: string | undefined
  readonly command: SandboxCommand['command']
}

const homeInside = '/home/tandem'
const forwarderInside = '/run/tandem/forwarder.mjs'
const doorInside = '/run/tandem/door'
const forwarder = join(import.meta.dirname, 'forwarder.js')

/**
 * The container's first process: when it ends the kernel ends all others. It ends when the command does, and when
 * nobody holds its input any more, which is when the server is gone. What the engine adds to the environment goes.
 */
const head = `unset HOSTNAME container
exec 3<&0 </dev/null
trap 'exit 137' TERM
(cat <&3 >/dev/null; kill -TERM 1) &
exec 3<&-
`
const shell = `if [ -x /bin/bash ]; then set -- /bin/bash -c "$1"; else set -- /bin/sh -c "$1"; fi
`
const gate = `if ! command -v node >/dev/null; then
  echo 'The image of the sandbox has no node, which the way to allowed hosts goes through.' >&2
  exit 126
fi
set -- node ${forwarderInside} ${doorInside} ${proxyPort} "$@"
`
const tail = `"$@" &
wait $!`

/** What `podman create` and `docker create` are told. Both know all of it. */
export function containerArguments(plan: ContainerPlan): readonly string[] {
  const { name, label, image, limits, command, door } = plan
  const isLine = typeof command === 'string'
  const memory = `${limits.memoryBytes}`
  const folder = (path: string) => ['--tmpfs', `${path}:rw,exec,nosuid,nodev,mode=1777,size=${quarter}`]
  const quarter = Math.floor(limits.memoryBytes / 4)
  const script = `${head}${isLine ? shell : ''}${door === undefined ? '' : gate}${tail}`
  return [
    'create',
    ...['--name', name, '--label', label],
    ...['--pull', 'never', '--log-driver', 'none', '--interactive', '--stop-timeout', '0'],
    ...['--network', 'none'],
    ...['--cap-drop', 'ALL'],
    ...['--security-opt', 'no-new-privileges'],
    '--read-only',
    ...['--ipc', 'private', '--hostname', 'tandem'],
    ...['--user', plan.user, ...(plan.keepsId ? ['--userns', 'keep-id'] : [])],
    ...['--pids-limit', `${limits.processes}`],
    // No more with swap than without.
    ...['--memory', memory, '--memory-swap', memory],
    ...['--cpu-shares', '512', ...(plan.cpus === undefined ? [] : ['--cpus', `${plan.cpus}`])],
    ...['--ulimit', 'core=0:0', '--ulimit', 'nofile=4096:4096'],
    ...['--ulimit', `fsize=${limits.fileBytes}:${limits.fileBytes}`],
    ...['--shm-size', `${quarter}`],
    ...folder('/tmp'),
    ...folder(homeInside),
    ...mounts(plan),
    ...(door === undefined
      ? []
      : [...bind(forwarder, forwarderInside, true), ...bind(door, doorInside, false)]),
    ...['--workdir', plan.folder],
    ...Object.entries({ HOME: homeInside, LANG: 'C.UTF-8', TERM: 'dumb', ...plan.env }).flatMap(
      ([key, value]) => ['--env', `${key}=${value}`],
    ),
    ...['--entrypoint', '/bin/sh', image],
    ...['-c', script, 'sh', ...(isLine ? [command] : command)],
  ]
}

function mounts(plan: ContainerPlan): string[] {
  const shown = shownFolders(plan).flatMap((path) => bind(path, path, !plan.writable.includes(path)))
  const kept = plan.protectedPaths.flatMap((path) => bind(path, path, true))
  const away = hiddenInside(plan).flatMap((path) =>
    bind(lstatSync(path).isDirectory() ? plan.emptyFolder : plan.emptyFile, path, true),
  )
  return [...shown, ...kept, ...away]
}

function bind(source: string, target: string, readOnly: boolean): string[] {
  // Commas part the options, and the engines do not agree on how to write one that does not.
  if (/[,"\n]/.test(source))
    throw new SandboxError(`A command cannot be given ${source} in a container: rename it without a comma.`)
  return ['--mount', `type=bind,source=${source},target=${target}${readOnly ? ',readonly' : ''}`]
}
