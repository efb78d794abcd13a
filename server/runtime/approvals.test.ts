import { afterEach, expect, test } from 'vitest'
import { openApprovals } from '../../core/approval/approvals.ts'
import type { ApprovalRule } from '../../core/approval/rules.ts'
import type { ApprovalAnswer } from '../../core/protocol/approval.ts'
import { workspaceIdSchema } from '../../core/protocol/ids.ts'
import { shareIdSchema } from '../../core/protocol/share.ts'
import { guestThread } from '../../core/state/guest-view.ts'
import type { Runner } from '../sandbox/runner.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import { ApprovalRules } from './approval-rules.ts'
import type { ThreadRuntime } from './thread-runtime.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

async function opened(command: string, approvals: readonly ApprovalRule[] = [], more = {}, options = {}) {
  const world = await createWorld({ 'a.txt': 'a\n' }, { store: createMemoryStore(), approvals, ...options })
  worlds.push(world)
  world.model.script = [runs(command, more)]
  return { world, thread: await world.newThread() }
}

function runs(command: string, more = {}) {
  const text = JSON.stringify({ command, ...more })
  const call = { type: 'functionCall', name: 'run_command', text } as const
  return { match: 'run', steps: [[call], [{ type: 'text' as const, text: 'Done.' }]] }
}

const questions = (thread: ThreadRuntime) => openApprovals(thread.state().approvals ?? [])
const outputs = (thread: ThreadRuntime) =>
  thread
    .state()
    .turns.flatMap(({ items }) => items.flatMap((item) => (item.type === 'toolCall' ? [item.output] : [])))

async function answered(world: World, thread: ThreadRuntime, answer: ApprovalAnswer) {
  const asking = world.ask(thread, 'run it')
  await until(() => questions(thread).length > 0)
  const [question] = questions(thread)
  if (!question) throw new Error('nothing was asked')
  await thread.approvals.answer(question.id, question.hash, answer)
  await asking
  return question
}

test('[RAPPROVE-1] a command of the model waits for a yes and is then exactly what was shown', async () => {
  const { world, thread } = await opened('echo run >> made; cat made')
  const question = await answered(world, thread, 'once')
  expect(question).toMatchObject({
    command: 'echo run >> made; cat made',
    folder: world.workspace.root,
    place: 'workspace',
    sandboxed: false,
    offered: ['once', 'thread', 'deny'],
  })
  expect(world.read('made')).toBe('run\n')
  expect(outputs(thread)[0]).toContain('Exit 0 after')
  expect(outputs(thread)[0]).toMatch(/^run\n/)
})

test('[RAPPROVE-2] a no, a wrong hash and a second answer run nothing', async () => {
  const { world, thread } = await opened('touch made')
  const asking = world.ask(thread, 'run it')
  await until(() => questions(thread).length > 0)
  const [question] = questions(thread)
  if (!question) throw new Error('nothing was asked')
  await expect(thread.approvals.answer(question.id, '0'.repeat(64), 'once')).rejects.toThrow(
    /answered already/,
  )
  await thread.approvals.answer(question.id, question.hash, 'deny')
  await expect(thread.approvals.answer(question.id, question.hash, 'once')).rejects.toThrow(
    /answered already/,
  )
  await asking
  expect(() => world.read('made')).toThrow()
  expect(outputs(thread)[0]).toContain('refused')
})

test('[RAPPROVE-3] a yes for once is asked for again, one for the thread is not, one for always lasts in other threads', async () => {
  const { world, thread } = await opened('ls a.txt')
  await answered(world, thread, 'once')
  await answered(world, thread, 'thread')
  await world.ask(thread, 'run it')
  const next = await world.newThread()
  await answered(world, next, 'always')
  const another = await world.newThread()
  await world.ask(another, 'run it')
  expect(outputs(another)[0]).toContain('Exit 0 after')
  await world.stored()
  const later = await world.restart()
  worlds.push(later)
  const again = await later.newThread()
  await later.ask(again, 'run it')
  expect(questions(again)).toEqual([])
  // That line and no other, not a longer one either: here a shorter one was allowed.
  later.model.script = [runs('ls a.txt b.txt')]
  void later.ask(again, 'run it')
  await until(() => questions(again).length > 0)
  worlds.splice(worlds.indexOf(world), 1)
})

