import { afterEach, expect, test } from 'vitest'
import type { Script } from '../../bench/fake-model/script.ts'
import { textOf } from '../../core/document/document-text.ts'
import { randomInt, seededRandom } from '../../core/lib/random.ts'
import type { HunkId } from '../../core/protocol/ids.ts'
import { hunksToReview } from '../../core/state/review.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import type { ThreadRuntime } from './thread-runtime.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

const patch = (...lines: string[]) => `*** Begin Patch\n${lines.join('\n')}\n*** End Patch\n`
const hunk = (from: string, to: string) => ['@@', `-${from}`, `+${to}`]
const files = { 'a.txt': 'one\n-\ntwo\n-\nthree\n', 'b.txt': 'red\ngreen\nblue\n', 'c.txt': 'cat\n' }
const answers = {
  paint: patch('*** Update File: b.txt', ...hunk('red', 'RED'), ...hunk('blue', 'BLUE')),
  count: patch('*** Update File: a.txt', ...hunk('one', 'ONE')),
  move: patch('*** Update File: a.txt', '*** Move to: b.txt', ...hunk('three', 'THREE')),
  'go on': patch('*** Update File: b.txt', ...hunk('two', 'TWO')),
  cover: patch('*** Update File: c.txt', '*** Move to: b.txt', ...hunk('cat', 'CAT')),
  drop: patch('*** Delete File: b.txt'),
}

const script: Script = Object.entries(answers).map(([match, text]) => ({
  match,
  steps: [[{ type: 'customCall', name: 'apply_patch', text }], [{ type: 'text', text: 'Done.' }]],
}))

async function start(...prompts: readonly string[]) {
  const world = await createWorld(files, { store: createMemoryStore() })
  worlds.push(world)
  world.model.script = script
  const thread = await world.newThread()
  for (const prompt of prompts) await world.ask(thread, prompt)
  return { world, thread }
}

async function restarted(world: World, thread: ThreadRuntime) {
  await world.stored()
  // It would go on looking at the files.
  await world.documents.close()
  const next = await world.restart()
  worlds.push(next)
  return { world: next, thread: await next.threads.get(thread.state().id) }
}

/** The hunks there are to judge: where each is and what it wrote. */
const places = (thread: ThreadRuntime) =>
  hunksToReview(thread.state()).map(({ path, state }) => (state === 'undone' ? `(${path})` : path))
const idsIn = (thread: ThreadRuntime, place: string): HunkId[] =>
  hunksToReview(thread.state()).flatMap(({ path, hunk: { id } }) => (path === place ? [id] : []))

function turnOf(thread: ThreadRuntime, index: number) {
  const turn = thread.state().turns[index]
  if (!turn) throw new Error(`no turn ${index}`)
  return turn.id
}

function read(world: World, ...paths: readonly string[]): (string | undefined)[] {
  return paths.map((path) => {
    try {
      return world.read(path)
    } catch {
      return undefined
    }
  })
}

async function textIn(world: World, path: string) {
  const opened = await world.documents.open(world.workspace.id, path)
  if (!opened.ok) throw new Error(`no document ${path}`)
  return textOf(opened.value.doc)
}

async function type(world: World, path: string, typed: string): Promise<void> {
  const text = await textIn(world, path)
  text.insert(text.length, typed)
  await world.documents.flush(world.workspace.id)
}

const painted = 'RED\ngreen\nBLUE\n'

test('[MOVE-21] what the thread wrote in a file it moves another one over is judged again when the move is undone', async () => {
  const { world, thread } = await start('paint', 'move')
  expect([places(thread), read(world, 'a.txt', 'b.txt')]).toEqual([
    ['b.txt'],
    [undefined, 'one\n-\ntwo\n-\nTHREE\n'],
  ])
  await type(world, 'b.txt', 'typed\n')
  expect(await thread.reverts.revert(turnOf(thread, 0), 'undo')).toMatchObject({
    hunks: 0,
    left: [{ path: 'b.txt', why: 'gone' }],
  })
  await thread.reverts.undo(idsIn(thread, 'b.txt'))
  expect(read(world, 'a.txt', 'b.txt')).toEqual(['one\n-\ntwo\n-\nthree\ntyped\n', painted])
  expect(places(thread)).toEqual(['b.txt', 'b.txt', '(a.txt)'])
  const [first, second] = idsIn(thread, 'b.txt')
  if (!first || !second) throw new Error('two hunks')
  await thread.reverts.undo([first])
  expect(read(world, 'a.txt', 'b.txt')).toEqual(['one\n-\ntwo\n-\nthree\ntyped\n', 'red\ngreen\nBLUE\n'])
  await thread.reverts.undo([second])
  expect(read(world, 'b.txt')).toEqual([files['b.txt']])
  await thread.reverts.takeBack([first])
  await type(world, 'b.txt', 'more\n')
  await thread.reverts.takeBack(idsIn(thread, 'a.txt'))
  expect([places(thread), read(world, 'a.txt', 'b.txt')]).toEqual([
    ['b.txt'],
    [undefined, 'one\n-\ntwo\n-\nTHREE\ntyped\n'],
  ])
  await thread.reverts.undo(idsIn(thread, 'b.txt'))
  expect(read(world, 'a.txt', 'b.txt')).toEqual([
    'one\n-\ntwo\n-\nthree\ntyped\n',
    'RED\ngreen\nblue\nmore\n',
  ])
  expect(places(thread)).toEqual(['b.txt', '(b.txt)', '(a.txt)'])
})

