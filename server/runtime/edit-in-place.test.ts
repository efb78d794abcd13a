import { afterEach, expect, test } from 'vitest'
import type { Rule, Step } from '../../bench/fake-model/script.ts'
import type { WorkspaceState } from '../../core/protocol/workspace.ts'
import { workspaceEventSchema } from '../../core/protocol/workspace.ts'
import { stands, unreviewedIn } from '../../core/state/review.ts'
import { isSetAside, textSetAside } from '../../core/state/set-aside.ts'
import { reduceWorkspace } from '../../core/state/workspace-reducer.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import type { ThreadRuntime } from './thread-runtime.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

async function make(
  files: Record<string, string>,
  script: readonly Rule[],
  window?: { readonly contextWindow: number; readonly maxOutputTokens: number },
): Promise<World> {
  const world = await createWorld(files, { store: createMemoryStore(), ...(window && { window }) })
  worlds.push(world)
  world.model.script = script
  return world
}

async function openInline({ threads, workspace }: World): Promise<ThreadRuntime> {
  const model = { modelId: 'fake/fake-fast', mode: 'live' } as const
  return threads.get(await threads.create({ workspaceId: workspace.id, ...model, inline: true }))
}

const edits = (match: string, from: string, to: string, hold?: Promise<unknown>): Rule => ({
  match,
  steps: [
    [
      {
        type: 'customCall',
        name: 'apply_patch',
        text: `*** Begin Patch\n*** Update File: a.txt\n@@\n-${from}\n+${to}\n*** End Patch\n`,
      },
      ...(hold ? [{ type: 'hold', until: hold } as const] : []),
    ],
    [{ type: 'text', text: 'Done.' }],
  ],
})

const inPlace = (line: number, text: string) => ({
  activePath: 'a.txt',
  openPaths: [],
  inline: [{ startLine: line, endLine: line, text }],
})

const settled = (thread: ThreadRuntime) => until(() => thread.state().turns.at(-1)?.settledAt !== undefined)

test('[RINLINE-1] the thread of an edit in place is found by no search and settled after a crash', async () => {
  const never = new Promise(() => undefined)
  const world = await make({ 'a.txt': 'one\n' }, [edits('shout', 'one', 'ONE', never)])
  await world.newThread()
  const thread = await openInline(world)
  await thread.start('shout at unicorns', inPlace(1, 'one'), performance.now())
  await world.stored()
  expect(await world.threads.search(world.workspace.id, 'unicorns')).toEqual([])
  world.die()
  const after = await world.restart()
  worlds.push(after)
  await after.stored()
  const rows = await world.store.readEvents(`workspace:${world.workspace.id}`, 0)
  const list = rows.reduce<WorkspaceState>(
    (state, { body }) => reduceWorkspace(state, workspaceEventSchema.parse(JSON.parse(body))),
    { id: world.workspace.id, threads: [] },
  )
  const kept = list.threads.find(({ id }) => id === thread.state().id)
  expect(kept).toMatchObject({ inline: true, running: false })
})

test('[RINLINE-2] an edit in place beside a turn of another thread in one file: each is undone to the byte without the other', async () => {
  let goOn = () => {}
  const hold = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const world = await make({ 'a.txt': 'one\ntwo\nthree\n' }, [
    edits('chat', 'one', 'ONE', hold),
    edits('inline', 'three', 'THREE'),
  ])
  const chat = await world.newThread()
  await chat.start('chat', { activePath: 'a.txt', openPaths: [] }, performance.now())
  const inline = await openInline(world)
  await inline.start('inline', inPlace(3, 'three'), performance.now())
  await settled(inline)
  const [turn] = inline.state().turns
  expect(turn).toMatchObject({ status: 'completed' })
  expect(turn?.items.some(({ type }) => type === 'agentMessage')).toBe(false)
  expect(chat.state().turns.at(-1)?.settledAt).toBeUndefined()
  goOn()
  await settled(chat)
  await until(() => world.read('a.txt') === 'ONE\ntwo\nTHREE\n')
  if (!turn) throw new Error('it has a turn')
  await inline.reverts.revert(turn.id, 'undo')
  await world.documents.flush(world.workspace.id)
  expect(world.read('a.txt')).toBe('ONE\ntwo\nthree\n')
})

