import { afterEach, expect, test } from 'vitest'
import type { FakeRequest, Step } from '../../bench/fake-model/script.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import type { ThreadRuntime } from './thread-runtime.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

const before = 'const a = 1\nconst b = 2\n\n// and\n\nconst c = 3\n'
const path = 'src/a.ts'
const patch = `*** Begin Patch\n*** Update File: ${path}\n@@\n-const b = 2\n+const b = 20\n*** End Patch\n`
const block = (old: string, now: string) =>
  `${path}\n<<<<<<< SEARCH\n${old}\n=======\n${now}\n>>>>>>> REPLACE\n`
const isCheck = ({ body }: Pick<FakeRequest, 'body'>) =>
  JSON.stringify(body.instructions ?? '').includes('second look')
const checksOf = (world: World) => world.model.requests.filter(({ body }) => body && isCheck({ body }))

/** A thread in which finished turns are checked; `answer`: what the deep model does about one. */
async function checkedWorld(answer: (request: FakeRequest) => readonly Step[], options: object = {}) {
  const world = await createWorld(
    { [path]: before, 'other.txt': 'x\n' },
    { tiers: { deep: ['fake/fake-slow'] }, ...options },
  )
  worlds.push(world)
  world.model.script = (request) => {
    if (isCheck(request)) return answer(request)
    const edits = request.userText.includes('edit') && request.round === 0
    return edits
      ? [{ type: 'customCall', name: 'apply_patch', text: patch }]
      : [{ type: 'text', text: 'Done.' }]
  }
  const thread = await world.newThread()
  await thread.configure({ deep: { checks: true, plans: false } })
  return { world, thread }
}

const turnOf = (thread: ThreadRuntime, index = 0): Turn => {
  const turn = thread.state().turns[index]
  if (!turn) throw new Error('no such turn')
  return turn
}
async function checked(thread: ThreadRuntime, index = 0) {
  await until(() => !['running', undefined].includes(turnOf(thread, index).check?.status))
  return turnOf(thread, index)
}
const correctionIn = ({ items }: Turn) =>
  items.find((item) => item.type === 'fileChange' && item.checkedBy !== undefined)
const text = (answer: string): readonly Step[] => [
  { type: 'usage', input: 900, cached: 0, output: 12 },
  { type: 'text', text: answer },
]

test('[CHECK-1] a finished turn that changed files is checked beside the thread; with nothing to correct there is only the mark', async () => {
  const { world, thread } = await checkedWorld(() => text('OK'))
  await world.ask(thread, 'just talk')
  expect(turnOf(thread).check).toBeUndefined()
  await world.ask(thread, 'edit b')
  const turn = await checked(thread, 1)
  expect(turn.check).toEqual({
    status: 'clean',
    modelId: 'fake/fake-slow',
    usage: { inputTokens: 900, cachedTokens: 0, outputTokens: 12 },
  })
  expect(correctionIn(turn)).toBeUndefined()
  const asked = JSON.stringify(checksOf(world)[0]?.body)
  expect(asked).toContain('edit b')
  expect(asked).toContain('+const b = 20')
  expect(asked).toContain('const c = 3')
  // Switched off nothing is asked.
  await thread.configure({ deep: { checks: false, plans: false } })
  await world.ask(thread, 'edit again')
  expect(checksOf(world)).toHaveLength(1)
})

test('[CHECK-2] a correction comes into the file as changes to be judged, by the name of who made it, with its reason and cost', async () => {
  const { world, thread } = await checkedWorld(() =>
    text(`b must stay below 10.\n${block('const b = 20', 'const b = 9')}`),
  )
  await world.ask(thread, 'edit b')
  const turn = await checked(thread)
  expect(turn.check).toMatchObject({ status: 'corrected', reason: 'b must stay below 10.' })
  expect(turn.check?.usage?.outputTokens).toBe(12)
  const correction = correctionIn(turn)
  expect(correction).toMatchObject({ checkedBy: 'fake/fake-slow', status: 'completed' })
  const hunks = correction?.type === 'fileChange' ? correction.files.flatMap((file) => file.hunks) : []
  expect(hunks).toMatchObject([{ status: 'written', removedText: expect.stringContaining('20') }])
  expect(hunks[0]?.review).toBeUndefined()
  expect(await world.documents.readText(world.workspace.id, path)).toBe(before.replace('= 2', '= 9'))
  // It can be undone by itself, and the turn's own change stands.
  await thread.reverts.undo(hunks.map(({ id }) => id))
  expect(await world.documents.readText(world.workspace.id, path)).toBe(before.replace('= 2', '= 20'))
})

