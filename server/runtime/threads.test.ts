import { afterEach, expect, test } from 'vitest'
import type { Rule, Script } from '../../bench/fake-model/script.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { createWorld, until, type World } from '../testing/world.ts'

const worlds: World[] = []
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
  await thread.revert(turn.id, 'undo')
  expect(world.read('a.txt')).toBe('one\ntwo\n')
  expect(() => world.read('new.txt')).toThrow()
  await expect(thread.revert(turn.id, 'undo')).rejects.toMatchObject({ code: 'conflict' })
  await thread.revert(turn.id, 'redo')
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
  await expect(thread.redirect(turn.id, 'x', { openPaths: [] })).rejects.toMatchObject({ code: 'conflict' })
  expect(() => thread.interrupt(turn.id)).toThrow(/not running/)
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
  await thread.redirect(turnId, 'instead', { openPaths: [] })
  await until(() => turn()?.settledAt !== undefined)
  expect(turn()?.items.slice(-2)).toMatchObject([
    { type: 'userMessage', kind: 'redirect', text: 'instead' },
    { type: 'agentMessage', text: 'Instead.' },
  ])
})

const block = (path: string, removed: string, added: string) =>
  `${path}\n<<<<<<< SEARCH\n${removed}\n=======\n${added}\n>>>>>>> REPLACE\n`

test.for([
  ['responses', 'custom'],
  ['responses', 'function'],
  ['responses', 'none'],
  ['chat', 'function'],
  ['chat', 'none'],
] as const)(
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