const aside = { ...inPlace(1, 'one'), aside: true as const }

test('[INPLACE-20] what is set aside reaches no file and no list of changes, and says as it streams what it would write, of the text as the model saw it', async () => {
  let goOn = () => {}
  const hold = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const world = await make({ 'a.txt': 'one\ntwo\n' }, [
    edits('own', 'one', 'OWN'),
    edits('rival', 'one', 'RIVAL', hold),
  ])
  const rival = await openInline(world)
  await rival.start('rival', aside, performance.now())
  const own = await openInline(world)
  await own.start('own', inPlace(1, 'one'), performance.now())
  await settled(own)
  await until(() => rival.state().turns.some((turn) => textSetAside(turn, 'a.txt') === 'RIVAL'))
  expect(rival.state().turns.at(-1)?.settledAt).toBeUndefined()
  goOn()
  await settled(rival)
  await world.documents.flush(world.workspace.id)
  expect(world.read('a.txt')).toBe('OWN\ntwo\n')
  const [turn] = rival.state().turns
  expect(turn).toMatchObject({ status: 'completed' })
  expect(unreviewedIn(rival.state())).toEqual([])
  expect(turn && [isSetAside(turn), stands(turn)]).toEqual([true, false])
})

test('[INPLACE-21] it is written into the file as that is now, can be undone and redone like any turn, and is all there or not at all', async () => {
  const world = await make({ 'a.txt': 'one\ntwo\n' }, [
    edits('rival', 'one', 'RIVAL'),
    edits('own', 'one', 'OWN'),
  ])
  const rival = await openInline(world)
  const turnId = await rival.start('rival', aside, performance.now())
  await settled(rival)
  const own = await openInline(world)
  const ownTurn = await own.start('own', inPlace(1, 'one'), performance.now())
  await settled(own)
  const text = async () => {
    await world.documents.flush(world.workspace.id)
    return world.read('a.txt')
  }
  // The other one stands where it belongs.
  await expect(rival.reverts.revert(turnId, 'redo')).rejects.toMatchObject({ code: 'conflict' })
  expect(await text()).toBe('OWN\ntwo\n')
  await own.reverts.revert(ownTurn, 'undo')
  expect(await rival.reverts.revert(turnId, 'redo')).toEqual({ hunks: 1, files: ['a.txt'], left: [] })
  expect(await text()).toBe('RIVAL\ntwo\n')
  expect(unreviewedIn(rival.state())).toHaveLength(1)
  await rival.reverts.revert(turnId, 'undo')
  await own.reverts.revert(ownTurn, 'redo')
  expect(await text()).toBe('OWN\ntwo\n')
  await own.reverts.revert(ownTurn, 'undo')
  await rival.reverts.revert(turnId, 'redo')
  expect(await text()).toBe('RIVAL\ntwo\n')
})

