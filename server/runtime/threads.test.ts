import { afterEach, expect, test } from 'vitest'
import type { Rule, Script } from '../../bench/fake-model/script.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { createWorld, until, type World } from '../testing/world.ts'

const worlds: World[] = []
const typed: (() => void)[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

async function make(
  files: Record<string, string>,
  script: Script,
  options?: Parameters<typeof createWorld>[1],
): Promise<World> {
  const world = await createWorld(files, options)
  worlds.push(world)
  world.model.script = script
  return world
}

const patch = (path: string, removed: string, added: string) =>
  `*** Begin Patch\n*** Update File: ${path}\n@@\n-${removed}\n+${added}\n*** End Patch\n`

const edits = (match: string, text: string, extra: object = {}): Rule => ({
  match,
  steps: [[{ type: 'customCall', name: 'apply_patch', text, ...extra }], [{ type: 'text', text: 'Done.' }]],
})

function answers(turn: Turn): string[] {
  return turn.items.flatMap((item) => (item.type === 'agentMessage' ? [item.text] : []))
}

test('[RUN-1] an edit goes from the model into the file, and its outcome back to the model', async () => {
  const world = await make({ 'a.txt': 'one\ntwo\n' }, [edits('change', patch('a.txt', 'one', 'ONE'))])
  const thread = await world.newThread()
  const turn = await world.ask(thread, 'change it')
  expect([turn.status, answers(turn)]).toEqual(['completed', ['Done.']])
  expect(world.read('a.txt')).toBe('ONE\ntwo\n')
  const last = JSON.stringify(world.model.requests.at(-1)?.body)
  expect(last).toContain('Success. Updated the following files')
})

test('[RUN-2] a second request of a turn carries only what is new', async () => {
  const world = await make({ 'a.txt': 'one\n' }, [
    {
      match: 'look',
      steps: [
        [{ type: 'functionCall', name: 'read_file', text: '{"path":"a.txt"}' }],
        [{ type: 'text', text: 'It says one.' }],
      ],
    },
  ])
  const turn = await world.ask(await world.newThread(), 'look')
  expect(answers(turn)).toEqual(['It says one.'])
  const calls = world.model.requests.filter(({ kind }) => kind === 'responses-websocket')
  const second = calls.at(-1)?.body as {
    input: { type: string; output?: string }[]
    previous_response_id?: string
  }
  expect(second.previous_response_id).toBeDefined()
  expect(second.input).toMatchObject([{ type: 'function_call_output', output: 'one\n' }])
})

test('[RUN-3] undo and redo of a turn are exact, on disk too', async () => {
  const world = await make({ 'a.txt': 'one\ntwo\n' }, [
    edits(
      'change',
      `*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+ONE\n*** Add File: new.txt\n+hello\n*** End Patch\n`,
    ),
  ])
  const thread = await world.newThread()
  const turn = await world.ask(thread, 'change it')
  expect(world.read('new.txt')).toBe('hello\n')
  await thread.reverts.revert(turn.id, 'undo')
  expect(world.read('a.txt')).toBe('one\ntwo\n')
  expect(() => world.read('new.txt')).toThrow()
  await expect(thread.reverts.revert(turn.id, 'undo')).rejects.toMatchObject({ code: 'conflict' })
  await thread.reverts.revert(turn.id, 'redo')
  expect([world.read('a.txt'), world.read('new.txt')]).toEqual(['ONE\ntwo\n', 'hello\n'])
})

test('[RUN-4] a thread is found again after a restart, with all its turns', async () => {
  const world = await make({ 'a.txt': 'one\n' }, [])
  const thread = await world.newThread()
  await world.ask(thread, 'hello')
  await world.ask(thread, 'and again')
  await thread.rename('kept')
  const before = thread.state()
  await world.threads.close()
  const after = await world.restart()
  expect((await after.threads.get(before.id)).state()).toEqual(before)
  await after.threads.close()
})

test('[RUN-5] one turn at a time; late requests about a settled turn are refused', async () => {
  const world = await make({}, [])
  const thread = await world.newThread()
  const turn = await world.ask(thread, 'hello')
  await expect(
    thread.control.redirect(turn.id, { text: 'x', context: { openPaths: [] } }, 0),
  ).rejects.toMatchObject({
    code: 'conflict',
  })
  expect(() => thread.control.interrupt(turn.id)).toThrow(/not running/)
  await expect(thread.resume(turn.id, 0)).rejects.toMatchObject({ code: 'conflict' })
  const started = thread.start('one', { openPaths: [] }, 0)
  await expect(thread.start('two', { openPaths: [] }, 0)).rejects.toMatchObject({ code: 'conflict' })
  await started
  await until(() => thread.state().turns.at(-1)?.settledAt !== undefined)
})

test('[RUN-6] the turn is measured: first token, the relay’s share, speed', async () => {
  const world = await make({}, [
    { match: 'talk', steps: [{ type: 'text', tokens: 50, tokensPerSecond: 1000 }] },
  ])
  const turn = await world.ask(await world.newThread(), 'talk')
  const { measurement } = turn
  expect(measurement?.firstTokenMs).toBeGreaterThan(0)
  expect(measurement?.relayMs).toBeLessThanOrEqual(measurement?.firstTokenMs ?? 0)
  expect(measurement?.outputTokens).toBeGreaterThan(0)
})

test('[RUN-7] a redirect in the middle of words cuts the model and goes on with what was said', async () => {
  const world = await make({}, [
    { match: 'talk', steps: [{ type: 'text', tokens: 100_000, tokensPerSecond: 200 }] },
    { match: 'instead', steps: [{ type: 'text', text: 'Instead.' }] },
  ])
  const thread = await world.newThread()
  const turnId = await thread.start('talk', { openPaths: [] }, 0)
  const turn = () => thread.state().turns[0]
  await until(() => turn()?.items.some((item) => item.type === 'agentMessage' && item.text !== '') === true)
  await thread.control.redirect(turnId, { text: 'instead', context: { openPaths: [] } }, 0)
  await until(() => turn()?.settledAt !== undefined)
  expect(turn()?.items.slice(-2)).toMatchObject([
    { type: 'userMessage', kind: 'redirect', text: 'instead' },
    { type: 'agentMessage', text: 'Instead.' },
  ])
})

const block = (path: string, removed: string, added: string) =>
  `${path}\n<<<<<<< SEARCH\n${removed}\n=======\n${added}\n>>>>>>> REPLACE\n`

const speeches = [
  ['responses', 'custom'],
  ['responses', 'function'],
  ['responses', 'none'],
  ['chat', 'function'],
  ['chat', 'none'],
] as const

test.for(speeches)(
  '[RUN-8] over %s, a model with %s tools edits, and hears of an edit that failed',
  async ([api, tools]) => {
    let requests = 0
    const script: Script = () => {
      const edit = [
        { removed: 'three', added: '3' },
        { removed: 'one', added: '"1" 一\\' },
      ][requests++]
      if (!edit) return [{ type: 'text', text: 'Done.' }]
      const { removed, added } = edit
      return tools === 'none'
        ? [{ type: 'text', text: `I change it.\n\n${block('a.txt', removed, added)}\nThere.` }]
        : [{ type: 'customCall', name: 'apply_patch', text: patch('a.txt', removed, added) }]
    }
    const world = await make({ 'a.txt': 'one\ntwo\n' }, script, { speech: { api, tools } })
    const turn = await world.ask(await world.newThread(), 'change it')
    expect(turn.status).toBe('completed')
    expect(world.read('a.txt')).toBe('"1" 一\\\ntwo\n')
    const edits = turn.items.flatMap((item) => (item.type === 'fileChange' ? [item.status] : []))
    expect(edits).toEqual(['failed', 'completed'])
    const second = JSON.stringify(world.model.requests.filter(({ body }) => body).map(({ body }) => body))
    expect(second).toContain('Failed to find expected lines')
    expect(answers(turn).join('')).toBe(tools === 'none' ? 'I change it.\n\n\nThere.'.repeat(2) : 'Done.')
  },
)

test('[RUN-9] a prompt that cannot be stored is refused, its turn stopped, and the thread goes on', async () => {
  const kept = createMemoryStore()
  let isFull = false
  const store: Store = {
    ...kept,
    async appendEvents(topic, rows) {
      if (isFull) throw new RequestError('storageFailed', 'The disk is full.')
      await kept.appendEvents(topic, rows)
    },
  }
  const script = [
    { match: 'talk', steps: [{ type: 'text' as const, tokens: 100_000, tokensPerSecond: 200 }] },
  ]
  const world = await make({}, script, { store })
  const thread = await world.newThread()
  isFull = true
  await expect(thread.start('talk', { openPaths: [] }, 0)).rejects.toMatchObject({ code: 'storageFailed' })
  expect(thread.state().turns.at(-1)?.status).toBe('interrupted')
  isFull = false
  await thread.rename('later')
  expect((await world.ask(thread, 'hello')).status).toBe('completed')
  expect(world.bugs.splice(0).every((bug) => bug.includes('The disk is full.'))).toBe(true)
  await world.stored()
  await world.threads.close()
  const after = await world.restart()
  expect((await after.threads.get(thread.state().id)).state()).toEqual(thread.state())
  await after.threads.close()
})

test('[RUN-10] of two undos of a turn at once one is refused, so that redo stays exact', async () => {
  const world = await make({ 'a.txt': 'one\n' }, [edits('change', patch('a.txt', 'one', 'ONE'))])
  const thread = await world.newThread()
  const { id } = await world.ask(thread, 'change it')
  const both = await Promise.allSettled([
    thread.reverts.revert(id, 'undo'),
    thread.reverts.revert(id, 'undo'),
  ])
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect(world.read('a.txt')).toBe('one\n')
  await thread.reverts.revert(id, 'redo')
  expect(world.read('a.txt')).toBe('ONE\n')
})

test('[RUN-11] a thread without a title takes the first line of its first prompt; one with a title keeps it', async () => {
  const world = await make({}, [])
  const plain = await world.newThread()
  await world.ask(plain, '\n  make it teal\nand quick')
  await world.ask(plain, 'something else')
  expect(plain.state().title).toBe('make it teal')
  const named = await world.newThread()
  await named.rename('Mine')
  await world.ask(named, 'make it teal')
  expect(named.state().title).toBe('Mine')
})

test('[RUN-12] text kept for a crash is let go when its turn has settled', async () => {
  const store = createMemoryStore()
  const script = [
    { match: 'talk', steps: [{ type: 'text' as const, tokens: 100_000, tokensPerSecond: 200 }] },
  ]
  const world = await make({}, script, { store })
  const thread = await world.newThread()
  const kept = async () => (await store.readJournal(`progress:${thread.state().id}`))?.updates ?? []
  const turnId = await thread.start('talk', { openPaths: [] }, 0)
  await expect.poll(async () => (await kept()).length).toBeGreaterThan(0)
  expect(Buffer.concat(await kept()).toString()).toContain(turnId)
  thread.control.interrupt(turnId)
  await expect.poll(kept).toEqual([])
})

test('[RUN-13] a thread that cannot be read keeps nobody from the others', async () => {
  const world = await make({}, [])
  const good = await world.newThread()
  await world.ask(good, 'hello')
  await world.stored()
  const { id: workspaceId } = world.workspace
  const bad = { id: 'thr_bad', title: '', createdAt: 0, updatedAt: 0, running: true }
  const added = { seq: await world.store.headSeq(`workspace:${workspaceId}`), at: 0 }
  await world.store.appendEvents(`workspace:${workspaceId}`, [
    { ...added, seq: added.seq + 1, body: JSON.stringify({ type: 'threadList/added', thread: bad }) },
  ])
  await world.store.appendEvents('thread:thr_bad', [{ seq: 1, at: 0, body: '{"type":"from/tomorrow"}' }])
  await world.threads.close()
  const after = await world.restart()
  expect((await after.threads.get(good.state().id)).state()).toEqual(good.state())
  expect(after.bugs).toEqual([expect.stringContaining('thr_bad')])
  await after.threads.close()
})

test('[RUN-14] threads nobody uses or follows are let go, and come back as they were', async () => {
  const world = await make({}, [])
  const first = await world.newThread()
  await world.ask(first, 'hello')
  const before = first.state()
  for (let i = 0; i < limits.loadedThreads + 3; i++) await world.newThread()
  await until(() => world.threads.loaded === limits.loadedThreads)
  const again = await world.threads.get(before.id)
  expect(again).not.toBe(first)
  expect(again.state()).toEqual(before)
  expect((await world.ask(again, 'and again')).status).toBe('completed')
})

test('[RUN-15] an edit of the active file is placed in it as it was when the prompt was sent', async () => {
  const world = await make({ 'a.txt': 'one\ntwo\n' }, [
    {
      match: 'change',
      steps: [
        [
          { type: 'hold', until: new Promise<void>((resolve) => typed.push(resolve)) },
          { type: 'customCall', name: 'apply_patch', text: patch('a.txt', 'one', 'ONE') },
        ],
        [{ type: 'text', text: 'Done.' }],
      ],
    },
  ])
  const thread = await world.newThread()
  const opened = await world.documents.open(world.workspace.id, 'a.txt')
  if (!opened.ok) throw new Error('a.txt does not open')
  await thread.start('change it', { activePath: 'a.txt', openPaths: ['a.txt'] }, 0)
  opened.value.doc.getText('text').insert(1, '(typed)')
  for (const resolve of typed) resolve()
  await until(() => thread.state().turns.at(-1)?.settledAt !== undefined)
  const edit = thread
    .state()
    .turns.at(-1)
    ?.items.find((item) => item.type === 'fileChange')
  expect(edit).toMatchObject({ status: 'completed' })
  const text = opened.value.doc.getText('text').toString()
  expect([text.includes('ONE'), text.includes('(typed)')]).toEqual([true, true])
})

test('[RUN-16] a model that is not offered any more ends the turn with a failure that says so', async () => {
  const world = await make({}, [])
  const thread = await world.newThread()
  world.models.openSession = () => {
    throw new RequestError('notFound', 'It is not offered any more.')
  }
  const turn = await world.ask(thread, 'hello')
  expect([turn.status, turn.failure]).toEqual([
    'failed',
    { code: 'modelNotFound', detail: 'It is not offered any more.', retriable: false },
  ])
})

test('[RUN-18] a new title is acknowledged when the list of threads has it too', async () => {
  const kept = createMemoryStore()
  const held = Promise.withResolvers<void>()
  let isSlow = false
  const store: Store = {
    ...kept,
    async appendEvents(topic, rows) {
      if (isSlow && topic.startsWith('workspace:')) await held.promise
      await kept.appendEvents(topic, rows)
    },
  }
  const world = await make({}, [], { store })
  const thread = await world.newThread()
  isSlow = true
  let isAcknowledged = false
  const renaming = thread.rename('new').then(() => {
    isAcknowledged = true
  })
  const isStored = async () =>
    (await kept.readEvents(thread.topic, 0)).some(({ body }) => body.includes('renamed'))
  while (!(await isStored())) await new Promise((resolve) => setImmediate(resolve))
  expect(isAcknowledged).toBe(false)
  held.resolve()
  await renaming
})

test('[RUN-19] an undo that a crash cut off is brought to its end when the thread is opened, and redo is exact', async () => {
  const kept = createMemoryStore()
  let isDead = false
  const lost: string[] = []
  const store: Store = {
    ...kept,
    appendEvents(topic, rows) {
      if (!isDead) return kept.appendEvents(topic, rows)
      lost.push(...rows.map(({ body }) => body))
      return new Promise(() => {})
    },
  }
  const script = [
    edits(
      'change',
      `*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+ONE\n*** Add File: new.txt\n+hello\n*** End Patch\n`,
    ),
  ]
  const world = await make({ 'a.txt': 'one\ntwo\n' }, script, { store })
  const thread = await world.newThread()
  const turn = await world.ask(thread, 'change it')
  await world.stored()
  isDead = true
  void thread.reverts.revert(turn.id, 'undo')
  await until(() => lost.some((body) => body.includes('turn/undone')))
  // The dead see nothing any more.
  await world.workspace.close()
  isDead = false
  const after = await world.restart()
  const again = await after.threads.get(thread.state().id)
  expect(again.state().turns[0]?.undone).toBeDefined()
  expect(after.read('a.txt')).toBe('one\ntwo\n')
  expect(() => after.read('new.txt')).toThrow()
  await again.reverts.revert(turn.id, 'redo')
  expect([after.read('a.txt'), after.read('new.txt')]).toEqual(['ONE\ntwo\n', 'hello\n'])
  expect(after.bugs).toEqual([])
  await after.threads.close()
})
