import { expect, test } from 'vitest'
import { RequestError } from '../../core/protocol/errors.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { edit, ended, handOff, say, worldsOfTests } from '../testing/job-world.ts'
import { ManualTimers } from '../testing/manual-timers.ts'
import { until } from '../testing/world.ts'
import type { ProcessResult } from '../workspace/run-process.ts'
import { DiskRoom } from './disk-room.ts'

const { open } = worldsOfTests()

/** A store that takes nothing while its disk is full. */
function storeOn(disk: { isFull: boolean; refused: number }): Store {
  const store = createMemoryStore()
  const whenRoom = <P extends readonly unknown[], R>(write: (...args: P) => Promise<R>) => {
    return (...args: P): Promise<R> => {
      if (!disk.isFull) return write(...args)
      disk.refused += 1
      return Promise.reject(new RequestError('storageFailed', 'The disk is full.'))
    }
  }
  return {
    ...store,
    appendEvents: whenRoom(store.appendEvents),
    writeJob: whenRoom(store.writeJob),
    setValue: whenRoom(store.setValue),
  }
}

test('[RJOB-144] a job whose disk is full in the middle of a step waits for room, and does each step once', async () => {
  const disk = { isFull: false, refused: 0 }
  const world = await open({ 'b.txt': 'b\n' }, { store: storeOn(disk) })
  const { promise: filled, resolve: goOn } = Promise.withResolvers<void>()
  world.model.script = [
    {
      match: 'the task',
      steps: [
        [{ type: 'hold', until: filled }, edit('b.txt', 'b', 'B')],
        [edit('b.txt', 'B', 'BB')],
        [say('Done.')],
      ],
    },
  ]
  const { id } = await world.jobs.start(handOff(world))
  await until(() => world.model.requests.length > 0 && world.jobs.run(id).record.step !== undefined)
  disk.isFull = true
  goOn()
  await until(() => disk.refused > 3)
  expect(world.jobs.run(id).job.state).toBe('running')
  disk.isFull = false
  const done = await ended(world, { id })
  expect(done).toMatchObject({ state: 'done', used: { steps: 3 } })
  expect(done.problem).toBeUndefined()
  await world.jobs.outcomes.apply(id, undefined)
  expect(world.read('b.txt')).toBe('BB\n')
  expect(world.bugs.splice(0).filter((bug) => !bug.includes('The disk is full.'))).toEqual([])
}, 30_000)

test('[RJOB-145] git that finds no room is started again until there is some; what else it says is passed on', async () => {
  const timers = new ManualTimers()
  let isOver = false
  const room = new DiskRoom({ timers, isOver: () => isOver })
  const says = (code: number, problem: string): ProcessResult => ({ code, problem, output: '', cut: 'no' })
  const answers = [
    says(128, 'fatal: unable to write loose object file: No space left on device'),
    says(128, 'error: file write error: Disk quota exceeded'),
    says(0, ''),
    says(1, 'fatal: not a tree'),
  ]
  let runs = 0
  const run = room.program(async () => answers[runs++] ?? says(128, 'No space left on device'))
  const program = { file: 'git', args: [], cwd: '/', env: {}, timeoutMs: 1, outputBytes: 1 }
  const first = run(program)
  for (let n = 0; n < 3; n++) await pass(timers)
  expect([await first, runs]).toEqual([says(0, ''), 3])
  expect(await run(program)).toEqual(says(1, 'fatal: not a tree'))
  // A server that ends waits for nothing.
  const last = run(program)
  await pass(timers)
  isOver = true
  await pass(timers)
  expect((await last).problem).toContain('No space left')
})

test('[RJOB-144] what waits for the log to be stored goes no further when the server ends before', async () => {
  const timers = new ManualTimers()
  let isOver = false
  const room = new DiskRoom({ timers, isOver: () => isOver })
  const waiting = room.until(() => false)
  const refused = expect(waiting).rejects.toMatchObject({ code: 'storageFailed' })
  await pass(timers)
  isOver = true
  await pass(timers)
  await refused
})

async function pass(timers: ManualTimers): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  timers.advance(1000)
  await new Promise((resolve) => setImmediate(resolve))
}
