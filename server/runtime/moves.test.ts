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
const lines = ['one', 'two', 'three', 'four', 'five']
const original = withChanged()
const answers = {
  write: patch('*** Update File: a.txt', ...hunk('one', 'ONE'), ...hunk('three', 'THREE')),
  move: patch('*** Update File: a.txt', '*** Move to: d/b.txt', ...hunk('four', 'FOUR')),
  'go on': patch('*** Update File: d/b.txt', ...hunk('two', 'TWO')),
  return: patch('*** Update File: d/b.txt', '*** Move to: a.txt', ...hunk('five', 'FIVE')),
}
/** The text with these lines as the model has them. */
function withChanged(...changed: readonly string[]): string {
  return `${lines.map((line) => (changed.includes(line) ? line.toUpperCase() : line)).join('\n')}\n`
}

const script: Script = Object.entries(answers).map(([match, text]) => ({
  match,
  steps: [[{ type: 'customCall', name: 'apply_patch', text }], [{ type: 'text', text: 'Done.' }]],
}))

async function start(files: Record<string, string> = { 'a.txt': original }) {
  const world = await createWorld(files, { store: createMemoryStore() })
  worlds.push(world)
  world.model.script = script
  return { world, thread: await world.newThread() }
}

const placesOf = (thread: ThreadRuntime) => hunksToReview(thread.state()).map(({ path }) => path)
const idsOf = (thread: ThreadRuntime): HunkId[] => hunksToReview(thread.state()).map(({ hunk: { id } }) => id)

function read(world: World, path: string): string | undefined {
  try {
    return world.read(path)
  } catch {
    return undefined
  }
}

test('[MOVE-2] hunks from before a move are judged at the new place, on disk too, and the move is undone as ever', async () => {
  const { world, thread } = await start()
  await world.ask(thread, 'write')
  await world.ask(thread, 'move')
  expect(placesOf(thread)).toEqual(['d/b.txt', 'd/b.txt', 'd/b.txt'])
  const [first, second] = idsOf(thread)
  if (!first || !second) throw new Error('two hunks')
  expect(await thread.reverts.undo([first])).toEqual({ hunkIds: [first], left: [], undone: [] })
  expect([read(world, 'a.txt'), read(world, 'd/b.txt')]).toEqual([undefined, withChanged('three', 'four')])
  const opened = await world.documents.open(world.workspace.id, 'd/b.txt')
  if (!opened.ok) throw new Error('no document')
  textOf(opened.value.doc).insert(0, 'typed\n')
  const [, moving] = thread.state().turns
  if (!moving) throw new Error('the turn that moves')
  await thread.reverts.revert(moving.id, 'undo')
  expect([read(world, 'a.txt'), read(world, 'd/b.txt')]).toEqual([
    `typed\n${withChanged('three')}`,
    undefined,
  ])
  expect(placesOf(thread)).toEqual(['a.txt', 'a.txt', 'a.txt'])
  await thread.reverts.takeBack([first])
  await thread.reverts.undo([second])
  expect(read(world, 'a.txt')).toBe(`typed\n${withChanged('one')}`)
  await thread.reverts.revert(moving.id, 'redo')
  expect([read(world, 'a.txt'), read(world, 'd/b.txt')]).toEqual([
    undefined,
    `typed\n${withChanged('one', 'four')}`,
  ])
  expect(placesOf(thread)).toEqual(['d/b.txt', 'd/b.txt', 'd/b.txt'])
  await thread.reverts.takeBack([second])
  expect(read(world, 'd/b.txt')).toBe(`typed\n${withChanged('one', 'three', 'four')}`)
})

test('[MOVE-2] that is so after a restart, and a rewind over all of it is exact, as is its undoing', async () => {
  const { world, thread } = await start()
  await world.ask(thread, 'write')
  await world.ask(thread, 'move')
  await world.ask(thread, 'go on')
  await world.ask(thread, 'return')
  expect([read(world, 'a.txt'), read(world, 'd/b.txt')]).toEqual([
    withChanged('one', 'two', 'three', 'four', 'five'),
    undefined,
  ])
  expect(new Set(placesOf(thread))).toEqual(new Set(['a.txt']))
  await world.stored()
  const next = await world.restart()
  worlds.push(next)
  const again = await next.threads.get(thread.state().id)
  const [first] = idsOf(again)
  const [turn] = again.state().turns
  if (!first || !turn) throw new Error('a hunk of a turn')
  await again.reverts.undo([first])
  expect(read(next, 'a.txt')).toBe(withChanged('two', 'three', 'four', 'five'))
  const preview = await again.reverts.previewRewind(turn.id)
  expect(preview.files).toMatchObject([{ path: 'a.txt', outcome: 'changed', addedLines: 4, removedLines: 4 }])
  const { rewindId, left } = await again.rewind(turn.id, 'both')
  expect([left, read(next, 'a.txt'), read(next, 'd/b.txt')]).toEqual([[], original, undefined])
  await again.unrewind(rewindId)
  expect([read(next, 'a.txt'), read(next, 'd/b.txt')]).toEqual([
    withChanged('two', 'three', 'four', 'five'),
    undefined,
  ])
  await again.reverts.takeBack([first])
  expect(read(next, 'a.txt')).toBe(withChanged('one', 'two', 'three', 'four', 'five'))
})

