import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { Script } from '../../bench/fake-model/script.ts'
import { textOf } from '../../core/document/document-text.ts'
import { placeOfHunk } from '../../core/document/hunk-place.ts'
import { randomInt, seededRandom } from '../../core/lib/random.ts'
import type { HunkId } from '../../core/protocol/ids.ts'
import { hunksToReview } from '../../core/state/review.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { createWorld, type World } from '../testing/world.ts'
import type { ThreadRuntime } from './thread-runtime.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

const lines = Array.from({ length: 12 }, (_, i) => `line ${i}`)
const original = `${lines.join('\n')}\n`
const changed = [1, 4, 7, 10]
const fourHunks = [
  '*** Begin Patch',
  '*** Update File: a.txt',
  ...changed.flatMap((n) => ['@@', `-line ${n}`, `+LINE ${n}`, `+and more`]),
  '*** End Patch',
  '',
].join('\n')

async function edited(text = fourHunks, files: Record<string, string> = { 'a.txt': original }) {
  const script: Script = [
    {
      match: 'change',
      steps: [[{ type: 'customCall', name: 'apply_patch', text }], [{ type: 'text', text: 'Done.' }]],
    },
  ]
  const world = await createWorld(files, { store: createMemoryStore() })
  worlds.push(world)
  world.model.script = script
  const thread = await world.newThread()
  await world.ask(thread, 'change it')
  return { world, thread }
}

const idsOf = (thread: ThreadRuntime): HunkId[] => hunksToReview(thread.state()).map(({ hunk }) => hunk.id)
const statesOf = (thread: ThreadRuntime) => hunksToReview(thread.state()).map(({ state }) => state)

function withHunks(which: readonly number[]): string {
  return lines.map((line, n) => (which.includes(n) ? `LINE ${n}\nand more\n` : `${line}\n`)).join('')
}

test('[HREVIEW-1] single hunks go and come back to the byte, in any order, and what was typed stays', async () => {
  for (let seed = 1; seed <= 25; seed++) {
    const random = seededRandom(seed)
    const { world, thread } = await edited()
    const ids = idsOf(thread)
    const opened = await world.documents.open(world.workspace.id, 'a.txt')
    if (!opened.ok || !('doc' in opened.value)) throw new Error('no document')
    const text = textOf(opened.value.doc)
    let typed = ''
    const standing = new Set(changed)
    for (let step = 0; step < 12; step++) {
      const which = randomInt(random, ids.length)
      const [id, n] = [ids[which], changed[which]]
      if (id === undefined || n === undefined) throw new Error('a hunk')
      if (standing.has(n)) {
        expect(await thread.reverts.undo([id])).toEqual({ hunkIds: [id], left: [], undone: [] })
        standing.delete(n)
      } else {
        expect(await thread.reverts.takeBack([id])).toEqual({ hunkIds: [id], left: [], undone: [] })
        standing.add(n)
      }
      const character = String.fromCodePoint(0x3400 + step)
      text.insert(text.length, character)
      typed += character
      expect(text.toString()).toBe(withHunks([...standing]) + typed)
    }
    await world.documents.flush(world.workspace.id)
    expect(world.read('a.txt')).toBe(withHunks([...standing]) + typed)
  }
})

test('[DOC-16] a hunk that was undone and brought back is where its text is', async () => {
  const { world, thread } = await edited()
  const ids = idsOf(thread)
  const opened = await world.documents.open(world.workspace.id, 'a.txt')
  if (!opened.ok) throw new Error('no document')
  const { doc } = opened.value
  const textsOf = () =>
    hunksToReview(thread.state()).map(({ hunk }) => {
      const place = placeOfHunk(doc, hunk)
      return place && textOf(doc).toString().slice(place.from, place.to)
    })
  const before = textsOf()
  expect(before).toEqual(changed.map((n) => `LINE ${n}\nand more\n`))
  await thread.reverts.undo(ids)
  textOf(doc).insert(0, 'typed\n')
  await thread.reverts.takeBack(ids)
  expect(textsOf()).toEqual(before)
})