test('[CHECK-3] the next turn does not wait for a check, and its model is told of the correction, once', async () => {
  const release = Promise.withResolvers<void>()
  const { world, thread } = await checkedWorld(() => [
    { type: 'hold', until: release.promise },
    ...text(`Too much.\n${block('const b = 20', 'const b = 9')}`),
  ])
  await world.ask(thread, 'edit b')
  await world.model.waitFor((request) => isCheck({ body: request.body ?? {} }))
  expect((await world.ask(thread, 'go on')).status).toBe('completed')
  expect(turnOf(thread).check?.status).toBe('running')
  const last = () =>
    JSON.stringify(world.model.requests.filter(({ body }) => body && !isCheck({ body })).at(-1)?.body)
  expect(last()).not.toContain('Another model checked')
  release.resolve()
  await checked(thread)
  await world.ask(thread, 'and on')
  expect(last()).toContain('Another model checked your changes')
  expect(last()).toContain('+const b = 9')
  // What was sent before stays as it was: only what is new goes up.
  expect(last()).toContain('previous_response_id')
  await world.ask(thread, 'and on and on')
  expect(last()).not.toContain('Another model checked')
})

test('[CHECK-4] what a person changed meanwhile is never overwritten: other lines are merged, the same ones are told', async () => {
  const release = Promise.withResolvers<void>()
  const { world, thread } = await checkedWorld(() => [
    { type: 'hold', until: release.promise },
    ...text(`Two mistakes.\n${block('const b = 20', 'const b = 9')}\n${block('const c = 3', 'const c = 4')}`),
  ])
  await world.ask(thread, 'edit b')
  await world.model.waitFor((request) => isCheck({ body: request.body ?? {} }))
  const opened = await world.documents.open(world.workspace.id, path)
  if (!opened.ok) throw new Error('not open')
  const live = opened.value.doc.getText('text')
  const at = live.toString().indexOf('const c')
  live.delete(at, 'const c = 3'.length)
  live.insert(at, 'const c = mine')
  live.insert(0, '// first\n')
  release.resolve()
  const turn = await checked(thread)
  expect(live.toString()).toBe('// first\nconst a = 1\nconst b = 9\n\n// and\n\nconst c = mine\n')
  expect(turn.check).toMatchObject({ status: 'corrected', left: [{ path, startLine: 7 }] })
})

test('[CHECK-5] a check can be stopped, is asked for again, and one that fails says why', async () => {
  const faults: (readonly Step[])[] = [
    [{ type: 'fault', fault: { type: 'stall' } }],
    [{ type: 'fault', fault: { type: 'status', status: 401, body: {} } }],
    text('I have a feeling that something is wrong.'),
    text(`Gone.\n${block('const zzz = 1', 'const zzz = 2')}`),
    text(`Elsewhere.\n${block('const b = 20', 'const b = 9').replace(path, 'other.txt')}`),
    text('OK'),
  ]
  const { world, thread } = await checkedWorld(() => faults.shift() ?? [])
  await world.ask(thread, 'edit b')
  const { id } = turnOf(thread)
  await world.model.waitFor((request) => isCheck({ body: request.body ?? {} }))
  await thread.checks.stop(id)
  expect(turnOf(thread).check).toBeUndefined()
  const codes: unknown[] = []
  for (let count = 0; count < 4; count++) {
    await thread.checks.request(id)
    codes.push((await checked(thread)).check?.failure?.code)
  }
  expect(codes).toEqual(['wrongKey', 'malformed', 'malformed', 'malformed'])
  expect(world.read('other.txt')).toBe('x\n')
  await thread.checks.request(id)
  expect((await checked(thread)).check?.status).toBe('clean')
  expect(await world.documents.readText(world.workspace.id, path)).toBe(before.replace('= 2', '= 20'))
})