test('[MOVE-2] moved over another file too', async () => {
  const { world, thread } = await start({ 'a.txt': original, 'd/b.txt': 'other\n' })
  await world.ask(thread, 'write')
  await world.ask(thread, 'move')
  const [first, , third] = idsOf(thread)
  if (!first || !third) throw new Error('three hunks')
  await thread.reverts.undo([first])
  expect(read(world, 'd/b.txt')).toBe(withChanged('three', 'four'))
  await thread.reverts.undo([third])
  expect([read(world, 'a.txt'), read(world, 'd/b.txt')]).toEqual([withChanged('three'), 'other\n'])
  await thread.reverts.takeBack([first, third])
  expect([read(world, 'a.txt'), read(world, 'd/b.txt')]).toEqual([
    undefined,
    withChanged('one', 'three', 'four'),
  ])
})

test('[MOVE-2] a thread follows what another one moved, also one that was not in memory', async () => {
  const { world, thread } = await start()
  await world.ask(thread, 'write')
  const other = await world.newThread()
  await world.ask(other, 'move')
  await until(() => placesOf(thread).every((path) => path === 'd/b.txt'))
  await world.ask(other, 'return')
  await until(() => placesOf(thread).every((path) => path === 'a.txt'))
  await world.stored()
  const next = await world.restart()
  worlds.push(next)
  const mover = await next.threads.get(other.state().id)
  for (const turn of mover.state().turns.toReversed()) await mover.reverts.revert(turn.id, 'undo')
  expect(read(next, 'a.txt')).toBe(withChanged('one', 'three'))
  const [last] = mover.state().turns
  if (!last) throw new Error('a turn')
  await mover.reverts.revert(last.id, 'redo')
  const late = await next.threads.get(thread.state().id)
  expect(placesOf(late)).toEqual(['d/b.txt', 'd/b.txt'])
  await late.reverts.undo(idsOf(late))
  expect(read(next, 'd/b.txt')).toBe(withChanged('four'))
})

test('[MOVE-4] a file a person moved on stays where they put it when the turn that moved it is undone', async () => {
  const { world, thread } = await start()
  await world.ask(thread, 'write')
  await world.ask(thread, 'move')
  await world.documents.rename(world.workspace.id, 'd', 'e')
  await world.documents.rename(world.workspace.id, 'e/b.txt', 'c.txt')
  expect(placesOf(thread)).toEqual(['c.txt', 'c.txt', 'c.txt'])
  const [, moving] = thread.state().turns
  if (!moving) throw new Error('the turn that moves')
  await thread.reverts.revert(moving.id, 'undo')
  expect(['a.txt', 'd/b.txt', 'c.txt'].map((path) => read(world, path))).toEqual([
    undefined,
    undefined,
    withChanged('one', 'three'),
  ])
  await thread.reverts.undo(idsOf(thread).slice(0, 1))
  await thread.reverts.revert(moving.id, 'redo')
  expect(read(world, 'c.txt')).toBe(withChanged('three', 'four'))
})

const marks = ['ONE', 'THREE', 'FOUR', 'TWO', 'FIVE']

test('[MOVE-2] whatever is judged, undone and rewound in any order, text and disk agree and what is typed stays', async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = seededRandom(seed)
    const { world, thread } = await start()
    for (const prompt of ['write', 'move', 'go on', 'return']) await world.ask(thread, prompt)
    let typed = ''
    for (let step = 0; step < 10; step++) {
      const entries = hunksToReview(thread.state())
      const entry = entries[randomInt(random, entries.length)]
      const turn = thread.state().turns[randomInt(random, 4)]
      if (!entry || !turn) throw new Error('a hunk and a turn')
      const isUndone = turn.undone !== undefined
      if (randomInt(random, 3) === 0) await thread.reverts.revert(turn.id, isUndone ? 'redo' : 'undo')
      else if (entry.state === 'undone') await thread.reverts.takeBack([entry.hunk.id])
      else await thread.reverts.undo([entry.hunk.id])
      const places = new Set(placesOf(thread))
      expect(places.size).toBe(1)
      const [place = ''] = places
      const opened = await world.documents.open(world.workspace.id, place)
      if (!opened.ok) throw new Error(`no document ${place}`)
      const text = textOf(opened.value.doc)
      const character = String.fromCodePoint(0x3400 + step)
      text.insert(text.length, character)
      typed += character
      await world.documents.flush(world.workspace.id)
      expect(read(world, place)).toBe(text.toString())
      expect(read(world, place === 'a.txt' ? 'd/b.txt' : 'a.txt')).toBeUndefined()
      expect(text.toString().endsWith(typed)).toBe(true)
      const inText = text.toString().split('\n')
      for (const [index, { state }] of hunksToReview(thread.state()).entries())
        expect([seed, step, index, inText.includes(marks[index] ?? '')]).toEqual([
          seed,
          step,
          index,
          state !== 'undone',
        ])
    }
  }
})
