import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { Script, Step } from '../../bench/fake-model/script.ts'
import { textOf } from '../../core/document/document-text.ts'
import { lineCounts } from '../../core/document/line-counts.ts'
import { randomInt, seededRandom } from '../../core/lib/random.ts'
import type { TurnId } from '../../core/protocol/ids.ts'
import type { RewindScope } from '../../core/protocol/rewind.ts'
import { type ThreadState, threadEventSchema } from '../../core/protocol/thread.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { diskIdle } from '../testing/disk-idle.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import type { ThreadRuntime } from './thread-runtime.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

const body = (...lines: string[]) => `*** Begin Patch\n${lines.join('\n')}\n*** End Patch\n`
const update = (path: string, from: string, to: string) => [
  `*** Update File: ${path}`,
  '@@',
  `-${from}`,
  `+${to}`,
]

/** Each prompt of the list is answered by its patch. */
function script(patches: Readonly<Record<string, string>>): Script {
  return Object.entries(patches).map(([match, text]) => ({
    match,
    steps: [[{ type: 'customCall', name: 'apply_patch', text }], [{ type: 'text', text: `Did ${match}.` }]],
  }))
}

async function make(files: Record<string, string>, patches: Readonly<Record<string, string>>) {
  const made = await start(files, patches, createMemoryStore())
  worlds.push(made.world)
  return made
}

async function start(files: Record<string, string>, patches: Readonly<Record<string, string>>, store: Store) {
  const world = await createWorld(files, { store })
  world.model.script = script(patches)
  const thread = await world.newThread()
  for (const match of Object.keys(patches)) await world.ask(thread, match)
  return { world, thread }
}

const files = { 'a.txt': 'one\ntwo\nthree\n', 'b.txt': 'b\n', 'old.txt': 'old\n', 'm.txt': 'move\nme\n' }
const patches = {
  first: body(...update('a.txt', 'one', 'ONE'), '*** Add File: new.txt', '+hello'),
  second: body(
    ...update('a.txt', 'two', 'TWO'),
    ...update('b.txt', 'b', 'B'),
    ...update('new.txt', 'hello', 'bye'),
  ),
  third: body(
    '*** Delete File: old.txt',
    '*** Update File: m.txt',
    '*** Move to: n.txt',
    '@@',
    '-move',
    '+moved',
    ...update('a.txt', 'TWO', 'zwei'),
  ),
  fourth: body(...update('n.txt', 'me', 'you'), ...update('a.txt', 'three', 'drei')),
}
const paths = [...Object.keys(files), 'new.txt', 'n.txt']

function contents(world: World): Record<string, string | undefined> {
  const read = (path: string) => {
    try {
      return world.read(path)
    } catch {
      return undefined
    }
  }
  return Object.fromEntries(paths.map((path) => [path, read(path)]))
}

const idOf = (thread: ThreadRuntime, index: number): TurnId => {
  const turn = thread.state().turns[index]
  if (!turn) throw new Error(`no turn ${index}`)
  return turn.id
}

async function textIn(world: World, path: string) {
  const opened = await world.documents.open(world.workspace.id, path)
  if (!opened.ok) throw new Error(`no document ${path}`)
  return textOf(opened.value.doc)
}

/** Text that comes back has other characters: change sets and anchors of the same text differ; files moved later. */
function withoutMarks(state: ThreadState): unknown {
  return JSON.parse(
    JSON.stringify(state, (key, value) =>
      key === 'changes' ? 'changes' : key === 'movedAt' ? undefined : value,
    ),
  )
}

function lastInput(world: World): string {
  const request = world.model.requests.findLast(({ kind }) => kind === 'responses-websocket')
  return JSON.stringify(request?.body)
}

test('[RREWIND-1] a rewind takes out all from a turn on, undoing it is exact, and what was typed stays', async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = seededRandom(seed)
    const { world, thread } = await make(files, patches)
    const seen = [files as Record<string, string | undefined>]
    const only = await make(files, {})
    only.world.model.script = script(patches)
    for (const match of Object.keys(patches)) {
      await only.world.ask(only.thread, match)
      seen.push(contents(only.world))
    }
    const from = randomInt(random, 4)
    const what = (['files', 'both'] satisfies RewindScope[])[randomInt(random, 2)] ?? 'both'
    const typed = await textIn(world, 'a.txt')
    const typing = (character: string) => typed.insert(typed.length, character)
    typing('typed')
    await world.documents.flush(world.workspace.id)
    const [before, state] = [contents(world), withoutMarks(thread.state())]
    const { rewindId, left } = await thread.rewind(idOf(thread, from), what)
    expect(left).toEqual([])
    expect(thread.state().turns).toHaveLength(what === 'both' ? from : 4)
    expect(contents(world)).toEqual({
      ...Object.fromEntries(paths.map((path) => [path, undefined])),
      ...seen[from],
      'a.txt': `${seen[from]?.['a.txt']}typed`,
    })
    typing(' more')
    await thread.unrewind(rewindId)
    expect(contents(world)).toEqual({ ...before, 'a.txt': `${before['a.txt']} more` })
    expect(withoutMarks(thread.state())).toEqual(state)
  }
}, 60_000)

