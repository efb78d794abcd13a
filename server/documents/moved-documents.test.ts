import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { textOf } from '../../core/document/document-text.ts'
import { randomInt, seededRandom } from '../../core/lib/random.ts'
import { DocumentsWorld, workspaceId } from '../testing/documents-world.ts'

let world: DocumentsWorld
afterEach(async () => {
  expect(world.bugs).toEqual([])
  await world.destroy()
})

const move = (from: string, to: string) =>
  `*** Begin Patch\n*** Update File: ${from}\n*** Move to: ${to}\n@@\n-one\n+1\n*** End Patch\n`

test('[MOVE-3] what people type while the file moves is in the new one, once, and on disk', async () => {
  for (let seed = 1; seed <= 25; seed++) {
    const random = seededRandom(seed)
    world = await DocumentsWorld.create({ 'a.txt': 'one\ntwo\n' })
    const typists = [await world.join('a.txt'), await world.join('a.txt')]
    const { session } = world.edit()
    const finish = { done: false }
    session.push(move('a.txt', 'b.txt'))
    const moving = session.finish().finally(() => {
      finish.done = true
    })
    const typing: Promise<void>[] = []
    let typed = 0
    while (typed < 12 || !finish.done) {
      if (randomInt(random, 2) === 0 && typed < 40) {
        const character = String.fromCodePoint(0x3400 + typed++)
        const typist = typists[randomInt(random, 2)]
        typing.push(
          typist?.type(character, randomInt(random, 2) === 0 ? 'two' : undefined) ?? Promise.resolve(),
        )
      }
      await new Promise((resolve) =>
        randomInt(random, 4) === 0 ? setTimeout(resolve, 1) : setImmediate(resolve),
      )
    }
    expect(await moving).toMatchObject({ ok: true })
    await Promise.all(typing)
    await world.flush()
    expect(await world.documents.movedTo(workspaceId, 'a.txt')).toBe('b.txt')
    const text = (await world.read('b.txt')) ?? ''
    for (let n = 0; n < typed; n++) expect(text.split(String.fromCodePoint(0x3400 + n))).toHaveLength(2)
    // Who edits sees to it that a file ends with its last line's end.
    expect([text.replaceAll('\n', '').length, await world.read('a.txt')]).toEqual([4 + typed, undefined])
    if (seed < 25) await world.destroy()
  }
})

test('[MOVE-3] a page that was away joins the new one with what it typed in the old one, also after a restart', async () => {
  world = await DocumentsWorld.create({ 'a.txt': 'one\ntwo\n' })
  const old = await world.open('a.txt')
  const away = new Y.Doc()
  Y.applyUpdate(away, Y.encodeStateAsUpdate(old.doc))
  textOf(away).insert(0, 'typed\n')
  const { session } = world.edit()
  session.push(move('a.txt', 'b.txt'))
  await session.finish()
  world.crash()
  const now = await world.open('b.txt')
  expect(now.formerly).toContain(old.incarnation)
  const link = now.join({ sync: () => undefined, awareness: () => undefined }, Y.encodeStateVector(away))
  await link.receive(Y.encodeStateAsUpdate(away, Y.encodeStateVector(now.doc)))
  await world.flush()
  expect([await world.read('a.txt'), await world.read('b.txt')]).toEqual([undefined, 'typed\n1\ntwo\n'])
})

test('[MOVE-3] a file made anew at the old place has nothing of this', async () => {
  world = await DocumentsWorld.create({ 'a.txt': 'one\ntwo\n' })
  const typist = await world.join('a.txt')
  const { session } = world.edit()
  session.push(move('a.txt', 'b.txt'))
  await session.finish()
  typist.leave()
  const added = world.edit()
  added.session.push('*** Begin Patch\n*** Add File: a.txt\n+new\n*** End Patch\n')
  await added.session.finish()
  await (await world.join('a.txt')).type('!')
  await world.flush()
  expect([await world.read('a.txt'), await world.read('b.txt')]).toEqual(['new\n!', '1\ntwo\n'])
  expect(await world.documents.movedTo(workspaceId, 'a.txt')).toBeUndefined()
})

test('[MOVE-23] what a page still sends when a move over another file is undone is in the file that was moved', async () => {
  world = await DocumentsWorld.create({ 'a.txt': 'one\ntwo\n', 'b.txt': 'red\n' })
  const page = await world.join('b.txt')
  const { session, undoable } = world.edit()
  session.push(move('a.txt', 'b.txt'))
  await session.finish()
  expect(page.text()).toBe('1\ntwo\n')
  await page.type('typed\n')
  const seen = page.text()
  await world.revert(undoable())
  expect(page.text()).toBe(seen)
  await page.type('late\n')
  await (await world.join('b.txt')).type('blue\n')
  // As a page does that is told of the move.
  const follower = await world.join('a.txt', page.doc)
  expect(follower.text()).toBe('one\ntwo\ntyped\nlate\n')
  await follower.type('more\n')
  await world.flush()
  expect([await world.read('a.txt'), await world.read('b.txt')]).toEqual([
    'one\ntwo\ntyped\nlate\nmore\n',
    'red\nblue\n',
  ])
})