test('[CHECK-6] it waits as background work of its model, and is counted', async () => {
  const { world, thread } = await checkedWorld(() => text('OK'), {
    limits: { 'fake/fake-slow': { concurrent: 1 } },
  })
  const other = await world.newThread('fake/fake-slow')
  const release = Promise.withResolvers<void>()
  const script = world.model.script
  world.model.script = (request) => {
    if (request.userText.includes('busy'))
      return [
        { type: 'hold', until: release.promise },
        { type: 'text', text: 'x' },
      ]
    return typeof script === 'function' ? script(request) : []
  }
  await other.start('busy', { openPaths: [] }, 0)
  await world.ask(thread, 'edit b')
  await until(() => turnOf(thread).check?.status === 'running')
  expect(checksOf(world)).toHaveLength(0)
  release.resolve()
  expect((await checked(thread)).check?.status).toBe('clean')
  const sums = await world.usage.sums(0)
  expect(sums.find(({ modelId }) => modelId === 'fake/fake-slow')?.calls).toBe(2)
})

test('[CHECK-7] a turn that is undone or rewound meanwhile is corrected no more', async () => {
  const release = Promise.withResolvers<void>()
  const { world, thread } = await checkedWorld(() => [
    { type: 'hold', until: release.promise },
    ...text(`Too much.\n${block('const b = 20', 'const b = 9')}`),
  ])
  await world.ask(thread, 'edit b')
  await world.model.waitFor((request) => isCheck({ body: request.body ?? {} }))
  await thread.reverts.revert(turnOf(thread).id, 'undo')
  release.resolve()
  await checked(thread)
  expect(correctionIn(turnOf(thread))).toBeUndefined()
  expect(await world.documents.readText(world.workspace.id, path)).toBe(before)
  await world.ask(thread, 'edit b')
  await until(() => turnOf(thread, 1).check !== undefined)
  const { id } = turnOf(thread, 1)
  const { rewindId } = await thread.rewind(id, 'both')
  await thread.unrewind(rewindId)
  expect(turnOf(thread, 1).check?.status).not.toBe('running')
})

test('[CHECK-8] a server that died while it checked says so, and the check can be asked for again', async () => {
  const { world, thread } = await checkedWorld(() => [{ type: 'fault', fault: { type: 'stall' } }])
  await world.ask(thread, 'edit b')
  await until(() => turnOf(thread).check?.status === 'running')
  await world.stored()
  world.die()
  const next = await world.restart()
  worlds.push({ ...next, close: async () => undefined })
  const again = await next.threads.get(thread.state().id)
  expect(turnOf(again).check).toMatchObject({ status: 'failed', failure: { code: 'serverRestarted' } })
  next.model.script = () => text('OK')
  await again.checks.request(turnOf(again).id)
  expect((await checked(again)).check?.status).toBe('clean')
})

test("[CHECK-9] the setting is the thread's, goes with a fork, and is never one of an edit in place", async () => {
  const { world, thread } = await checkedWorld(() => text('OK'))
  await world.ask(thread, 'just talk')
  const fork = await world.threads.get(await world.threads.fork(thread.state().id, turnOf(thread).id, 'fork'))
  expect(fork.state().deep).toEqual({ checks: true, plans: false })
  const workspaceId = world.workspace.id
  const deep = { checks: true, plans: true }
  const made = { workspaceId, modelId: 'fake/fake-fast', mode: 'live', deep } as const
  expect((await world.threads.get(await world.threads.create(made))).state().deep).toEqual(deep)
  const inline = await world.threads.get(await world.threads.create({ ...made, inline: true }))
  expect(inline.state().deep).toBeUndefined()
})