test('[RREWIND-1] rewinds upon each other are undone one by one, and what was undone before stays so', async () => {
  const { world, thread } = await make(files, patches)
  await thread.reverts.revert(idOf(thread, 1), 'undo')
  const [before, state] = [contents(world), withoutMarks(thread.state())]
  const last = await thread.rewind(idOf(thread, 3), 'both')
  const all = await thread.rewind(idOf(thread, 0), 'both')
  expect(contents(world)).toMatchObject(files)
  await expect(thread.unrewind(last.rewindId)).rejects.toMatchObject({ code: 'conflict' })
  await thread.unrewind(all.rewindId)
  await thread.unrewind(last.rewindId)
  expect(contents(world)).toEqual(before)
  expect(withoutMarks(thread.state())).toEqual(state)
})

test('[RREWIND-2] after the conversation went back the next request is what is left of it, whole', async () => {
  const { world, thread } = await make(files, patches)
  const written = contents(world)
  const { files: changed } = await thread.rewind(idOf(thread, 1), 'conversation')
  expect([changed, contents(world)]).toEqual([[], written])
  await world.ask(thread, 'go on')
  const sent = lastInput(world)
  expect(sent).not.toContain('previous_response_id')
  expect(sent).toContain('Did first.')
  for (const gone of ['Did second.', 'second', 'third', 'fourth']) expect(sent).not.toContain(`"${gone}`)
})

test('[RREWIND-2] a search finds what is left, and what came back', async () => {
  const { world, thread } = await make(files, patches)
  const found = async () => (await world.threads.search(world.workspace.id, 'Did third')).length
  await world.stored()
  expect(await found()).toBe(1)
  const { rewindId } = await thread.rewind(idOf(thread, 1), 'conversation')
  expect(await found()).toBe(0)
  await thread.unrewind(rewindId)
  expect(await found()).toBe(1)
})

test('[RREWIND-3] while a turn runs nothing goes back, and while something goes back no turn begins', async () => {
  const held = Promise.withResolvers<void>()
  const { world, thread } = await make(
    { 'a.txt': 'one\n' },
    { change: body(...update('a.txt', 'one', 'ONE')) },
  )
  world.model.script = [{ match: 'wait', steps: [{ type: 'hold', until: held.promise } as Step] }]
  await thread.start('wait', { openPaths: [] }, 0)
  await expect(thread.rewind(idOf(thread, 0), 'both')).rejects.toMatchObject({ code: 'conflict' })
  thread.control.interrupt(idOf(thread, 1))
  await until(() => thread.state().turns.at(-1)?.settledAt !== undefined)
  held.resolve()
  const rewinding = thread.rewind(idOf(thread, 0), 'files')
  await expect(thread.start('now', { openPaths: [] }, 0)).rejects.toMatchObject({ code: 'conflict' })
  await rewinding
  await expect(thread.rewind(idOf(thread, 0), 'files')).rejects.toMatchObject({ code: 'conflict' })
  expect(world.read('a.txt')).toBe('one\n')
})

/** A store whose server dies at its `n`th write after `arm`; the next one goes on with what was kept. */
function mortalStore() {
  const kept = createMemoryStore()
  let left = Number.POSITIVE_INFINITY
  const alive = <T>(write: () => Promise<T>): Promise<T> => {
    left -= 1
    return left < 0 ? new Promise<T>(() => {}) : write()
  }
  const store: Store = {
    ...kept,
    appendEvents: (topic, rows) => alive(() => kept.appendEvents(topic, rows)),
    appendUpdate: (key, bytes, times) => alive(() => kept.appendUpdate(key, bytes, times)),
    setValue: (key, value) => alive(() => kept.setValue(key, value)),
    markDisk: (key, mark) => alive(() => kept.markDisk(key, mark)),
  }
  return {
    store,
    arm: (writes: number) => {
      left = writes
    },
    isDead: () => left < 0,
    kept,
  }
}

