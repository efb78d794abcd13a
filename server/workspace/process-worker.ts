// Starts programs for the server, at a priority below its own: what is said meanwhile comes first.
import { getPriority, setPriority } from 'node:os'
import { type ProcessResult, type Program, runProcess } from './run-process.ts'

export interface ProgramRequest {
  readonly id: number
  readonly program: Program
}

export type ProgramReply =
  | 'ready'
  | { readonly id: number; readonly result: ProcessResult }
  | { readonly id: number; readonly problem: string }

const niceness = 10
const most = 19
const server = process.ppid

setPriority(Math.min(getPriority() + niceness, most))
// A terminal tells all of its processes to end: the server says when it needs this one no more.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

const tell = (reply: ProgramReply) => {
  if (process.connected) process.send?.(reply)
}
process.on('message', ({ id, program }: ProgramRequest) => {
  // Whoever asked is dead: nothing more is begun in its name beside the server that comes after it.
  if (process.ppid !== server) return
  runProcess(program).then(
    (result) => tell({ id, result }),
    (error: Error) => tell({ id, problem: error.message }),
  )
})
tell('ready')