test('[MOVE-21] what it wrote there since goes back with the file that was moved', async () => {
  const { world, thread } = await start('paint', 'count', 'move', 'go on')
  await thread.reverts.revert(turnOf(thread, 2), 'undo')
  expect(read(world, 'a.txt', 'b.txt')).toEqual(['ONE\n-\nTWO\n-\nthree\n', painted])
  expect(places(thread)).toEqual(['b.txt', 'b.txt', 'a.txt', '(a.txt)', 'a.txt'])
  await thread.reverts.undo(idsIn(thread, 'a.txt'))
  await thread.reverts.undo(idsIn(thread, 'b.txt'))
  expect(read(world, 'a.txt', 'b.txt')).toEqual([files['a.txt'], files['b.txt']])
  await thread.reverts.revert(turnOf(thread, 2), 'redo')
  expect(read(world, 'a.txt', 'b.txt')).toEqual([undefined, 'one\n-\ntwo\n-\nTHREE\n'])
  await thread.reverts.takeBack(idsIn(thread, 'b.txt'))
  expect(read(world, 'a.txt', 'b.txt')).toEqual([undefined, 'ONE\n-\nTWO\n-\nTHREE\n'])
})

for (const restarts of [false, true]) {
  test(`[MOVE-22] rewound to before each of its turns both files are as they were, with what people typed${restarts ? ', after restarts too' : ''}`, async () => {
    const begun = await start('paint')
    await type(begun.world, 'b.txt', 'by hand\n')
    for (const prompt of ['move', 'go on']) await begun.world.ask(begun.thread, prompt)
    await type(begun.world, 'b.txt', 'typed\n')
    const then = async (at: typeof begun) => (restarts ? restarted(at.world, at.thread) : at)
    const moved = await then(begun)
    const { files: previewed } = await moved.thread.reverts.previewRewind(turnOf(moved.thread, 1))
    expect(previewed.map(({ path, outcome }) => `${path} ${outcome}`)).toEqual([
      'a.txt restored',
      'b.txt changed',
    ])
    const rewound = await moved.thread.rewind(turnOf(moved.thread, 1), 'files')
    expect(rewound.left).toEqual([])
    const now = await then(moved)
    expect(read(now.world, 'a.txt', 'b.txt')).toEqual([
      'one\n-\ntwo\n-\nthree\ntyped\n',
      `${painted}by hand\n`,
    ])
    await now.thread.unrewind(rewound.rewindId)
    expect(read(now.world, 'a.txt', 'b.txt')).toEqual([undefined, 'one\n-\nTWO\n-\nTHREE\ntyped\n'])
    const again = await then(now)
    const all = await again.thread.rewind(turnOf(again.thread, 0), 'both')
    const back = await then(again)
    expect([all.left, read(back.world, 'a.txt', 'b.txt')]).toEqual([
      [],
      ['one\n-\ntwo\n-\nthree\ntyped\n', `${files['b.txt']}by hand\n`],
    ])
    await back.thread.unrewind(all.rewindId)
    const last = await then(back)
    expect([places(last.thread), read(last.world, 'a.txt', 'b.txt')]).toEqual([
      ['b.txt', 'b.txt'],
      [undefined, 'one\n-\nTWO\n-\nTHREE\ntyped\n'],
    ])
    await last.thread.reverts.revert(turnOf(last.thread, 1), 'undo')
    await last.thread.reverts.undo(idsIn(last.thread, 'b.txt'))
    expect(read(last.world, 'a.txt', 'b.txt')).toEqual([
      'one\n-\nTWO\n-\nthree\ntyped\n',
      `${files['b.txt']}by hand\n`,
    ])
  })
}

test('[MOVE-22] that is so of a file that was deleted before another one came there, and of two that came', async () => {
  const { world, thread } = await start('paint', 'drop', 'move', 'cover')
  expect(read(world, 'a.txt', 'b.txt', 'c.txt')).toEqual([undefined, 'CAT\n', undefined])
  expect(places(thread)).toEqual(['b.txt'])
  const { left, rewindId } = await thread.rewind(turnOf(thread, 0), 'files')
  expect([left, read(world, 'a.txt', 'b.txt', 'c.txt')]).toEqual([[], Object.values(files)])
  await thread.unrewind(rewindId)
  expect(read(world, 'a.txt', 'b.txt', 'c.txt')).toEqual([undefined, 'CAT\n', undefined])
  await thread.reverts.revert(turnOf(thread, 3), 'undo')
  expect(read(world, 'a.txt', 'b.txt', 'c.txt')).toEqual([undefined, 'one\n-\ntwo\n-\nTHREE\n', 'cat\n'])
  await thread.reverts.revert(turnOf(thread, 2), 'undo')
  expect(read(world, 'a.txt', 'b.txt', 'c.txt')).toEqual([files['a.txt'], undefined, 'cat\n'])
  await thread.reverts.revert(turnOf(thread, 1), 'undo')
  expect(read(world, 'a.txt', 'b.txt')).toEqual([files['a.txt'], painted])
  await thread.reverts.revert(turnOf(thread, 0), 'undo')
  expect(read(world, 'a.txt', 'b.txt', 'c.txt')).toEqual(Object.values(files))
})