async function dieIn(direction: 'rewind' | 'unrewind', writes: number): Promise<boolean> {
  const mortal = mortalStore()
  const { world, thread } = await start(files, patches, mortal.store)
  const before = contents(world)
  const done = direction === 'unrewind' ? await thread.rewind(idOf(thread, 0), 'both') : undefined
  await world.stored()
  mortal.arm(writes)
  let isOver = false
  const work = done ? thread.unrewind(done.rewindId) : thread.rewind(idOf(thread, 0), 'both')
  void work.then(() => {
    isOver = true
  })
  await until(() => isOver || mortal.isDead())
  world.die()
  // What the dead server had given to the system is done: two servers must not write in one folder.
  await diskIdle()
  await world.workspace.close()
  const after = await world.restart(mortal.kept)
  const again = await after.threads.get(thread.state().id)
  await after.documents.flush(after.workspace.id)
  const rewindId = again.state().rewound?.at(-1)?.id
  expect([direction, writes, rewindId !== undefined]).toEqual([direction, writes, direction === 'rewind'])
  const rewound = { ...Object.fromEntries(paths.map((path) => [path, undefined])), ...files }
  expect([writes, contents(after)]).toEqual([writes, rewindId ? rewound : before])
  if (rewindId) await again.unrewind(rewindId)
  expect([writes, contents(after)]).toEqual([writes, before])
  expect(after.bugs).toEqual([])
  await after.close()
  return isOver
}

test('[RREWIND-4] a rewind, and its undoing, that a crash cut off anywhere is brought to its end', async () => {
  for (const direction of ['rewind', 'unrewind'] as const) {
    let writes = 1
    while (!(await dieIn(direction, writes))) writes += 1
  }
}, 60_000)

test('[RREWIND-5] files that were renamed, deleted or became no text are left as they are and named', async () => {
  const { world, thread } = await make(files, patches)
  const { root } = world.workspace
  const before = contents(world)
  renameSync(join(root, 'b.txt'), join(root, 'renamed.txt'))
  rmSync(join(root, 'n.txt'))
  const { left, rewindId, files: changed } = await thread.rewind(idOf(thread, 1), 'both')
  expect(left.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
    { path: 'b.txt', why: 'gone' },
    { path: 'n.txt', why: 'gone' },
  ])
  expect(changed.toSorted()).toEqual(['a.txt', 'new.txt', 'old.txt'])
  expect(world.read('renamed.txt')).toBe('B\n')
  expect(contents(world)).toEqual({
    'a.txt': 'ONE\ntwo\nthree\n',
    'b.txt': undefined,
    'old.txt': 'old\n',
    'm.txt': undefined,
    'new.txt': 'hello\n',
    'n.txt': undefined,
  })
  await thread.unrewind(rewindId)
  expect(contents(world)).toEqual({ ...before, 'b.txt': undefined, 'n.txt': undefined })
  writeFileSync(join(root, 'a.txt'), new Uint8Array([0, 255, 0, 254]))
  const again = await thread.rewind(idOf(thread, 0), 'files')
  expect(again.left).toContainEqual({ path: 'a.txt', why: 'notText' })
  expect(world.read('a.txt')).toContain('\0')
})

test('[RREWIND-5] so are those that went between a rewind and its undoing, with the way back', async () => {
  const { world, thread } = await make(files, patches)
  const before = contents(world)
  const { rewindId } = await thread.rewind(idOf(thread, 1), 'both')
  rmSync(join(world.workspace.root, 'b.txt'))
  const { left } = await thread.unrewind(rewindId)
  expect(left).toEqual([{ path: 'b.txt', why: 'gone' }])
  expect(contents(world)).toEqual({ ...before, 'b.txt': undefined })
  writeFileSync(join(world.workspace.root, 'b.txt'), 'b\n')
  await thread.reverts.revert(idOf(thread, 1), 'redo')
  expect(contents(world)).toEqual(before)
})

test('[RREWIND-6] the preview says what the rewind then does', async () => {
  for (let seed = 1; seed <= 8; seed++) {
    const random = seededRandom(seed)
    const { world, thread } = await make(files, patches)
    const isTyped = randomInt(random, 2) === 0
    const text = await textIn(world, 'a.txt')
    if (isTyped) text.insert(2, '!')
    text.insert(text.length, 'elsewhere\n')
    await world.documents.flush(world.workspace.id)
    const from = idOf(thread, randomInt(random, 3))
    const before = contents(world)
    const preview = await thread.reverts.previewRewind(from)
    expect(contents(world)).toEqual(before)
    const { turns } = await thread.rewind(from, 'both')
    expect([preview.turns, preview.messages]).toEqual([turns, 2 * turns])
    const after = contents(world)
    const changed = paths.filter((path) => before[path] !== after[path])
    const moved = preview.files.flatMap(({ movedFrom }) => movedFrom ?? [])
    expect([...preview.files.map(({ path }) => path), ...moved].toSorted()).toEqual(changed.toSorted())
    for (const { path, movedFrom, addedLines, removedLines, outcome } of preview.files) {
      const counts = lineCounts(before[movedFrom ?? path] ?? '', after[path] ?? '')
      expect([path, addedLines, removedLines]).toEqual([path, counts.added, counts.removed])
      expect(outcome === 'removed').toBe(after[path] === undefined)
    }
    const inFirst = thread.state().turns.length === 0
    expect(preview.files.find(({ path }) => path === 'a.txt')?.touched).toBe(isTyped && inFirst)
  }
})

