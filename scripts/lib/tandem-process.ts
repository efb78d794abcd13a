import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { ensureServerBuilt } from './build.mjs'
import { bundledServer, compileCache, root } from './root.mjs'

export interface TandemOptions {
  readonly data: string
  readonly workspaces: readonly string[]
  readonly config: string
  /** 0 takes a free one. */
  readonly port?: number
  /** Flags for Node itself, as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[]
  /** All of its environment, where keys of providers are to reach it. */
  readonly env?: NodeJS.ProcessEnv
  /** More of it than every server under test has. */
  readonly variables?: Readonly<Record<string, string>>
  /** A file of certificates it trusts besides those it knows. */
  readonly certificates?: string | undefined
}

/** One server of Tandem as people run it, in production mode and its own process. */
export interface TandemProcess {
  readonly pid: number
  readonly port: number
  readonly origin: string
  /** The address with its token, as the server printed it. */
  readonly url: string
  output(): string
  /** Resolves when it is gone. */
  end(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

/** A server that was started and may not be ready yet. */
export interface StartingTandem {
  /** Rejects when it ends before it is ready. */
  readonly ready: Promise<TandemProcess>
  /** Resolves when it is gone, with its exit code. */
  readonly exit: Promise<number | null>
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
  output(): string
}

const readyWithinMs = 30_000

// Whoever starts a server starts that of these sources.
await ensureServerBuilt()

export function startTandem(options: TandemOptions): Promise<TandemProcess> {
  return launchTandem(options).ready
}

/** Starts a server without waiting for it. */
export function launchTandem(options: TandemOptions): StartingTandem {
  const flags = options.workspaces.flatMap((folder) => ['--workspace', folder])
  const child = spawn(
    process.execPath,
    [
      ...(options.nodeFlags ?? []),
      bundledServer,
      ...['--port', String(options.port ?? 0), '--data', options.data, '--config', options.config],
      ...flags,
    ],
    { cwd: root, env: options.env ?? environment(options), stdio: ['ignore', 'pipe', 'pipe'] },
  )
  // Whoever started it takes it along.
  const reap = () => child.kill('SIGKILL')
  process.once('exit', reap)
  child.once('close', () => process.off('exit', reap))
  let output = ''
  const keep = (chunk: Buffer) => {
    output += chunk.toString()
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const exit = once(child, 'close').then(([code]): number | null => code)
  const ready = readyUrl(child, () => output).then((url) => {
    const { origin, port } = new URL(url)
    return {
      pid: child.pid ?? 0,
      port: Number(port),
      origin,
      url,
      output: () => output,
      end: async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') => {
        child.kill(signal)
        await exit
      },
    }
  })
  ready.catch(() => undefined)
  return { ready, exit, kill: (signal) => child.kill(signal), output: () => output }
}

/** Nothing of the person's keys and settings reaches a server under test. */
function environment({ certificates, variables }: TandemOptions): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, LANG } = process.env
  const trusted = certificates === undefined ? {} : { NODE_EXTRA_CA_CERTS: certificates }
  return {
    PATH,
    HOME,
    TMPDIR,
    LANG,
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    NODE_COMPILE_CACHE: compileCache,
    ...trusted,
    ...variables,
  }
}

function readyUrl(child: ChildProcess, output: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      reject(new Error(`The server did not get ready: ${reason}\n${output()}`))
    }
    const timer = setTimeout(() => fail(`no ready line in ${readyWithinMs} ms`), readyWithinMs)
    const look = () => {
      const url = /^Tandem ready: (\S+)\s*$/m.exec(output())?.[1]
      if (url === undefined) return
      clearTimeout(timer)
      child.stdout?.off('data', look)
      child.off('close', ended)
      resolve(url)
    }
    const ended = (code: number | null) => fail(`it ended with ${code}`)
    child.stdout?.on('data', look)
    child.once('close', ended)
  })
}