test('[MOVE-26] asked once more after a crash, a move over another file that was undone or done again changes nothing', async () => {
  world = await DocumentsWorld.create({ 'a.txt': 'one\ntwo\n', 'b.txt': 'red\n' })
  const { session, undoable } = world.edit()
  session.push(move('a.txt', 'b.txt'))
  await session.finish()
  const now = async () => [
    await world.read('a.txt'),
    await world.read('b.txt'),
    await world.documents.moves(workspaceId),
  ]
  const files = undoable()
  const again = await world.revert(files)
  await (await world.join('b.txt')).type('blue\n')
  await world.flush()
  const undone = await now()
  expect(undone.slice(0, 2)).toEqual(['one\ntwo\n', 'red\nblue\n'])
  world.crash()
  await world.revert(files)
  expect(await now()).toEqual(undone)
  await world.revert(again, 'redo')
  const redone = await now()
  expect(redone.slice(0, 2)).toEqual([undefined, '1\ntwo\n'])
  world.crash()
  await world.revert(again, 'redo')
  expect(await now()).toEqual(redone)
})

test('[MOVE-27] a move is undone in the text alone where another file was made at the old place meanwhile', async () => {
  world = await DocumentsWorld.create({ 'a.txt': 'one\ntwo\n' })
  const { session, undoable } = world.edit()
  session.push(move('a.txt', 'b.txt'))
  await session.finish()
  const added = world.edit()
  added.session.push('*** Begin Patch\n*** Add File: a.txt\n+new\n*** End Patch\n')
  await added.session.finish()
  const read = async () => [await world.read('a.txt'), await world.read('b.txt')]
  const files = undoable()
  const again = await world.revert(files)
  expect(await read()).toEqual(['new\n', 'one\ntwo\n'])
  world.crash()
  await world.revert(files)
  expect(await read()).toEqual(['new\n', 'one\ntwo\n'])
  for (let time = 0; time < 2; time++) await world.revert(again, 'redo')
  expect(await read()).toEqual(['new\n', '1\ntwo\n'])
})

test('[MOVE-7] a file renamed here keeps its history and what is not on disk yet, also one nobody has open', async () => {
  world = await DocumentsWorld.create({ 'a.txt': 'one\ntwo\n', 'd.txt': 'one\n' })
  const edit = world.edit()
  edit.session.push('*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+1\n*** End Patch\n')
  await edit.session.finish()
  const other = world.edit()
  other.session.push('*** Begin Patch\n*** Update File: d.txt\n@@\n-one\n+1\n*** End Patch\n')
  await other.session.finish()
  await world.flush()
  world.crash()
  const typist = await world.join('a.txt')
  const typing = typist.type('typed\n')
  await world.documents.rename(workspaceId, 'a.txt', 'b.txt')
  await typing
  await typist.type('more\n')
  await world.documents.rename(workspaceId, 'd.txt', 'e.txt')
  await world.flush()
  expect(await world.read('b.txt')).toBe('1\ntwo\ntyped\nmore\n')
  const moved = [edit, other].flatMap(({ undoable }) => undoable())
  const places = ['b.txt', 'e.txt']
  await world.revert(moved.map((file, index) => ({ ...file, path: places[index] ?? '' })))
  expect(await Promise.all(['a.txt', 'b.txt', 'd.txt', 'e.txt'].map((path) => world.read(path)))).toEqual([
    undefined,
    'one\ntwo\ntyped\nmore\n',
    undefined,
    'one\n',
  ])
})

test('[MOVE-7] renamed to and fro, with an old text of that name there, and over crashes, no text is doubled or lost', async () => {
  for (let seed = 1; seed <= 15; seed++) {
    const random = seededRandom(seed)
    world = await DocumentsWorld.create({ 'a.txt': 'one\ntwo\n' })
    let at = 'a.txt'
    let typed = ''
    for (let step = 0; step < 12; step++) {
      const typist = await world.join(at)
      const character = String.fromCodePoint(0x3400 + step)
      const typing = typist.type(character)
      typed += character
      if (randomInt(random, 2) === 0) await typing
      const to = ['a.txt', 'b.txt', 'c.txt'].filter((path) => path !== at)[randomInt(random, 2)] ?? ''
      if (randomInt(random, 3) > 0) {
        const renaming = world.documents.rename(workspaceId, at, to)
        typed += '+'
        await Promise.all([typist.type('+'), renaming])
        at = to
      }
      await typing
      typist.leave()
      if (randomInt(random, 3) > 0) continue
      world.crash()
      // A server that was killed writes no more: this one has to be done before the next.
      await world.flush()
    }
    await world.flush()
    expect([seed, await world.read(at)]).toEqual([seed, `one\ntwo\n${typed}`])
    for (const path of ['a.txt', 'b.txt', 'c.txt'])
      if (path !== at) expect(await world.read(path)).toBeUndefined()
    if (seed < 15) await world.destroy()
  }
})