test('[RREWIND-6] it names the files that are gone and counts what would be left of them', async () => {
  const { world, thread } = await make(files, patches)
  rmSync(join(world.workspace.root, 'b.txt'))
  const { files: previewed } = await thread.reverts.previewRewind(idOf(thread, 1))
  expect(previewed.find(({ path }) => path === 'b.txt')).toMatchObject({ outcome: 'gone', addedLines: 0 })
  expect(previewed.find(({ path }) => path === 'm.txt')).toMatchObject({
    outcome: 'returned',
    movedFrom: 'n.txt',
  })
  expect(previewed.find(({ path }) => path === 'old.txt')).toMatchObject({
    outcome: 'restored',
    addedLines: 1,
  })
})

test('[RREWIND-7] an edited prompt runs from where the thread was; undoing it stops it and brings all back', async () => {
  const held = Promise.withResolvers<void>()
  const { world, thread } = await make(files, patches)
  const [before, state] = [contents(world), withoutMarks(thread.state())]
  world.model.script = [
    {
      match: 'otherwise',
      steps: [
        { type: 'customCall', name: 'apply_patch', text: body(...update('a.txt', 'two', 'deux')) },
        { type: 'hold', until: held.promise },
      ],
    },
  ]
  const { rewindId } = await thread.rerun({ turnId: idOf(thread, 1), text: 'otherwise', what: 'both' }, 0)
  await until(
    () =>
      thread
        .state()
        .turns.at(-1)
        ?.items.some((item) => item.type === 'fileChange') ?? false,
  )
  expect(thread.state().turns).toHaveLength(2)
  const asked = thread.state().turns[1]?.items.find((item) => item.type === 'userMessage')
  expect(asked).toMatchObject({ text: 'otherwise', context: { openPaths: [] } })
  await thread.unrewind(rewindId)
  held.resolve()
  expect(contents(world)).toEqual(before)
  expect(withoutMarks(thread.state())).toEqual(state)
  await world.stored()
  const rows = await world.store.readEvents(thread.topic, 0)
  const logged = threadEventSchema.parse(JSON.parse(rows.at(-1)?.body ?? ''))
  if (logged.type !== 'thread/unrewound') throw new Error('it is not the last in the log')
  // For a replay: what the turn wrote went, besides what came back.
  expect([Object.keys(logged.inverse ?? {}).length, Object.keys(logged.changes).length]).toEqual([1, 8])
})

test('[RREWIND-7] with the files kept only the conversation goes back', async () => {
  const { world, thread } = await make(files, patches)
  const before = contents(world)
  const { rewindId } = await thread.rerun(
    { turnId: idOf(thread, 2), text: 'say hi', what: 'conversation' },
    0,
  )
  await until(() => thread.state().turns.at(-1)?.settledAt !== undefined)
  expect([thread.state().turns.length, contents(world)]).toEqual([3, before])
  await thread.unrewind(rewindId)
  expect(thread.state().turns).toHaveLength(4)
})

test('[RREWIND-7] when the turn can’t begin all is as it was', async () => {
  const { world, thread } = await make(files, patches)
  const [before, state] = [contents(world), withoutMarks(thread.state())]
  const { models } = world
  const choose = models.choose.bind(models)
  let asked = 0
  models.choose = (id) => (++asked > 1 ? Promise.reject(new Error('no model')) : choose(id))
  const running = thread.rerun({ turnId: idOf(thread, 1), text: 'otherwise', what: 'both' }, 0)
  await expect(running).rejects.toThrow('no model')
  expect(contents(world)).toEqual(before)
  expect(withoutMarks(thread.state())).toEqual(state)
})

test('[RREWIND-8] a new turn ends the way back, and the model is told of the turns whose files went back', async () => {
  const { world, thread } = await make(files, patches)
  const { rewindId } = await thread.rewind(idOf(thread, 1), 'files')
  await world.ask(thread, 'what now')
  const sent = lastInput(world)
  expect(sent).toContain('The person undid these changes of yours')
  expect(sent).toMatch(/all you changed in answer to [\\"]+second[\\"]+: a\.txt \(\+1 −1 lines\), b\.txt/)
  await expect(thread.unrewind(rewindId)).rejects.toMatchObject({ code: 'conflict' })
})
