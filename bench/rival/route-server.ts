import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { root } from '../../scripts/lib/root.mjs'
import { monotonicMs } from '../lib/clock.ts'
import { StampReader } from '../lib/stamps.ts'
import { type Task, taskPrompt } from '../lib/task.ts'

const folder = join(root, 'bench', 'rival')
const next = join(root, 'node_modules', 'next', 'dist', 'bin', 'next')
const readyWithinMs = 30_000

export interface RouteServer {
  readonly pid: number
  /** One prompt through the route, read as a page reads it. */
  stream(task: Task): Promise<{ readonly sentAt: number; readonly reader: StampReader }>
  close(): Promise<void>
}

/** Builds the application with the one route and serves it in production mode, in its own process. */
export async function startRoute(modelUrl: string): Promise<RouteServer> {
  const { PATH, HOME, TMPDIR } = process.env
  const env = {
    PATH,
    HOME,
    TMPDIR,
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    // The build loads the route as well.
    RIVAL_MODEL_URL: modelUrl,
  } as const
  execFileSync(process.execPath, [next, 'build', folder], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const port = await freePort()
  const child = spawn(process.execPath, [next, 'start', folder, '-p', String(port), '-H', '127.0.0.1'], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  // Whoever started it takes it along.
  const reap = () => child.kill('SIGKILL')
  process.once('exit', reap)
  child.once('close', () => process.off('exit', reap))
  await ready(child)
  return {
    pid: child.pid ?? 0,
    async stream(task) {
      const reader = new StampReader()
      const sentAt = monotonicMs()
      const response = await fetch(`http://127.0.0.1:${port}/api/chat`, {
        method: 'POST',
        body: JSON.stringify({ prompt: taskPrompt(task) }),
      })
      if (!response.ok || !response.body) throw new Error(`The route answered ${response.status}.`)
      let rest = ''
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        const now = monotonicMs()
        const events = (rest + chunk).split('\n\n')
        rest = events.pop() ?? ''
        for (const event of events) {
          if (!event.startsWith('data: {')) continue
          const { type, delta } = JSON.parse(event.slice(6))
          if (type === 'text-delta') reader.push(delta, now)
        }
      }
      return { sentAt, reader }
    },
    async close() {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    },
  }
}

async function ready(child: ChildProcess): Promise<void> {
  const signal = AbortSignal.timeout(readyWithinMs)
  for (let output = ''; !/Ready in/.test(output); ) {
    if (!child.stdout) throw new Error('The route has no output.')
    const [chunk] = await once(child.stdout, 'data', { signal })
    output += chunk
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('There is no free port.')
  return address.port
}
