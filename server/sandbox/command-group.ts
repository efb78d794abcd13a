import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { CommandLimits } from './runner.ts'

/** A cgroup of one command: what the kernel itself holds it to. */
export interface CommandGroup {
  /** Before it has started anything. */
  add(process: number): void
  /** The kernel has ended some of it for its memory. */
  readonly isOutOfMemory: boolean
  /** Ends whatever is left in it. */
  end(): void
}

const controllers = ['memory', 'pids']

/**
 * Where the server may make groups beside its own with bounds that hold (cgroup v2): under systemd for a user, and in a
 * service that is given a part of the tree. `undefined`: the other bounds have to do.
 */
export function findGroupParent(
  { root, own }: { readonly root: string; readonly own: string } = {
    root: '/sys/fs/cgroup',
    own: '/proc/self/cgroup',
  },
): string | undefined {
  try {
    const [, path = '/'] = /^0::(.+)$/m.exec(readFileSync(own, 'utf8')) ?? []
    // The group the server is in has processes: it can have no bounded groups inside.
    const parent = join(root, dirname(path))
    const given = readFileSync(join(parent, 'cgroup.subtree_control'), 'utf8').trim().split(' ')
    if (path === '/' || !controllers.every((name) => given.includes(name))) return undefined
    for (const file of [parent, join(parent, 'cgroup.procs')]) accessSync(file, constants.W_OK)
    return parent
  } catch {
    return undefined
  }
}

/** `undefined` when there can be none: it is no reason not to run. */
export function createGroup(
  parent: string,
  name: string,
  { memoryBytes, processes }: Pick<CommandLimits, 'memoryBytes' | 'processes'>,
): CommandGroup | undefined {
  const folder = join(parent, name)
  const write = (file: string, value: string | number) => writeFileSync(join(folder, file), `${value}`)
  try {
    mkdirSync(folder)
    write('memory.max', memoryBytes)
    write('memory.swap.max', 0)
    write('pids.max', processes)
  } catch {
    remove()
    return undefined
  }
  function remove(): void {
    try {
      rmdirSync(folder)
    } catch {
      // The last of it is not gone yet; an empty group costs nothing.
    }
  }
  return {
    add(process) {
      try {
        write('cgroup.procs', process)
      } catch {
        // It is over, or may not be moved: the other bounds hold.
      }
    },
    get isOutOfMemory() {
      try {
        return /^oom_kill [1-9]/m.test(readFileSync(join(folder, 'memory.events'), 'latin1'))
      } catch {
        return false
      }
    },
    end() {
      try {
        write('cgroup.kill', 1)
      } catch {
        // Before Linux 5.14 there is no such file; the namespace has ended them.
      }
      remove()
    },
  }
}