test('[HREVIEW-2] asking for what is so already changes nothing; two at once agree', async () => {
  const { world, thread } = await edited()
  const [first, second] = idsOf(thread)
  if (!first || !second) throw new Error('two hunks')
  const answers = await Promise.all([
    thread.reverts.undo([first, second]),
    thread.reverts.keep([first]),
    thread.reverts.undo([first]),
    thread.reverts.takeBack([first]),
    thread.reverts.keep([first]),
    thread.reverts.keep([first]),
  ])
  expect(answers.map(({ hunkIds }) => hunkIds)).toEqual([[first, second], [], [], [first], [first], []])
  // Who wanted to keep what another had undone is told.
  expect(answers.map(({ undone }) => undone)).toEqual([[], [first], [], [], [], []])
  expect(statesOf(thread)).toEqual(['kept', 'undone', 'unreviewed', 'unreviewed'])
  expect(world.read('a.txt')).toBe(withHunks([1, 7, 10]))
  expect((await thread.reverts.undo([first])).hunkIds).toEqual([first])
  expect(statesOf(thread)[0]).toBe('undone')
})

test('[HREVIEW-2] undo of the turn and of a hunk at once take each out once', async () => {
  const { world, thread } = await edited()
  const [first] = idsOf(thread)
  const turn = thread.state().turns[0]
  if (!first || !turn) throw new Error('a hunk')
  await Promise.all([thread.reverts.undo([first]), thread.reverts.revert(turn.id, 'undo')])
  expect(world.read('a.txt')).toBe(original)
  await thread.reverts.revert(turn.id, 'redo')
  expect(world.read('a.txt')).toBe(withHunks([4, 7, 10]))
})

test('[HREVIEW-3] an undo of hunks that a crash cut off is finished', async () => {
  const { world, thread } = await edited()
  const [first] = idsOf(thread)
  if (!first) throw new Error('a hunk')
  await world.stored()
  const { id } = thread.state()
  // The server died between noting what it was to do and doing it.
  await world.store.setValue(`reverting:${id}`, JSON.stringify({ hunkIds: [first], direction: 'undo' }))
  await world.threads.close()
  const after = await world.restart()
  const again = await after.threads.get(id)
  expect(statesOf(again)[0]).toBe('undone')
  expect(after.read('a.txt')).toBe(withHunks([4, 7, 10]))
})

test('[HREVIEW-6] what cannot be brought back now stays undone, with the way back', async () => {
  const { world, thread } = await edited()
  const [first, second] = idsOf(thread)
  if (!first || !second) throw new Error('two hunks')
  await thread.reverts.undo([first])
  await thread.reverts.keep([second])
  await world.stored()
  await world.threads.close()
  await world.documents.close()
  writeFileSync(join(world.workspace.root, 'a.txt'), new Uint8Array([0, 255, 0, 254]))
  const after = await world.restart()
  const again = await after.threads.get(thread.state().id)
  expect(await again.reverts.takeBack([first, second])).toEqual({
    hunkIds: [second],
    left: [{ path: 'a.txt', why: 'notText' }],
    undone: [],
  })
  expect(statesOf(again).slice(0, 2)).toEqual(['undone', 'unreviewed'])
  expect(hunksToReview(again.state())[0]?.hunk.inverse).toBeDefined()
})

test('[HREVIEW-7] an undo of what holds no text any more changes nothing, names the file, and the others go', async () => {
  const both = fourHunks.replace(
    '*** End Patch',
    ['*** Update File: b.txt', '@@', '-one', '+two', '*** End Patch'].join('\n'),
  )
  const { world, thread } = await edited(both, { 'a.txt': original, 'b.txt': 'one\n' })
  const ids = idsOf(thread)
  const turn = thread.state().turns[0]
  if (!turn) throw new Error('a turn')
  const bytes = new Uint8Array([0, 255, 0, 254])
  writeFileSync(join(world.workspace.root, 'a.txt'), bytes)
  const left = [{ path: 'a.txt', why: 'notText' }]
  expect(await thread.reverts.undo(ids)).toEqual({ hunkIds: ids.slice(4), left, undone: [] })
  expect(statesOf(thread)).toEqual([...changed.map(() => 'unreviewed'), 'undone'])
  expect(world.read('b.txt')).toBe('one\n')
  // Of the turn as a whole nothing else stands: it is not undone, and can be once the text is back.
  expect(await thread.reverts.revert(turn.id, 'undo')).toEqual({ hunks: 0, files: [], left })
  expect(thread.state().turns[0]?.undone).toBeUndefined()
  expect(readFileSync(join(world.workspace.root, 'a.txt'))).toEqual(Buffer.from(bytes))
  writeFileSync(join(world.workspace.root, 'a.txt'), withHunks(changed))
  expect(await thread.reverts.undo(ids)).toMatchObject({ hunkIds: ids.slice(0, 4), left: [] })
  expect(world.read('a.txt')).toBe(original)
})

