import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Duplex, Readable } from 'node:stream'
import { z } from 'zod'
import type { Timers } from '../timers.ts'
import {
  bwrapArguments,
  doorInside,
  forwarderInside,
  homeInside,
  nodeInside,
  type Plan,
  type SandboxFiles,
  searchPath,
} from './bwrap-arguments.ts'
import { checkedRunner } from './checked-runner.ts'
import { type CommandGroup, createGroup, findGroupParent } from './command-group.ts'
import { allAddresses, type EgressOptions, openEgress, proxyPort, proxySettings } from './egress.ts'
import { launchArguments } from './launch-script.ts'
import { namespaceUsage } from './namespace-usage.ts'
import { Placeholders } from './placeholders.ts'
import { placesOf } from './places.ts'
import { type BoundProcesses, kernelBound } from './process-bound.ts'
import { isPublicAddress } from './public-address.ts'
import {
  type CommandResult,
  defaultLimits,
  type Runner,
  type SandboxCommand,
  SandboxError,
} from './runner.ts'
import { seccompFilter } from './seccomp.ts'
import { supervise } from './supervise.ts'

export interface BwrapOptions {
  readonly timers: Timers
  /** A folder of its own, made if it is not there, for what stands in for the machine's files. */
  readonly ownFolder: string
  /** The server's own files and folders, which no command sees wherever they lie. */
  readonly hidden: readonly string[]
  /** Left out: bubblewrap where systems put it. */
  readonly program?: string
  /** Left out: by the kernel, where it can. */
  readonly boundProcesses?: BoundProcesses | undefined
  /** The cgroup that those of commands are made in. Left out: where the system lets the server make some. */
  readonly groupParent?: string | undefined
  /** Left out: names are looked up as the machine does, and only the internet's addresses are reached. */
  readonly egress?: EgressOptions
}

const seccompFd = 3
const statusFd = 4
const blockFd = 5
const statusSchema = z.object({ 'child-pid': z.int().exactOptional(), 'exit-code': z.int().exactOptional() })
const checkMs = 10_000
const forwarding = [`${nodeInside}/node`, forwarderInside, doorInside, `${proxyPort}`]
const complaintChars = 2000

/** Commands in namespaces of their own, by bubblewrap. The kernel is shared with the machine. */
export function createBwrapRunner(options: BwrapOptions): Runner {
  const { timers, ownFolder, hidden, program, boundProcesses = kernelBound } = options
  const { groupParent = findGroupParent() } = options
  const egress = options.egress ?? { resolve: allAddresses, mayReach: isPublicAddress }
  const bwrap = program ?? findBwrap()
  const placeholders = new Placeholders()
  let started = 0
  let files: SandboxFiles | undefined

  async function check(): Promise<SandboxError | undefined> {
    if (process.platform !== 'linux') return new SandboxError(`Commands need Linux here: ${noOther}`)
    if (seccompOf(process.arch) === undefined)
      return new SandboxError(`There is no sandbox for ${process.arch} processors. ${unsafe}`)
    if (bwrap === undefined || !existsSync(bwrap)) {
      const install = 'apt install bubblewrap, dnf install bubblewrap, pacman -S bubblewrap'
      const words = `Commands run in bubblewrap, which is not on this machine. Install it (${install}). ${unsafe}`
      return new SandboxError(words, 'missing')
    }
    try {
      files ??= writeFiles(ownFolder)
      const folder = ownFolder
      const limits = { wallMs: checkMs }
      const { exit } = await start({ command: ['/bin/true'], folder, writable: [], limits })
      return exit === 0
        ? undefined
        : new SandboxError(`The sandbox was set up and its first program failed (${exit}). ${unsafe}`)
    } catch (error) {
      if (error instanceof SandboxError) return error
      throw error
    }
  }

  async function start(command: SandboxCommand): Promise<CommandResult> {
    const filter = seccompOf(process.arch)
    if (bwrap === undefined || files === undefined || filter === undefined) throw new SandboxError(unsafe)
    const limits = { ...defaultLimits, ...command.limits }
    const places = placesOf(command, { hidden, placeholders })
    const door = command.network && (await openEgress(command.network, egress))
    const plan: Plan = {
      ...places,
      memoryBytes: limits.memoryBytes,
      files,
      node: process.execPath,
      door: door?.path,
    }
    const group =
      groupParent === undefined
        ? undefined
        : createGroup(groupParent, `tandem-${process.pid}-${++started}`, limits)
    const isHeld = boundProcesses !== undefined || group !== undefined
    try {
      const child = spawn(
        bwrap,
        [
          ...['--seccomp', `${seccompFd}`, '--json-status-fd', `${statusFd}`],
          ...(isHeld ? ['--block-fd', `${blockFd}`] : []),
          ...bwrapArguments(plan),
          '--',
          ...(door ? forwarding : []),
          ...launchArguments(command.command, limits),
        ],
        {
          cwd: '/',
          // bubblewrap's own environment can be read inside: it has none but the command's.
          env: commandEnvironment({ ...(door && proxySettings), ...command.env }),
          stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', ...(isHeld ? ['pipe' as const] : [])],
        },
      )
      const watched = { ...command, folder: places.folder, limits }
      const result = await watch(child, filter, watched, group)
      return group?.isOutOfMemory && result.cut === 'none'
        ? { ...result, exit: undefined, cut: 'memory' }
        : result
    } finally {
      group?.end()
      places.release()
      await door?.close()
    }
  }

  async function watch(
    child: ChildProcess,
    filter: Buffer,
    command: SandboxCommand & { readonly limits: typeof defaultLimits },
    group: CommandGroup | undefined,
  ): Promise<CommandResult> {
    // bubblewrap that ends early does not read its filter.
    const input = child.stdio[seccompFd] as Duplex
    input.on('error', () => undefined)
    input.end(filter)
    child.stdio.at(blockFd)?.on('error', () => undefined)
    let init: number | undefined
    let isEnded = false
    let exit: number | undefined
    let complaint = ''
    let status = ''
    const statusPipe = child.stdio[statusFd] as Readable
    statusPipe.on('data', (bytes: Buffer) => {
      status += bytes.toString('latin1')
      const lines = status.split('\n')
      status = lines.pop() ?? ''
      for (const line of lines.map((text) => statusSchema.parse(JSON.parse(text)))) {
        if (init === undefined && line['child-pid'] !== undefined) {
          init = line['child-pid']
          void unblock(init)
        }
        if (isEnded) end()
        exit ??= line['exit-code']
      }
    })
    /** It stands still until its processes are bounded. */
    async function unblock(first: number): Promise<void> {
      if (!boundProcesses && !group) return
      group?.add(first)
      await boundProcesses?.(first, command.limits.processes)
      ;(child.stdio.at(blockFd) as Duplex).end('x')
    }
    /**
     * The first process of the sandbox is ended by name, and with it every other: asked for so early that it does not
     * know yet that it dies with bubblewrap it would live on. Until its name is known bubblewrap is left to say it.
     */
    function end(): void {
      isEnded = true
      if (init === undefined || child.exitCode !== null || child.signalCode !== null) return
      try {
        process.kill(init, 'SIGKILL')
      } catch {
        // It is over.
      }
      child.kill('SIGKILL')
    }
    const result = await supervise({
      child,
      limits: command.limits,
      timers,
      signal: command.signal,
      folder: command.folder,
      onOutput(piece) {
        if (piece.stream === 'stderr' && complaint.length < complaintChars) complaint += piece.text
        command.onOutput?.(piece)
      },
      end,
      usage: () => (init === undefined ? undefined : namespaceUsage(init, command.limits.processes)),
    }).catch((error: Error) => {
      throw new SandboxError(`bubblewrap cannot be started: ${error.message}`)
    })
    if (exit === undefined && result.cut === 'none') throw explain(complaint)
    return { ...result, exit: result.cut === 'none' ? exit : undefined, ...signalOf(exit) }
  }

  return checkedRunner({ kind: 'bwrap', check, start })
}

