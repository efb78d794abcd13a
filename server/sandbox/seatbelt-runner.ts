import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Timers } from '../timers.ts'
import { checkedRunner } from './checked-runner.ts'
import { endGroup } from './end-group.ts'
import { launchArguments } from './launch-script.ts'
import { Placeholders } from './placeholders.ts'
import { placesOf } from './places.ts'
import { defaultLimits, type Runner, type SandboxCommand, SandboxError } from './runner.ts'
import { seatbeltProfile } from './seatbelt-profile.ts'
import { supervise } from './supervise.ts'

export interface SeatbeltOptions {
  readonly timers: Timers
  /** A folder of its own, made if it is not there. */
  readonly ownFolder: string
  /** The server's own files and folders, which no command sees wherever they lie. */
  readonly hidden: readonly string[]
  /** Left out: where macOS has it. */
  readonly program?: string
}

const unsafe = 'Without a sandbox commands run only if TANDEM_SANDBOX=unsafe-none says so.'
const checkMs = 10_000

/**
 * Commands held to a profile by macOS. It has no namespaces: a process that leaves the command's group outlives it,
 * still held to the profile, and memory is bounded by process alone. No host can be allowed.
 */
export function createSeatbeltRunner(options: SeatbeltOptions): Runner {
  const { timers, ownFolder, hidden, program = '/usr/bin/sandbox-exec' } = options
  const placeholders = new Placeholders()

  async function check(): Promise<string | undefined> {
    if (!existsSync(program))
      return `Commands run in sandbox-exec of macOS, which is not on this machine. On Linux take TANDEM_SANDBOX=bwrap. ${unsafe}`
    mkdirSync(ownFolder, { recursive: true, mode: 0o700 })
    const limits = { wallMs: checkMs }
    const { exit } = await start({ command: ['/usr/bin/true'], folder: ownFolder, writable: [], limits })
    return exit === 0 ? undefined : `The sandbox was set up and its first program failed (${exit}). ${unsafe}`
  }

  async function start(command: SandboxCommand) {
    const limits = { ...defaultLimits, ...command.limits }
    const places = placesOf(command, { hidden, placeholders })
    const scratch = realpathSync.native(mkdtempSync(join(tmpdir(), 'tandem-home-')))
    const env = {
      PATH: `/opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:${dirname(process.execPath)}`,
      HOME: scratch,
      LANG: 'C.UTF-8',
      TERM: 'dumb',
      ...command.env,
    }
    try {
      const profile = seatbeltProfile(places, { node: process.execPath, scratch })
      const child = spawn(program, ['-p', profile, ...launchArguments(command.command, limits)], {
        cwd: places.folder,
        env: Object.assign(Object.create(null), env),
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      })
      return await supervise({
        child,
        limits,
        timers,
        signal: command.signal,
        folder: places.folder,
        onOutput: (piece) => command.onOutput?.(piece),
        end: () => endGroup(child.pid),
        usage: () => undefined,
      }).catch((error: Error) => {
        throw new SandboxError(`sandbox-exec cannot be started: ${error.message}`)
      })
    } finally {
      places.release()
      rmSync(scratch, { recursive: true, force: true })
    }
  }

  return checkedRunner({ kind: 'seatbelt', check, start })
}
