import type { ChildProcess } from 'node:child_process'
import { statfs } from 'node:fs/promises'
import type { Timers } from '../timers.ts'
import { OutputWindow } from './output-window.ts'
import { type CommandLimits, type CommandResult, type Cut, floodFactor, type OutputPiece } from './runner.ts'

export interface Supervised {
  readonly child: ChildProcess
  readonly limits: CommandLimits
  readonly timers: Timers
  readonly signal: AbortSignal | undefined
  /** Whose disk may not fill up. */
  readonly folder: string
  readonly onOutput: (piece: OutputPiece) => void
  /** Ends everything the command started, at once. */
  readonly end: () => void
  /** What it uses now; undefined when it cannot be seen (yet, or any more). */
  readonly usage: () => Usage | undefined
}

export interface Usage {
  readonly processes: number
  readonly memoryBytes: number
}

const watchEveryMs = 50
/** Looking at the disk costs more than at the processes. */
const watchesPerDiskLook = 5
const leastFreeShare = 1 / 20

/** Reads what the command writes and ends it when it passes a limit. Rejects when it could not be started. */
export function supervise(options: Supervised): Promise<CommandResult> {
  const { child, limits, timers, signal, onOutput, end } = options
  const window = new OutputWindow(limits.outputBytes, onOutput)
  const startedAt = performance.now()
  let cut: Cut = 'none'

  function cutShort(why: Cut): void {
    if (cut !== 'none') return
    cut = why
    end()
  }
  function receive(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    // What a pipe still holds of a command that was ended is not waited for.
    if (cut === 'output') return
    window.push(stream, bytes)
    if (window.total > limits.outputBytes * floodFactor) cutShort('output')
  }
  child.stdout?.on('data', (bytes: Buffer) => receive('stdout', bytes))
  child.stderr?.on('data', (bytes: Buffer) => receive('stderr', bytes))

  const cancelTime = timers.after(limits.wallMs, () => cutShort('time'))
  const disk = watchDisk(options.folder, limits.diskBytes)
  let watches = 0
  const cancelWatch = timers.every(watchEveryMs, () => {
    const usage = options.usage()
    if (usage !== undefined && usage.processes > limits.processes) cutShort('processes')
    if (usage !== undefined && usage.memoryBytes > limits.memoryBytes) cutShort('memory')
    watches += 1
    if (watches % watchesPerDiskLook === 0) disk().then((isFull) => isFull && cutShort('disk'))
  })
  const onAbort = () => cutShort('stopped')
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) onAbort()

  return new Promise((resolve, reject) => {
    function settle(): void {
      cancelTime()
      cancelWatch()
      signal?.removeEventListener('abort', onAbort)
    }
    child.on('error', (error) => {
      settle()
      reject(error)
    })
    // The command's own end decides: a pipe that a survivor holds would never close.
    child.on('exit', end)
    child.on('close', (code, killedBy) => {
      settle()
      window.end()
      resolve({
        exit: cut === 'none' ? (code ?? undefined) : undefined,
        signal: killedBy ?? undefined,
        cut,
        durationMs: performance.now() - startedAt,
        outputBytes: window.total,
        droppedBytes: window.dropped,
      })
    })
  })
}

/** Answers whether the disk has lost more than `mostBytes` since now, or is nearly full because of it. */
function watchDisk(folder: string, mostBytes: number): () => Promise<boolean> {
  const look = () =>
    statfs(folder).then(
      ({ bsize, bavail, blocks, ffree, files }) => ({
        free: bavail * bsize,
        isLow: bavail < blocks * leastFreeShare || (files > 0 && ffree < files * leastFreeShare),
      }),
      () => undefined,
    )
  const before = look()
  return async () => {
    const [start, now] = [await before, await look()]
    if (start === undefined || now === undefined) return false
    return start.free - now.free > mostBytes || (now.isLow && !start.isLow)
  }
}