const unsafe = 'Without a sandbox commands run only if TANDEM_SANDBOX=unsafe-none says so.'
const noOther = `other systems have no sandbox in Tandem yet. ${unsafe}`

function findBwrap(): string | undefined {
  return ['/usr/bin/bwrap', '/usr/local/bin/bwrap', '/bin/bwrap', '/run/current-system/sw/bin/bwrap'].find(
    existsSync,
  )
}

function seccompOf(machine: string): Buffer | undefined {
  return machine === 'x64' || machine === 'arm64' ? seccompFilter(machine) : undefined
}

function commandEnvironment(named: SandboxCommand['env']): NodeJS.ProcessEnv {
  const own = { PATH: searchPath, HOME: homeInside, LANG: 'C.UTF-8', TERM: 'dumb', ...named }
  // Next's types demand a NODE_ENV of every environment; a command's has none.
  return Object.assign(Object.create(null), own)
}

/** A shell says 128 and more for signals; bubblewrap answers as one. */
function signalOf(exit: number | undefined): { signal?: string } {
  return exit === 137 ? { signal: 'SIGKILL' } : {}
}

function explain(complaint: string): SandboxError {
  const said = complaint.trim().split('\n').at(-1) ?? ''
  if (/Unknown option/.test(said))
    return new SandboxError(
      `bubblewrap on this machine is too old (${said}). Version 0.8 or later is needed.`,
      'old',
    )
  if (/namespace|Operation not permitted|uid map/i.test(said)) {
    return new SandboxError(
      `This machine does not let bubblewrap set up a sandbox (${said}). On Ubuntu, allow it unprivileged user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for bwrap); in a container, run it with --security-opt seccomp=unconfined --security-opt systempaths=unconfined. ${unsafe}`,
      'refused',
    )
  }
  return new SandboxError(`The sandbox could not be set up${said === '' ? '' : `: ${said}`}. ${unsafe}`)
}

function writeFiles(folder: string): SandboxFiles {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const write = (name: string, content: string) => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  }
  return {
    emptyFile: write('empty', ''),
    passwd: write(
      'passwd',
      `tandem:x:1000:1000::${homeInside}:/bin/bash\nnobody:x:65534:65534::/:/usr/sbin/nologin\n`,
    ),
    group: write('group', 'tandem:x:1000:\nnogroup:x:65534:\n'),
    hosts: write('hosts', '127.0.0.1 localhost tandem\n::1 localhost\n'),
  }
}
