import { afterEach, expect, test, vi } from 'vitest'
import type { Step } from '../../bench/fake-model/script.ts'
import { PauseGate } from '../../core/engine/pause-gate.ts'
import { steerIdSchema } from '../../core/protocol/ids.ts'
import { limits } from '../../core/protocol/limits.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import { systemTimers } from '../timers.ts'
import type { ThreadRuntime } from './thread-runtime.ts'

const worlds: World[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

const context = { openPaths: [] }
const head = 'The first half. '
const tail = Array.from({ length: 200 }, (_, n) => `word${n}`).join(' ')

/** A turn that has said its first half, and what lets the model say the second. */
async function halfway(steps: (second: Promise<void>) => readonly Step[] = halves) {
  const world = await createWorld({ 'a.txt': 'one\ntwo\n' })
  worlds.push(world)
  const second = Promise.withResolvers<void>()
  const said = Promise.withResolvers<void>()
  world.model.script = (request) => {
    if (request.round > 0 || request.userText !== 'go') return [{ type: 'text', text: 'Then.' }]
    return [...steps(second.promise), { type: 'hold', until: Promise.resolve(said.resolve()) }]
  }
  const thread = await world.newThread()
  const turnId = await thread.start('go', context, 0)
  await until(() => saidBy(thread) === head)
  /** Lets the model say all it has to say, and waits until it is here. */
  const sayRest = async () => {
    second.resolve()
    await said.promise
    // What comes later over a connection of its own is there: so is this.
    await world.ask(await world.newThread(), 'other')
  }
  return { world, thread, turnId, sayRest }
}

const halves = (second: Promise<void>): readonly Step[] => [
  { type: 'text', text: head, tokensPerSecond: 0 },
  { type: 'hold', until: second },
  { type: 'text', text: tail, tokensPerSecond: 0 },
]

const patch = '*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+ONE\n*** End Patch\n'
const edits = (second: Promise<void>): readonly Step[] => [
  { type: 'text', text: head, tokensPerSecond: 0 },
  { type: 'hold', until: second },
  { type: 'customCall', name: 'apply_patch', text: patch, tokensPerSecond: 0 },
]

/** All the model has said in the turn. */
function saidBy(thread: ThreadRuntime): string {
  const items = thread.state().turns.at(-1)?.items ?? []
  return items.map((item) => (item.type === 'agentMessage' ? item.text : '')).join('')
}
const turnOf = (thread: ThreadRuntime) => thread.state().turns.at(-1)
const isSettled = (thread: ThreadRuntime) => turnOf(thread)?.settledAt !== undefined

/** Runs what would be done when a pause has lasted too long. */
function pauseEnds(): () => void {
  const ends: (() => void)[] = []
  const after = systemTimers.after.bind(systemTimers)
  vi.spyOn(systemTimers, 'after').mockImplementation((ms, run) => {
    if (ms !== limits.pausedMs) return after(ms, run)
    ends.push(run)
    return () => ends.splice(ends.indexOf(run), 1)
  })
  return () => {
    for (const run of ends.splice(0)) run()
  }
}

test('[PAUSE-1] a paused turn shows nothing; taken up again, all that came meanwhile follows to the letter', async () => {
  const { thread, turnId, sayRest } = await halfway()
  thread.control.pause(turnId)
  await sayRest()
  expect([turnOf(thread)?.paused, turnOf(thread)?.status, saidBy(thread)]).toEqual([true, 'running', head])
  thread.control.unpause(turnId)
  expect(turnOf(thread)?.paused).toBeUndefined()
  expect(saidBy(thread)).toBe(head + tail)
  await until(() => isSettled(thread))
  expect(turnOf(thread)?.status).toBe('completed')
})

test('[PAUSE-1] nothing is written to files either', async () => {
  const { world, thread, turnId, sayRest } = await halfway(edits)
  thread.control.pause(turnId)
  await sayRest()
  expect([world.read('a.txt'), turnOf(thread)?.items.length]).toEqual(['one\ntwo\n', 2])
  thread.control.unpause(turnId)
  await until(() => isSettled(thread))
  expect([world.read('a.txt'), turnOf(thread)?.status]).toEqual(['ONE\ntwo\n', 'completed'])
})

test('[PAUSE-2] a pause nobody ends stops the turn; one that was ended does not', async () => {
  const end = pauseEnds()
  const { thread, turnId, sayRest } = await halfway()
  thread.control.pause(turnId)
  thread.control.unpause(turnId)
  end()
  expect(turnOf(thread)?.status).toBe('running')
  thread.control.pause(turnId)
  await sayRest()
  end()
  expect([turnOf(thread)?.status, turnOf(thread)?.paused, saidBy(thread)]).toEqual([
    'interrupted',
    undefined,
    head,
  ])
})

test('[PAUSE-3] stopped while it stands still, what came meanwhile is dropped', async () => {
  const { thread, turnId, sayRest } = await halfway()
  thread.control.pause(turnId)
  await sayRest()
  thread.control.interrupt(turnId)
  expect([turnOf(thread)?.status, saidBy(thread)]).toEqual(['interrupted', head])
})

test('[PAUSE-3] redirected while it stands still, the model is told what was shown and no more', async () => {
  const { world, thread, turnId, sayRest } = await halfway()
  thread.control.pause(turnId)
  await sayRest()
  await thread.control.redirect(turnId, { text: 'rather so', context }, 0)
  await until(() => isSettled(thread))
  expect([turnOf(thread)?.status, turnOf(thread)?.paused, saidBy(thread)]).toEqual([
    'completed',
    undefined,
    `${head}Then.`,
  ])
  const sent = JSON.stringify(world.model.requests.at(-1)?.body)
  expect(sent).toContain(head.trim())
  expect(sent).not.toContain('word0')
})

test('[PAUSE-3] how an edit ended that was finished meanwhile is not lost', async () => {
  const { world, thread, turnId, sayRest } = await halfway(edits)
  const { promise, resolve } = Promise.withResolvers<void>()
  const flush = world.documents.beginEdit.bind(world.documents)
  world.documents.beginEdit = (options) => {
    const session = flush(options)
    const finish = session.finish.bind(session)
    session.finish = async () => {
      const outcome = await finish()
      resolve()
      return outcome
    }
    return session
  }
  const asked = until(
    () => turnOf(thread)?.items.some((item) => 'callId' in item && item.status === 'running') ?? false,
  )
  void sayRest()
  await asked
  thread.control.pause(turnId)
  await promise
  thread.control.interrupt(turnId)
  await until(() => isSettled(thread))
  const edit = turnOf(thread)?.items.find((item) => item.type === 'fileChange')
  expect([turnOf(thread)?.status, edit?.type === 'fileChange' && edit.status]).toEqual([
    'interrupted',
    'completed',
  ])
})

test('[PAUSE-4] words added to a turn that stands still wait with it', async () => {
  const { world, thread, turnId, sayRest } = await halfway()
  thread.control.pause(turnId)
  await sayRest()
  await thread.control.steer(turnId, { id: steerIdSchema.parse('ste_1'), text: 'and this', context })
  expect([turnOf(thread)?.paused, turnOf(thread)?.items.at(-1)]).toMatchObject([true, { state: 'accepted' }])
  thread.control.unpause(turnId)
  await until(() => isSettled(thread))
  expect(turnOf(thread)?.items.at(-2)).toMatchObject({ text: 'and this', state: 'applied' })
  expect(JSON.stringify(world.model.requests.at(-1)?.body)).toContain('and this')
})

test('[PAUSE-5] when more has come than a pause may hold, the turn goes on by itself', async () => {
  const full = vi.spyOn(PauseGate.prototype, 'isFull', 'get').mockReturnValue(false)
  const { thread, turnId, sayRest } = await halfway()
  thread.control.pause(turnId)
  full.mockReturnValue(true)
  await sayRest()
  expect([turnOf(thread)?.paused, saidBy(thread)]).toEqual([undefined, head + tail])
  vi.restoreAllMocks()
  const gate = new PauseGate()
  gate.pause()
  const piece = 'x'.repeat(limits.pausedChars / 4)
  const event = { type: 'textDelta', text: piece } as const
  const isFull = [1, 2, 3, 4].map(() => gate.holds({ type: 'model', call: 1, event, at: 0 }) && gate.isFull)
  expect(isFull).toEqual([false, false, false, true])
})

test('[PAUSE-6] only the turn that runs can be paused; after a restart none is', async () => {
  const { world, thread, turnId } = await halfway()
  thread.control.pause(turnId)
  thread.control.pause(turnId)
  expect(turnOf(thread)?.paused).toBe(true)
  await world.stored()
  const after = await world.restart()
  worlds.push(after)
  worlds.splice(worlds.indexOf(world), 1)
  const again = await after.threads.get(thread.state().id)
  expect([turnOf(again)?.status, turnOf(again)?.paused]).toEqual(['interrupted', undefined])
  expect(() => again.control.pause(turnId)).toThrow('not running')
  expect(() => again.control.unpause(turnId)).toThrow('not running')
  await world.threads.close()
})
