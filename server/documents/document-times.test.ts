import { afterEach, expect, test } from 'vitest'
import { decodeBase64 } from '../../core/document/base64.ts'
import { decodeTimes } from '../../core/document/change-times.ts'
import { FileReplay } from '../../core/document/file-replay.ts'
import { limits } from '../../core/protocol/limits.ts'
import { methods } from '../../core/protocol/methods.ts'
import { DocumentHandlers } from '../handlers/document-handlers.ts'
import { DocumentsWorld, workspaceId } from '../testing/documents-world.ts'

let world: DocumentsWorld
const setUp = async (files: Record<string, string>) => {
  world = await DocumentsWorld.create(files)
}
afterEach(async () => {
  await world.destroy()
  expect(world.bugs).toEqual([])
})

const patch = (...lines: string[]) => ['*** Begin Patch', ...lines, '*** End Patch', ''].join('\n')

/** The time by now; what follows happens later. */
function moment(): number {
  const now = world.timers.clock.now()
  world.timers.advance(1000)
  return now
}

async function history(path: string) {
  const handlers = new DocumentHandlers(world.documents, () => undefined)
  // It is the same for every session.
  return handlers['document/history']({ workspaceId, path }, undefined as never)
}

/** The file's text at each of these times, as a replay of a thread that wrote nothing in it shows it. */
async function textsAt(path: string, moments: readonly number[]): Promise<readonly string[]> {
  const { runs, times } = await history(path)
  const changes = decodeTimes(decodeBase64(times) ?? new Uint8Array())
  const replay = new FileReplay(
    runs,
    [],
    changes.map(({ at, changes: each }) => ({ seq: at, changes: each })),
  )
  return moments.map((at) => replay.at(at).lines.join('|'))
}

async function write(...lines: string[]) {
  const edit = world.edit()
  edit.session.push(patch(...lines))
  expect(await edit.session.finish()).toMatchObject({ ok: true })
  return edit
}

/** Two threads write and take back, a person types: answers what the file held at each time. */
async function story(): Promise<Map<number, string>> {
  const held = new Map<number, string>()
  const note = async () => {
    await world.flush()
    held.set(moment(), (await world.read('a.txt'))?.replaceAll('\n', '|') ?? '')
  }
  await note()
  await write('*** Update File: a.txt', '@@', '-one', '+first')
  await note()
  const person = await world.join('a.txt')
  await person.type('typed\n', 'two')
  await note()
  const second = await write('*** Update File: a.txt', '@@', '-first', '+second', '+thread')
  await note()
  await world.revert(second.undoable())
  await note()
  await person.type('end\n')
  person.leave()
  await note()
  return held
}

test('[REPLAY-50] a document knows when what threads and people wrote came and went, also after a crash', async () => {
  await setUp({ 'a.txt': 'one\ntwo\n' })
  const held = await story()
  expect(new Set(held.values()).size).toBe(5)
  const [moments, texts] = [[...held.keys()], [...held.values()]]
  expect(await textsAt('a.txt', moments)).toEqual(texts)
  world.crash()
  expect(await textsAt('a.txt', moments)).toEqual(texts)
})

test('[REPLAY-50] it knows when the journal was folded, and goes on in it', async () => {
  await setUp({ 'a.txt': 'one\ntwo\n' })
  const held = await story()
  const person = await world.join('a.txt')
  for (let i = 0; i < limits.journalUpdates; i++) await person.type('.')
  await world.flush()
  const journal = await world.store.readJournal(`${workspaceId}:a.txt`)
  expect(journal?.updates.length).toBe(1)
  held.set(moment(), person.text().replaceAll('\n', '|'))
  world.crash()
  const after = await world.join('a.txt')
  await after.type('!')
  await world.flush()
  held.set(moment(), after.text().replaceAll('\n', '|'))
  world.crash()
  expect(await textsAt('a.txt', [...held.keys()])).toEqual([...held.values()])
})

test('[REPLAY-51] a file that is moved, moved back and moved again keeps its times', async () => {
  await setUp({ 'a.txt': 'one\ntwo\n' })
  const held = await story()
  const [moments, texts] = [[...held.keys()], [...held.values()]]
  const move = await write('*** Update File: a.txt', '*** Move to: b.txt', '@@', '-two', '+2', ' end')
  expect(await textsAt('b.txt', moments)).toEqual(texts)
  world.crash()
  expect(await textsAt('b.txt', moments)).toEqual(texts)
  await (await world.join('b.txt')).type('there\n')
  moments.push(moment())
  texts.push(`${texts.at(-1)?.replace('two', '2')}there|`)
  const redo = await world.revert(move.undoable())
  expect(await textsAt('a.txt', moments)).toEqual(texts)
  await world.revert(redo, 'redo')
  world.crash()
  expect(await textsAt('b.txt', moments)).toEqual(texts)
})

test('[REPLAY-52] what was written before times were kept is there all the while, as it is now', async () => {
  await setUp({ 'a.txt': 'one\ntwo\n' })
  const { store } = world
  world.store = { ...store, appendUpdate: (key, update) => store.appendUpdate(key, update) }
  world.crash()
  const before = moment()
  await write('*** Update File: a.txt', '@@', '-one', '+first')
  world.store = store
  world.crash()
  const between = moment()
  await (await world.join('a.txt')).type('typed\n')
  const after = moment()
  expect(await textsAt('a.txt', [before, between, after])).toEqual([
    'first|two|',
    'first|two|',
    'first|two|typed|',
  ])
})

test('[REPLAY-53] the history of a document tells text, characters and times, and nothing of who or where', async () => {
  await setUp({ 'a.txt': 'one\ntwo\n' })
  await story()
  const answer = await history('a.txt')
  expect(methods['document/history'].result.strict().parse(answer)).toEqual(answer)
  const fields = new Set(answer.runs.flatMap((run) => Object.keys(run)))
  expect([...fields].sort()).toEqual(['client', 'clock', 'deleted', 'text'])
  for (const change of decodeTimes(decodeBase64(answer.times) ?? new Uint8Array()))
    expect(Object.keys(change).sort()).toEqual(['at', 'changes'])
  const told = JSON.stringify(answer) + Buffer.from(answer.times, 'base64').toString('latin1')
  expect(told).not.toMatch(/trn_|thr_|Model/)
})