test('[HREVIEW-8] whatever two people keep, undo and take back at once while one types: text, log and answers agree', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seededRandom(seed)
    const { world, thread } = await edited()
    const ids = idsOf(thread)
    const opened = await world.documents.open(world.workspace.id, 'a.txt')
    if (!opened.ok) throw new Error('no document')
    const text = textOf(opened.value.doc)
    let typed = ''
    const person = async () => {
      for (let step = 0; step < 8; step++) {
        const some = ids.filter(() => random.next() < 0.5)
        const verdict = (['keep', 'undo', 'takeBack'] as const)[randomInt(random, 3)] ?? 'keep'
        const answer = await thread.reverts[verdict](some)
        expect(some).toEqual(expect.arrayContaining(answer.hunkIds))
        const character = String.fromCodePoint(0x3400 + typed.length)
        text.insert(text.length, character)
        typed += character
      }
    }
    await Promise.all([person(), person()])
    const states = statesOf(thread)
    const standing = changed.filter((_, index) => states[index] !== 'undone')
    expect(text.toString(), `seed ${seed}`).toBe(withHunks(standing) + typed)
    await world.stored()
    await world.documents.flush(world.workspace.id)
    expect(world.read('a.txt')).toBe(text.toString())
    const { id } = thread.state()
    await world.threads.close()
    expect(statesOf(await (await world.restart()).threads.get(id))).toEqual(states)
  }
})

test('[HREVIEW-4] files that were added, deleted and moved go with the last of their hunks and come back', async () => {
  const patch = [
    '*** Begin Patch',
    '*** Add File: new.txt',
    '+hello',
    '*** Delete File: old.txt',
    '*** Update File: a.txt',
    '*** Move to: b.txt',
    ...changed.flatMap((n) => ['@@', `-line ${n}`, `+LINE ${n}`, `+and more`]),
    '*** End Patch',
    '',
  ].join('\n')
  const { world, thread } = await edited(patch, { 'a.txt': original, 'old.txt': 'old\n' })
  const inFile = (path: string) =>
    hunksToReview(thread.state()).flatMap((entry) => (entry.file.path === path ? [entry.hunk.id] : []))
  const moved = inFile('a.txt')
  await thread.reverts.undo(inFile('new.txt'))
  expect(() => world.read('new.txt')).toThrow()
  await thread.reverts.undo(inFile('old.txt'))
  expect(world.read('old.txt')).toBe('old\n')
  await thread.reverts.undo(moved.slice(0, 1))
  expect(world.read('b.txt')).toBe(withHunks([4, 7, 10]))
  await thread.reverts.undo(moved.slice(1))
  expect(world.read('a.txt')).toBe(original)
  expect(() => world.read('b.txt')).toThrow()
  await thread.reverts.takeBack(idsOf(thread))
  expect([world.read('new.txt'), world.read('b.txt')]).toEqual(['hello\n', withHunks(changed)])
  expect(() => world.read('old.txt')).toThrow()
  expect(() => world.read('a.txt')).toThrow()
})

test('[HREVIEW-5] the model is told of what was undone with the next prompt', async () => {
  const { world, thread } = await edited()
  const [first] = idsOf(thread)
  if (!first) throw new Error('a hunk')
  await thread.reverts.undo([first])
  await world.ask(thread, 'something else')
  const body = JSON.stringify(world.model.requests.at(-1)?.body)
  expect(body).toContain('The person undid these changes of yours')
  await world.ask(thread, 'and more')
  const last = world.model.requests.at(-1)?.body as { input: unknown }
  expect(JSON.stringify(last.input)).not.toContain('undid these changes')
})