test('[RJOB-81] the thread in which a line was allowed always asks for it again too when it is taken back', async () => {
  const { world, thread } = await opened('ls a.txt')
  await answered(world, thread, 'always')
  await world.ask(thread, 'run it')
  expect(questions(thread)).toEqual([])
  const { rules, workspace } = world
  const [line] = rules.lasting(workspace.id)
  await rules.takeBack(workspace.id, line?.id ?? '')
  void world.ask(thread, 'run it')
  await until(() => questions(thread).length > 0)
})

test('[RJOB-81] what is always allowed is told for its workspace alone, and is asked for again when it is taken back', async () => {
  const store = createMemoryStore()
  const rules = new ApprovalRules(store, [])
  const [here, there] = ['wsp_1', 'wsp_2'].map((id) => workspaceIdSchema.parse(id))
  if (!here || !there) throw new Error('there are two')
  const ls = { workspaceId: here, command: 'ls', place: 'copy' as const, sandboxed: true, hosts: [] }
  await rules.allowAlways(ls)
  await rules.allowAlways({ ...ls, place: 'workspace' })
  await rules.allowAlways({ ...ls, workspaceId: there })
  const [first, second] = rules.lasting(here)
  expect([first, second]).toMatchObject([{ place: 'workspace' }, { command: 'ls', place: 'copy', hosts: [] }])
  await rules.takeBack(here, second?.id ?? '')
  await expect(rules.takeBack(there, second?.id ?? '')).rejects.toThrow('not allowed any more')
  const later = new ApprovalRules(store, [])
  await later.start()
  expect(later.lasting(here)).toEqual([first])
  expect(later.isAllowedAlways(ls)).toBe(false)
  expect(later.isAllowedAlways({ ...ls, workspaceId: there })).toBe(true)
})

test('[RAPPROVE-3] C09 a yes for always holds in the place it was given for, and only for what can be told by reading and no rule wants asked', async () => {
  const rules = new ApprovalRules(createMemoryStore(), [])
  const allowed = {
    workspaceId: 'wsp_1',
    command: 'find .',
    place: 'copy' as const,
    sandboxed: true,
    hosts: [] as string[],
  }
  const one = { ...allowed, workspaceId: workspaceIdSchema.parse('wsp_1') }
  await rules.allowAlways(one)
  expect(rules.isAllowedAlways(one)).toBe(true)
  const others = [
    { command: 'find . -delete' },
    { command: 'find' },
    { place: 'workspace' as const },
    { sandboxed: false },
    { hosts: ['a.test'] },
    { workspaceId: workspaceIdSchema.parse('wsp_2') },
  ]
  for (const other of others) expect(rules.isAllowedAlways({ ...one, ...other })).toBe(false)
  const { world, thread } = await opened('ls a.txt', [{ action: 'ask', command: 'ls' }])
  const asking = world.ask(thread, 'run it')
  await until(() => questions(thread).length > 0)
  const [question] = questions(thread)
  if (!question) throw new Error('nothing was asked')
  expect(question.offered).toEqual(['once', 'thread', 'deny'])
  await expect(thread.approvals.answer(question.id, question.hash, 'always')).rejects.toThrow(
    'does not offer',
  )
  await thread.approvals.answer(question.id, question.hash, 'deny')
  await asking
})

test('[RAPPROVE-4] rules of the configuration allow and deny without a question', async () => {
  const { world, thread } = await opened('ls a.txt', [{ action: 'allow', command: 'ls' }])
  await world.ask(thread, 'run it')
  expect(outputs(thread)[0]).toContain('a.txt')
  const denied = await opened('rm a.txt', [{ action: 'deny', command: 'rm' }])
  await denied.world.ask(denied.thread, 'run it')
  expect(outputs(denied.thread)[0]).toContain('A rule of this server forbids')
  expect(denied.world.read('a.txt')).toBe('a\n')
})

