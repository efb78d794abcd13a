import { spawn } from 'node:child_process'
import { existsSync, readlinkSync } from 'node:fs'
import { release } from 'node:os'

/** Bounds how many processes there are in the sandbox of this first process, before there is a second. */
export type BoundProcesses = (init: number, processes: number) => Promise<void>

const entering = '/usr/bin/nsenter'
/** Numbers the kernel does not give again once it has been round. */
const reserved = 300

/**
 * The bound by the kernel itself: since 6.14 each process namespace has a highest number of its own. Before, writing it
 * would change the machine's. Only where the limit of a user's processes does not hold, as it does not for root.
 */
export const kernelBound: BoundProcesses | undefined =
  process.getuid?.() === 0 && isKernel(6, 14) && existsSync(entering) ? bound : undefined

function isKernel(major: number, minor: number): boolean {
  const [ours = 0, oursMinor = 0] = release().split('.').map(Number)
  return process.platform === 'linux' && (ours > major || (ours === major && oursMinor >= minor))
}

/**
 * What keeps it from being set is no reason not to run: the watch over the sandbox ends it then. Never written outside
 * a namespace of its own, where it would be the machine's: asked here, and again inside, where numbers begin anew.
 */
function bound(init: number, processes: number): Promise<void> {
  if (namespaceOf(init) === namespaceOf('self')) return Promise.resolve()
  const script = `[ $$ -lt ${reserved} ] && echo ${reserved + processes + 1} > /proc/sys/kernel/pid_max`
  return new Promise((resolve) => {
    const child = spawn(entering, ['--target', `${init}`, '--pid', '/bin/sh', '-c', script], {
      cwd: '/',
      stdio: 'ignore',
    })
    child.on('error', () => resolve())
    child.on('exit', () => resolve())
  })
}

/** The same name when it cannot be told: then nothing is done. */
function namespaceOf(process: number | 'self'): string {
  try {
    return readlinkSync(`/proc/${process}/ns/pid`)
  } catch {
    return readlinkSync('/proc/self/ns/pid')
  }
}
