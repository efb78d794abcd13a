import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import type { Timers } from '../timers.ts'
import { endGroup } from './end-group.ts'
import { launchArguments } from './launch-script.ts'
import { defaultLimits, type Runner, SandboxError } from './runner.ts'
import { supervise } from './supervise.ts'

/**
 * No sandbox: a command is a process of the server's user, who asked for it by name. Limits of time and output hold;
 * what leaves its process group survives.
 */
export function createUnsafeRunner({ timers }: { readonly timers: Timers }): Runner {
  return {
    kind: 'unsafe-none',
    problem: async () => undefined,
    async run({ command, folder, env, limits: given, signal, onOutput }) {
      const limits = { ...defaultLimits, ...given }
      const own = {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        HOME: tmpdir(),
        LANG: 'C.UTF-8',
        TERM: 'dumb',
        ...env,
      }
      const [program = '', ...args] = launchArguments(command, limits)
      const child = spawn(program, args, {
        cwd: folder,
        env: Object.assign(Object.create(null), own),
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      })
      const result = await supervise({
        child,
        limits,
        timers,
        signal,
        folder,
        onOutput: (piece) => onOutput?.(piece),
        end: () => endGroup(child.pid),
        usage: () => undefined,
      }).catch((error: Error) => {
        throw new SandboxError(`The command cannot be started: ${error.message}`)
      })
      return result
    },
  }
}