test('[RAPPROVE-5] a stop ends the wait, and a question of a server that ended is withdrawn', async () => {
  const { world, thread } = await opened('touch made')
  const asking = world.ask(thread, 'run it')
  await until(() => questions(thread).length > 0)
  const turnId = thread.state().turns.at(-1)?.id
  if (turnId) thread.control.interrupt(turnId)
  await asking
  expect(questions(thread)).toEqual([])
  void world.ask(thread, 'run it')
  await until(() => questions(thread).length > 0)
  await world.stored()
  const next = await world.restart()
  const again = await next.threads.get(thread.state().id)
  expect(questions(again)).toEqual([])
  expect(again.state().approvals?.map(({ over }) => over)).toEqual(['withdrawn', 'lapsed'])
  expect(() => world.read('made')).toThrow()
  await next.threads.close()
})

test('[RAPPROVE-6] C04 the model cannot ask to run it in another way, and nothing runs for a guest', async () => {
  const { world, thread } = await opened('touch made', [{ action: 'allow', command: 'touch' }], {
    sandbox: false,
  })
  await world.ask(thread, 'run it')
  expect(outputs(thread)[0]).toContain('Wrong arguments for run_command')
  const other = await opened('touch made', [{ action: 'allow', command: 'touch' }])
  const guest = { linkId: shareIdSchema.parse('shr_1'), name: 'Ada' }
  await other.thread.start('run it', { openPaths: [] }, performance.now(), guest)
  await until(() => other.thread.state().turns.at(-1)?.settledAt !== undefined)
  expect(outputs(other.thread)[0]).toContain('no command is run for them')
  for (const each of [world, other.world]) expect(() => each.read('made')).toThrow()
})

test('[RAPPROVE-6] nothing runs in Plan, nor in a turn that changes no file', async () => {
  const plan = await opened('touch made', [{ action: 'allow', command: 'touch' }])
  await plan.thread.configure({ modelId: undefined, mode: 'plan' })
  await plan.world.ask(plan.thread, 'run it')
  expect(outputs(plan.thread)[0]).toContain('There is no tool run_command')
  const aside = await opened('touch made', [{ action: 'allow', command: 'touch' }])
  await aside.thread.start('run it', { openPaths: [], aside: true }, performance.now())
  await until(() => aside.thread.state().turns.at(-1)?.settledAt !== undefined)
  expect(outputs(aside.thread)[0]).toContain('changes no file')
  for (const { world } of [plan, aside]) expect(() => world.read('made')).toThrow()
})

test('[RAPPROVE-9] hosts a command wants are asked with it and opened as far as the yes reaches; each wish for the network is kept', async () => {
  const allows: boolean[][] = []
  const hosts = ['a.test:443', 'free.test:443', 'never.test:443']
  const runner: Runner = {
    kind: 'bwrap',
    problem: async () => undefined,
    async run({ network }) {
      allows.push(hosts.map((host) => network?.allows(host) === true))
      network?.onReach({ host: 'a.test:443', verdict: 'refused', why: 'so' })
      return { exit: 0, signal: undefined, cut: 'none', durationMs: 1, outputBytes: 0, droppedBytes: 0 }
    },
  }
  const rules: ApprovalRule[] = [
    { action: 'allow', host: 'free.test' },
    { action: 'deny', host: 'never.test' },
  ]
  const { world, thread } = await opened('get it', rules, { hosts: ['a.test'] }, { runner })
  expect(await answered(world, thread, 'once')).toMatchObject({ hosts: ['a.test', 'free.test'] })
  expect(await answered(world, thread, 'thread')).toMatchObject({ hosts: ['a.test', 'free.test'] })
  world.model.script = [runs('another')]
  expect(await answered(world, thread, 'once')).toMatchObject({ hosts: ['a.test', 'free.test'] })
  expect(await answered(world, await world.newThread(), 'once')).toMatchObject({ hosts: ['free.test'] })
  const open = [true, true, false]
  expect(allows).toEqual([open, open, open, [false, true, false]])
  const callId = thread.state().approvals?.[0]?.callId
  expect(thread.state().reached?.[0]).toMatchObject({ of: callId, reached: { verdict: 'refused' } })
  expect(guestThread(thread.state())).not.toHaveProperty('reached')
  world.model.script = [runs('get it', { hosts: ['never.test'] })]
  await world.ask(thread, 'run it')
  expect(outputs(thread).at(-1)).toContain('forbids')
})