test('[MOVE-21] moved over it once more, after that was undone, it is all the same', async () => {
  const { world, thread } = await start('paint', 'count', 'move')
  await thread.reverts.revert(turnOf(thread, 2), 'undo')
  await world.ask(thread, 'move')
  expect(read(world, 'a.txt', 'b.txt')).toEqual([undefined, 'ONE\n-\ntwo\n-\nTHREE\n'])
  const [first] = idsIn(thread, 'b.txt')
  if (!first) throw new Error('a hunk')
  await thread.reverts.undo([first])
  expect(read(world, 'a.txt', 'b.txt')).toEqual([undefined, 'one\n-\ntwo\n-\nTHREE\n'])
  await thread.reverts.revert(turnOf(thread, 3), 'undo')
  expect(read(world, 'a.txt', 'b.txt')).toEqual([files['a.txt'], painted])
})

test('[MOVE-21] another thread that wrote in either file follows, also when it was not in memory', async () => {
  const { world, thread } = await start('paint', 'count')
  const mover = await world.newThread()
  await world.ask(mover, 'move')
  await until(() => places(thread).length === 1)
  const next = await restarted(world, mover)
  await next.thread.reverts.revert(turnOf(next.thread, 0), 'undo')
  const late = await restarted(next.world, thread)
  expect(places(late.thread)).toEqual(['b.txt', 'b.txt', 'a.txt'])
  await late.thread.reverts.undo(idsIn(late.thread, 'b.txt'))
  expect(read(late.world, 'a.txt', 'b.txt')).toEqual(['ONE\n-\ntwo\n-\nthree\n', files['b.txt']])
})

test('[MOVE-21] whatever is undone and brought back in any order, either file has its own text and what was typed in it', async () => {
  for (let seed = 1; seed <= 6; seed++) {
    const random = seededRandom(seed)
    const { world, thread } = await start('paint', 'count', 'move', 'go on')
    const typed = { a: '', b: '' }
    const marks = ['RED', 'BLUE', 'ONE', 'THREE', 'TWO']
    for (let step = 0; step < 10; step++) {
      const entries = hunksToReview(thread.state())
      const entry = entries[randomInt(random, entries.length)]
      const turn = thread.state().turns[randomInt(random, 4)]
      if (!entry || !turn) throw new Error('a hunk and a turn')
      if (randomInt(random, 2) === 0)
        await thread.reverts.revert(turn.id, turn.undone === undefined ? 'undo' : 'redo')
      else if (entry.state === 'undone') await thread.reverts.takeBack([entry.hunk.id])
      else await thread.reverts.undo([entry.hunk.id])
      const isMoved = read(world, 'a.txt')[0] === undefined
      const character = String.fromCodePoint(0x3400 + step)
      const isInA = randomInt(random, 2) === 0 || isMoved
      await type(world, isInA && !isMoved ? 'a.txt' : 'b.txt', character)
      typed[isInA ? 'a' : 'b'] += character
      const states = new Map(hunksToReview(thread.state()).map(({ hunk: { id }, state }) => [id, state]))
      const all = thread
        .state()
        .turns.flatMap(({ items }) =>
          items.flatMap((item) =>
            item.type === 'fileChange' ? item.files.flatMap(({ hunks }) => hunks) : [],
          ),
        )
      const [textA = '', textB = ''] = isMoved ? read(world, 'b.txt') : read(world, 'a.txt', 'b.txt')
      expect([seed, step, textA.replace(/[^\u3400-\u34ff]/g, '')]).toEqual([seed, step, typed.a])
      if (!isMoved)
        expect([seed, step, textB.replace(/[^\u3400-\u34ff]/g, '')]).toEqual([seed, step, typed.b])
      for (const [index, mark] of marks.entries()) {
        const isOfB = index < 2
        const id = all[index]?.id
        if (id === undefined) throw new Error('a hunk')
        if (isMoved && isOfB) expect(states.has(id)).toBe(false)
        else
          expect([
            seed,
            step,
            mark,
            (isOfB ? textB : textA).split('\n').some((line) => line.startsWith(mark)),
          ]).toEqual([seed, step, mark, states.get(id) !== 'undone'])
        expect((isOfB ? textA : textB).includes(mark)).toBe(false)
      }
    }
  }
})
