import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { mintId, type Random } from '../../core/lib/random.ts'
import type { Timers } from '../timers.ts'
import { checkedRunner } from './checked-runner.ts'
import { containerArguments } from './container-arguments.ts'
import { allAddresses, type EgressOptions, openEgress, proxySettings } from './egress.ts'
import { Placeholders } from './placeholders.ts'
import { placesOf } from './places.ts'
import { isPublicAddress } from './public-address.ts'
import {
  type CommandResult,
  defaultLimits,
  type Runner,
  type SandboxCommand,
  SandboxError,
} from './runner.ts'
import { supervise } from './supervise.ts'

export interface ContainerOptions {
  readonly timers: Timers
  readonly random: Random
  /** A folder of its own, made if it is not there. Its path tells this server's containers from others'. */
  readonly ownFolder: string
  /** The server's own files and folders, which no command sees wherever they lie. */
  readonly hidden: readonly string[]
  /** podman or docker, by name or path. */
  readonly program: string
  /** Has to be on the machine: nothing is fetched. */
  readonly image: string
  readonly cpus?: number | undefined
  /** What the engine's own program is told of the server's environment: where it is reached, and no key. */
  readonly env: Readonly<Record<string, string>>
  /** Left out: names are looked up as the machine does, and only the internet's addresses are reached. */
  readonly egress?: EgressOptions
}

interface Said {
  readonly code: number
  readonly output: string
  readonly problem: string
}

const stateSchema = z.object({ StartedAt: z.string(), OOMKilled: z.boolean(), Error: z.string().optional() })
/** An engine says so of what never began. */
const never = '0001-01-01'
const askMs = 60_000
const checkMs = 20_000
const unsafe = 'Without a sandbox commands run only if TANDEM_SANDBOX=unsafe-none says so.'

/** What the containers of the server with this folder bear, and no others. */
export function containerLabel(ownFolder: string): string {
  return `tandem.sandbox=${createHash('sha256').update(ownFolder).digest('hex').slice(0, 16)}`
}

