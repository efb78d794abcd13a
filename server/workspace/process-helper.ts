import { type ChildProcess, fork } from 'node:child_process'
import type { ProgramReply, ProgramRequest } from './process-worker.ts'
import { type ProcessResult, type RunProgram, runProcess } from './run-process.ts'

/**
 * Starts programs that nobody waits for at the keyboard, from a small process of its own: a start stops its
 * process while memory is copied, milliseconds for the server. Until it stands, and when it ends, it is from here.
 */
export function createProcessHelper(): RunProgram {
  let helper: ChildProcess | undefined
  let isReady = false
  let last = 0
  const waiting = new Map<number, PromiseWithResolvers<ProcessResult>>()

  function begin(): ChildProcess {
    // Nothing of the server's environment or flags is its business. Next's types demand a NODE_ENV of every environment.
    const env: NodeJS.ProcessEnv = Object.create(null)
    const started = fork(new URL('./process-worker.ts', import.meta.url), {
      env,
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    // The server ends without asking it, and it with the server.
    started.unref()
    started.channel?.unref()
    started.on('message', (reply: ProgramReply) => {
      if (reply === 'ready') {
        isReady = helper === started
        return
      }
      const asked = waiting.get(reply.id)
      waiting.delete(reply.id)
      if (waiting.size === 0) started.channel?.unref()
      if ('result' in reply) asked?.resolve(reply.result)
      else asked?.reject(new Error(reply.problem))
    })
    const lost = (why: Error) => {
      if (helper !== started) return
      helper = undefined
      isReady = false
      for (const asked of waiting.values()) asked.reject(why)
      waiting.clear()
    }
    started.on('error', lost)
    started.on('exit', () => lost(new Error('the process that starts programs ended')))
    return started
  }

  return (program) => {
    helper ??= begin()
    if (!isReady) return runProcess(program)
    const id = ++last
    const asked = Promise.withResolvers<ProcessResult>()
    waiting.set(id, asked)
    helper.channel?.ref()
    helper.send({ id, program } satisfies ProgramRequest)
    return asked.promise
  }
}