test('[INPLACE-30] of one that broke off, or was answered in parts, all that it had finished comes in, and nothing else', async () => {
  const lines = Array.from({ length: 6 }, (_, line) => `line ${line}\n`)
  const hunk = (line: number) => `@@\n-line ${line}\n+LINE ${line}\n`
  const head = '*** Begin Patch\n*** Update File: a.txt\n'
  const end = '*** End Patch\n'
  const limit = { type: 'fault', fault: { type: 'incomplete', reason: 'max_output_tokens' } } as const
  const step = (text: string) => ({ type: 'customCall', name: 'apply_patch', text }) as const
  const cut = { ...step(head + hunk(0) + hunk(2).slice(0, -4)), unfinished: true }
  const answers: Record<string, Step[][]> = {
    // What was asked for is cut off, and so is the most there is.
    always: [
      [cut, limit],
      [{ ...cut, text: head + hunk(3) + hunk(4).slice(0, -4) }, limit],
    ],
    'goes on': [[cut, limit], [step(head + hunk(2) + end)]],
    // One file fits and the other does not: that one is written again.
    'in part': [
      [step(`${head}${hunk(0)}*** Update File: b.txt\n@@\n-c\n+C\n${end}`)],
      [step(`*** Begin Patch\n*** Update File: b.txt\n@@\n-b\n+B\n${end}`)],
    ],
  }
  const window = { contextWindow: 60_000, maxOutputTokens: 20_000 }
  const world = await make({ 'a.txt': lines.join(''), 'b.txt': 'b\n' }, [], window)
  const changed = (...upper: number[]) =>
    lines.map((line, number) => (upper.includes(number) ? line.toUpperCase() : line)).join('')
  const come = async (prompt: string) => {
    world.model.script = () => answers[prompt]?.shift() ?? []
    const thread = await openInline(world)
    const turnId = await thread.start(prompt, { ...inPlace(1, 'line 0'), aside: true }, performance.now())
    await settled(thread)
    await thread.reverts.revert(turnId, 'redo')
    await world.documents.flush(world.workspace.id)
    const found = [world.read('a.txt'), world.read('b.txt')]
    const [turn] = thread.state().turns
    await thread.reverts.revert(turnId, 'undo')
    await world.documents.flush(world.workspace.id)
    expect([world.read('a.txt'), world.read('b.txt')]).toEqual([lines.join(''), 'b\n'])
    return [turn?.status, ...found]
  }
  expect(await come('always')).toEqual(['failed', changed(0, 3), 'b\n'])
  expect(await come('goes on')).toEqual(['completed', changed(0, 2), 'b\n'])
  expect(await come('in part')).toEqual(['completed', changed(0), 'B\n'])
})

test('[INPLACE-22] of several edits of which one fits no more none stays; after a crash it is as before or all there', async () => {
  const two = (from: string, to: string) =>
    `*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+ONE\n*** Update File: b.txt\n@@\n-${from}\n+${to}\n*** End Patch\n`
  const script: readonly Rule[] = [
    { match: 'both', steps: [[{ type: 'customCall', name: 'apply_patch', text: two('two', 'TWO') }]] },
    edits('own', 'one', 'OWN'),
  ]
  const world = await make({ 'a.txt': 'one\n', 'b.txt': 'two\n' }, script)
  const thread = await openInline(world)
  const turnId = await thread.start('both', aside, performance.now())
  await settled(thread)
  const { documents, workspace } = world
  const opened = await documents.open(workspace.id, 'b.txt')
  if (!opened.ok) throw new Error('it is a text')
  const text = opened.value.doc.getText('text')
  text.insert(0, 'x')
  await expect(thread.reverts.revert(turnId, 'redo')).rejects.toMatchObject({ code: 'conflict' })
  await documents.flush(workspace.id)
  expect([world.read('a.txt'), world.read('b.txt')]).toEqual(['one\n', 'xtwo\n'])
  text.delete(0, 1)
  await thread.reverts.revert(turnId, 'redo')
  await documents.flush(workspace.id)
  await world.stored()
  expect([world.read('a.txt'), world.read('b.txt')]).toEqual(['ONE\n', 'TWO\n'])
  // A server that died before it could say that it was done, with the whole of it in the log, and then with half.
  const key = `reverting:${thread.state().id}`
  const recovered = async (store: Store) => {
    await store.setValue(key, JSON.stringify({ turnId, direction: 'redo' }))
    const after = await world.restart(store)
    worlds.push(after)
    const revived = await after.threads.get(thread.state().id)
    await revived.recover()
    await after.documents.flush(workspace.id)
    return [after.read('a.txt'), after.read('b.txt'), unreviewedIn(revived.state()).length]
  }
  expect(await recovered(world.store)).toEqual(['ONE\n', 'TWO\n', 2])
  const { readEvents } = world.store
  const half: Store = {
    ...world.store,
    // What it writes would stand behind what it does not know.
    appendEvents: async () => undefined,
    async readEvents(topic, since, limit) {
      const rows = await readEvents(topic, since, limit)
      const last = rows.findIndex(({ body }) => /"path":"a.txt".*"status":"written".*"changes"/.test(body))
      return last < 0 ? rows : rows.slice(0, last + 1)
    },
  }
  expect(await recovered(half)).toEqual(['one\n', 'two\n', 0])
})