test('[MOVE-7] a file in which a model writes just now is not renamed', async () => {
  world = await DocumentsWorld.create({ 'a.txt': 'one\ntwo\n' })
  const { session } = world.edit()
  session.push('*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+1\n')
  await new Promise((resolve) => setTimeout(resolve, 20))
  await expect(world.documents.rename(workspaceId, 'a.txt', 'b.txt')).rejects.toThrow('A model is writing')
  session.push('*** End Patch\n')
  await session.finish()
  expect([await world.read('a.txt'), await world.read('b.txt')]).toEqual(['1\ntwo\n', undefined])
})

async function edited(...paths: readonly string[]) {
  const edit = world.edit()
  const body = paths.flatMap((path) => [`*** Update File: ${path}`, '@@', '-one', '+1'])
  edit.session.push(`*** Begin Patch\n${body.join('\n')}\n*** End Patch\n`)
  await edit.session.finish()
  await world.flush()
  return edit.undoable()
}

/** Another program renames it, and the disk tells of that. */
async function renamedElsewhere(from: string, to: string) {
  await rename(join(world.root, from), join(world.root, to))
  world.tellDisk({ path: from, kind: 'deleted' }, { path: to, kind: 'created' })
}

test('[DISK-58] a file another program renames keeps its history and what is not on disk yet, to and fro', async () => {
  world = await DocumentsWorld.create({ 'a.txt': 'one\ntwo\n' })
  const files = await edited('a.txt')
  const typist = await world.join('a.txt')
  await typist.type('typed\n')
  await renamedElsewhere('a.txt', 'b.txt')
  await vi.waitFor(async () => expect(await world.documents.movedTo(workspaceId, 'a.txt')).toBe('b.txt'))
  await typist.type('more\n')
  await world.flush()
  expect([await world.read('a.txt'), await world.read('b.txt')]).toEqual([undefined, '1\ntwo\ntyped\nmore\n'])
  expect(world.saved.some((told) => told.includes('deletedElsewhere'))).toBe(false)
  typist.leave()
  world.crash()
  await world.documents.moves(workspaceId)
  await renamedElsewhere('b.txt', 'a.txt')
  await vi.waitFor(async () => expect(await world.documents.movedTo(workspaceId, 'b.txt')).toBe('a.txt'))
  await world.revert(files)
  expect([await world.read('a.txt'), await world.read('b.txt')]).toEqual([
    'one\ntwo\ntyped\nmore\n',
    undefined,
  ])
})

test('[DISK-58] so do all texts of a folder, open or not, and it is one move', async () => {
  world = await DocumentsWorld.create()
  await mkdir(join(world.root, 'd/e'), { recursive: true })
  for (const path of ['d/a.txt', 'd/e/b.txt', 'd/other.txt']) await world.write(path, `one\n${path}\n`)
  const files = await edited('d/a.txt', 'd/e/b.txt')
  world.crash()
  await world.open('d/a.txt')
  await renamedElsewhere('d', 'f')
  await vi.waitFor(async () =>
    expect(await world.documents.moves(workspaceId)).toMatchObject([{ from: 'd', to: 'f' }]),
  )
  await world.revert(files.map((file) => ({ ...file, path: file.path.replace('d/', 'f/') })))
  expect(await Promise.all(['f/a.txt', 'f/e/b.txt', 'd/a.txt'].map((path) => world.read(path)))).toEqual([
    'one\nd/a.txt\n',
    'one\nd/e/b.txt\n',
    undefined,
  ])
})

test('[DISK-59] where two could be meant, or the bytes differ, it was deleted and another came', async () => {
  world = await DocumentsWorld.create({ 'a.txt': 'one\n', 'b.txt': 'one\nmore\n' })
  await edited('a.txt', 'b.txt')
  for (const path of ['a.txt', 'b.txt']) await world.join(path)
  for (const twin of ['c.txt', 'd.txt']) await world.write(twin, '1\n')
  await rename(join(world.root, 'a.txt'), join(world.root, 'gone.bak'))
  await rename(join(world.root, 'b.txt'), join(world.root, 'e.txt'))
  await world.write('e.txt', 'other\n')
  const kind = 'created' as const
  const created = ['c.txt', 'd.txt', 'e.txt'].map((path) => ({ path, kind }))
  world.tellDisk({ path: 'a.txt', kind: 'deleted' }, { path: 'b.txt', kind: 'deleted' }, ...created)
  await vi.waitFor(() => {
    const told = world.saved.filter((one) => one.includes('deletedElsewhere'))
    expect(told.map((one) => one.slice(0, 5)).sort()).toEqual(['a.txt', 'b.txt'])
  })
  expect(await world.documents.moves(workspaceId)).toEqual([])
})
