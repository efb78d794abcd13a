import { spawn } from 'node:child_process'

/** A program whose output is collected. */
export interface Program {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  readonly input?: string
  readonly timeoutMs: number
  /** The process is ended when it has written more; `cut` says so. */
  readonly outputBytes: number
}

export interface ProcessOptions extends Program {
  /** Called with each piece of output; `'enough'` ends the process. Without it the output is collected. */
  readonly onOutput?: (chunk: Buffer) => 'enough' | undefined
}

export interface ProcessResult {
  readonly code: number | undefined
  readonly output: string
  readonly problem: string
  readonly cut: 'no' | 'time' | 'size' | 'enough'
}

/** Rejects when the program cannot be started. */
export type RunProgram = (program: Program) => Promise<ProcessResult>

const problemChars = 2000

/** Runs a program without a shell, bounded in time and output. Rejects when it cannot be started. */
export function runProcess(options: ProcessOptions): Promise<ProcessResult> {
  const { file, args, cwd, env, input, timeoutMs, outputBytes, onOutput } = options
  return new Promise((resolve, reject) => {
    // Next's types demand a NODE_ENV of every environment; these programs get none.
    const whole: NodeJS.ProcessEnv = Object.assign(Object.create(null), env)
    const child = spawn(file, args, { cwd, env: whole, stdio: 'pipe', windowsHide: true })
    const chunks: Buffer[] = []
    let bytes = 0
    let problem = ''
    let cut: ProcessResult['cut'] = 'no'

    function end(reason: 'time' | 'size' | 'enough'): void {
      if (cut !== 'no') return
      cut = reason
      child.kill('SIGKILL')
    }
    const timer = setTimeout(() => end('time'), timeoutMs)

    child.stdout.on('data', (chunk: Buffer) => {
      if (cut !== 'no') return
      bytes += chunk.length
      if (bytes > outputBytes) return end('size')
      if (onOutput === undefined) chunks.push(chunk)
      else if (onOutput(chunk) === 'enough') end('enough')
    })
    child.stderr.on('data', (chunk: Buffer) => {
      if (problem.length < problemChars) problem += chunk.toString().slice(0, problemChars - problem.length)
    })
    // A program that ends without reading its input is no failure of ours.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    child.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code: code ?? undefined, output: Buffer.concat(chunks).toString(), problem, cut })
    })
  })
}
