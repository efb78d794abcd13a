import { existsSync, lstatSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { hiddenInside, type Places, shownFolders } from './places.ts'

/** What the sandbox of one command consists of. */
export interface Plan extends Places {
  /** Bounds what is kept in memory as files. */
  readonly memoryBytes: number
  readonly files: SandboxFiles
  /** The Node the server runs on, so that there is one. */
  readonly node: string
  /** The socket that leads to the network, when there is one. */
  readonly door: string | undefined
}

/** What stands in for the machine's own files. */
export interface SandboxFiles {
  readonly emptyFile: string
  readonly passwd: string
  readonly group: string
  readonly hosts: string
}

/** Where the server's Node is found inside. */
export const nodeInside = '/run/tandem/node'
export const forwarderInside = '/run/tandem/forwarder.mjs'
export const doorInside = '/run/tandem/door'
export const searchPath = `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${nodeInside}`
export const homeInside = '/home/tandem'

const forwarder = join(import.meta.dirname, 'forwarder.js')

/** Programs and libraries. Of /etc only what they are configured by: it holds keys too. */
const system = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32']
const settings = [
  'alternatives',
  'ca-certificates',
  'ca-certificates.conf',
  'crypto-policies',
  'debian_version',
  'fonts',
  'java-11-openjdk',
  'java-17-openjdk',
  'java-21-openjdk',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'magic',
  'mime.types',
  'nsswitch.conf',
  'os-release',
  'pki/ca-trust',
  'pki/tls/certs',
  'protocols',
  'services',
  'ssl/certs',
  'ssl/openssl.cnf',
  'timezone',
]

/** What bubblewrap is told, up to the command. */
export function bwrapArguments(plan: Plan): readonly string[] {
  const memoryFolder = (path: string) => ['--size', `${Math.floor(plan.memoryBytes / 4)}`, '--tmpfs', path]
  return [
    '--unshare-all',
    // `--unshare-all` only tries the user namespace; without one of its own there is nothing to close.
    '--unshare-user',
    '--disable-userns',
    '--die-with-parent',
    '--new-session',
    ...['--cap-drop', 'ALL'],
    ...['--uid', '1000', '--gid', '1000', '--hostname', 'tandem'],
    ...['--ro-bind', '/usr', '/usr'],
    ...system.flatMap(systemFolder),
    ...settings.flatMap((name) => ['--ro-bind-try', `/etc/${name}`, `/etc/${name}`]),
    ...['--ro-bind', plan.files.passwd, '/etc/passwd'],
    ...['--ro-bind', plan.files.group, '/etc/group'],
    ...['--ro-bind', plan.files.hosts, '/etc/hosts'],
    ...['--proc', '/proc', '--remount-ro', '/proc'],
    ...['--dev', '/dev', ...memoryFolder('/dev/shm'), '--remount-ro', '/dev'],
    ...memoryFolder('/tmp'),
    ...memoryFolder(homeInside),
    ...['--ro-bind', plan.node, `${nodeInside}/node`],
    ...(plan.door === undefined
      ? []
      : [...['--ro-bind', forwarder, forwarderInside], ...['--bind', plan.door, doorInside]]),
    ...mounts(plan),
    // Everything the root consists of is memory: nobody fills it.
    ...['--remount-ro', '/'],
    ...['--chdir', plan.folder],
  ]
}

function systemFolder(path: string): string[] {
  if (!existsSync(path)) return []
  if (lstatSync(path).isSymbolicLink()) return ['--symlink', readlinkSync(path), path]
  return ['--ro-bind', path, path]
}

function mounts(plan: Plan): string[] {
  const shown = shownFolders(plan).flatMap((path) => [
    plan.writable.includes(path) ? '--bind' : '--ro-bind',
    path,
    path,
  ])
  const kept = plan.protectedPaths.flatMap((path) => ['--ro-bind', path, path])
  const away = hiddenInside(plan).flatMap((path) =>
    lstatSync(path).isDirectory()
      ? ['--tmpfs', path, '--remount-ro', path]
      : ['--ro-bind', plan.files.emptyFile, path],
  )
  return [...shown, ...kept, ...away]
}