/** Commands in containers, by podman or docker: one for each, made for it and removed after it. */
export function createContainerRunner(options: ContainerOptions): Runner {
  const { timers, random, ownFolder, hidden, image, cpus } = options
  const egress = options.egress ?? { resolve: allAddresses, mayReach: isPublicAddress }
  const label = containerLabel(ownFolder)
  // Next's types demand a NODE_ENV of every environment; this one has none.
  const env: NodeJS.ProcessEnv = Object.assign(Object.create(null), options.env)
  const program = () => findProgram(options.program, options.env.PATH ?? '')
  const placeholders = new Placeholders()
  const emptyFile = join(ownFolder, 'empty')
  const emptyFolder = join(ownFolder, 'nothing')
  let keepsId = false

  async function check(): Promise<string | undefined> {
    const { program: engine } = options
    if (program() === undefined)
      return `Commands run in containers by ${engine}, which is not on this machine. Install it, or name another in container.program. ${unsafe}`
    const found = await ask(['image', 'inspect', '--format', '{{.Id}}', image])
    if (found.code !== 0) {
      const said = lastLine(found.problem)
      return /no such|not known|not found/i.test(said)
        ? `The image ${image} that commands run in is not on this machine. Fetch it: ${engine} pull ${image}. ${unsafe}`
        : `${engine} cannot be used here (${said}). Start it, or let the server’s user use it. ${unsafe}`
    }
    mkdirSync(emptyFolder, { recursive: true, mode: 0o700 })
    writeFileSync(emptyFile, '')
    // Docker knows no such thing and says so.
    const rootless = await ask(['info', '--format', '{{.Host.Security.Rootless}}'])
    keepsId = rootless.code === 0 && rootless.output.trim() === 'true'
    await removeLeft()
    try {
      const limits = { wallMs: checkMs }
      const { exit } = await start({ command: ['true'], folder: ownFolder, writable: [], limits })
      return exit === 0 ? undefined : `The image ${image} has no programs that run here (${exit}). ${unsafe}`
    } catch (error) {
      if (error instanceof SandboxError) return error.message
      throw error
    }
  }

  /** Of a server that died: its containers have ended with it, or end now. */
  async function removeLeft(): Promise<void> {
    const { output } = await ask(['ps', '--all', '--quiet', '--filter', `label=${label}`])
    const ids = output.split('\n').filter((id) => id !== '')
    if (ids.length > 0) await ask(['rm', '--force', ...ids])
  }

  async function start(command: SandboxCommand): Promise<CommandResult> {
    const limits = { ...defaultLimits, ...command.limits }
    const places = placesOf(command, { hidden, placeholders })
    const name = mintId('tandem', random)
    const door = command.network && (await openEgress(command.network, egress))
    try {
      const created = await ask(
        containerArguments({
          ...places,
          name,
          label,
          image,
          user: `${process.getuid?.() ?? 1000}:${process.getgid?.() ?? 1000}`,
          keepsId,
          limits,
          cpus,
          env: { ...(door && proxySettings), ...command.env },
          emptyFile,
          emptyFolder,
          door: door?.path,
          command: command.command,
        }),
      )
      if (created.code !== 0) throw new SandboxError(explain(created.problem))
      // Until now nothing of the command has run.
      return command.signal?.aborted ? stopped : await watch(name, { ...command, limits }, places.folder)
    } finally {
      // By force and by name, whatever became of it: when this is over nothing of it is left.
      await ask(['rm', '--force', name])
      places.release()
      await door?.close()
    }
  }

  async function watch(
    name: string,
    { limits, signal, onOutput }: SandboxCommand & { readonly limits: typeof defaultLimits },
    folder: string,
  ): Promise<CommandResult> {
    const child = spawn(program() ?? '', ['start', '--attach', '--interactive', name], {
      cwd: '/',
      env,
      // Its input stays open while this server lives.
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    child.stdin.on('error', () => undefined)
    let complaint = ''
    let isEnding = false
    function end(): void {
      if (isEnding || child.exitCode !== null || child.signalCode !== null) return
      isEnding = true
      // Asked for so early that there is nothing to end it is ended by being removed.
      void ask(['kill', '--signal', 'KILL', name]).finally(() => child.kill('SIGKILL'))
    }
    const result = await supervise({
      child,
      limits,
      timers,
      signal,
      folder,
      onOutput(piece) {
        if (piece.stream === 'stderr' && complaint.length < 2000) complaint += piece.text
        onOutput?.(piece)
      },
      end,
      usage: () => undefined,
    }).catch((error: Error) => {
      throw new SandboxError(`${options.program} cannot be started: ${error.message}`)
    })
    if (result.exit === 0 || result.cut !== 'none') return result
    const state = await stateOf(name)
    if (state === undefined || state.StartedAt.startsWith(never))
      throw new SandboxError(explain(state?.Error || complaint))
    if (state.OOMKilled) return { ...result, exit: undefined, cut: 'memory' }
    return result.exit === 137 ? { ...result, signal: 'SIGKILL' } : result
  }

  async function stateOf(name: string): Promise<z.infer<typeof stateSchema> | undefined> {
    const { code, output } = await ask(['inspect', '--format', '{{json .State}}', name])
    return code === 0 ? stateSchema.safeParse(JSON.parse(output)).data : undefined
  }

  function ask(args: readonly string[]): Promise<Said> {
    return new Promise((resolve) => {
      const how = { cwd: '/', env, timeout: askMs, killSignal: 'SIGKILL' } as const
      execFile(program() ?? '', args, how, (error, output, problem) => {
        resolve({ code: error ? 1 : 0, output, problem: problem || (error?.message ?? '') })
      })
    })
  }

  return checkedRunner({ kind: 'container', check, start })
}

const stopped: CommandResult = {
  exit: undefined,
  signal: undefined,
  cut: 'stopped',
  durationMs: 0,
  outputBytes: 0,
  droppedBytes: 0,
}

function findProgram(program: string, path: string): string | undefined {
  if (isAbsolute(program)) return existsSync(program) ? program : undefined
  const folders = path.split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, program)).find(existsSync)
}

function lastLine(said: string): string {
  return said.trim().split('\n').at(-1) ?? ''
}

function explain(said: string): string {
  const why = lastLine(said)
  return `The container could not be set up${why === '' ? '' : `: ${why}`}. ${unsafe}`
}
