import { chmod, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { Awareness, applyAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { textOf } from '../../core/document/document-text.ts'
import { decodePosition } from '../../core/document/position.ts'
import { turnIdSchema } from '../../core/protocol/ids.ts'
import { limits } from '../../core/protocol/limits.ts'
import { diskIdle } from '../testing/disk-idle.ts'
import { DocumentsWorld, workspaceId } from '../testing/documents-world.ts'

let world: DocumentsWorld
const setUp = async (files: Record<string, string | Uint8Array>) => {
  world = await DocumentsWorld.create(files)
}
afterEach(async () => {
  await world.destroy()
  expect(world.bugs).toEqual([])
})

/** A server whose journal stores nothing more when it is told to die, and the one that comes after it. */
function dyingJournal(): { readonly die: () => void; readonly revive: () => void } {
  const { store } = world
  let dead = false
  world.store = {
    ...store,
    appendUpdate: (key, update) => (dead ? new Promise(() => {}) : store.appendUpdate(key, update)),
  }
  world.crash()
  const die = () => {
    dead = true
  }
  const revive = () => {
    world.store = store
    world.crash()
  }
  return { die, revive }
}

const patch = (...lines: string[]) => ['*** Begin Patch', ...lines, '*** End Patch', ''].join('\n')
const nothing = { sync: () => undefined, awareness: () => undefined }

describe('an edit', () => {
  test('[LIVE-1] goes where the model saw it, between what is typed, and to disk at its end', async () => {
    await setUp({ 'a.txt': 'one\ntwo\nthree\n' })
    const turn = world.snapshots()
    await turn.note(workspaceId, 'a.txt')
    const browser = await world.join('a.txt')
    await browser.type('typed\n', 'two')
    const { session } = world.edit(turn)
    const text = patch('*** Update File: a.txt', '@@', ' one', '-two', '+TWO', ' three')
    const half = text.indexOf('TWO') + 1
    session.push(text.slice(0, half))
    await diskIdle()
    expect(browser.text()).toBe('one\ntyped\nT\nthree\n')
    await browser.type('more\n', 'three')
    expect(await world.read('a.txt')).toBe('one\ntwo\nthree\n')
    session.push(text.slice(half))
    expect(await session.finish()).toMatchObject({ ok: true })
    expect(browser.text()).toBe('one\ntyped\nTWO\nmore\nthree\n')
    expect(await world.read('a.txt')).toBe(browser.text())
    turn.close()
  })

  test('[FRAME-6] several models together reach the browsers less often than one alone, and nothing is lost', async () => {
    const count = async (models: number, files: readonly string[]) => {
      await setUp(Object.fromEntries(files.map((path) => [path, 'one\ntwo\n'])))
      const pathOf = (model: number) => files[model % files.length]!
      const edits = Array.from({ length: models }, () => world.edit().session)
      edits.forEach((session, i) => {
        session.push(`*** Begin Patch\n*** Update File: ${pathOf(i)}\n@@\n one\n+`)
      })
      await diskIdle()
      let updates = 0
      const seen: Y.Doc[] = []
      for (const path of files) {
        const doc = new Y.Doc()
        const sync = (update: Uint8Array) => {
          updates += 1
          Y.applyUpdate(doc, update)
        }
        const live = await world.open(path)
        live.join({ ...nothing, sync }, undefined)
        seen.push(doc)
      }
      for (let ms = 0; ms < 300; ms++) {
        for (const session of edits) session.push('x')
        world.timers.advance(1)
      }
      for (const session of edits) session.push('\n two\n*** End Patch\n')
      const outcomes = await Promise.all(edits.map((session) => session.finish()))
      expect(outcomes.every(({ ok }) => ok)).toBe(true)
      const texts = seen.map((doc) => textOf(doc).toString())
      expect(texts).toEqual(await Promise.all(files.map((path) => world.read(path))))
      expect(texts.join('').match(/x/g)).toHaveLength(300 * models)
      await world.destroy()
      return updates
    }
    const alone = await count(1, ['a.txt'])
    expect(alone).toBeGreaterThan(300 / limits.mergeEveryMs - 5)
    expect(await count(4, ['a.txt'])).toBeLessThan(alone / 2)
    expect(await count(4, ['a.txt', 'b.txt', 'c.txt', 'd.txt'])).toBeLessThan(alone * 1.2)
  })

  test('[LIVE-2] a second edit of the turn builds on the first', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const turn = world.snapshots()
    await turn.note(workspaceId, 'a.txt')
    const first = world.edit(turn).session
    first.push(patch('*** Update File: a.txt', '@@', '-one', '+two'))
    await first.finish()
    await (await world.join('a.txt')).type('typed\n')
    const second = world.edit(turn).session
    second.push(patch('*** Update File: a.txt', '@@', '-two', '+three', '*** End of File'))
    expect(await second.finish()).toMatchObject({ ok: true })
    expect(await world.read('a.txt')).toBe('three\ntyped\n')
    turn.close()
  })

  test('[LIVE-3] tells of files and hunks, with an anchor and a change set', async () => {
    await setUp({ 'a.txt': 'one\ntwo\n' })
    const { session, files, hunks, told } = world.edit()
    session.push('*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+1\n+1')
    await diskIdle()
    for (let i = 0; i < 20; i++) session.push('1')
    const growing = told.filter((entry) => entry === 'trn_t.1.1 writing').length
    expect(growing).toBeLessThan(5)
    world.timers.advance(60)
    expect(told.filter((entry) => entry === 'trn_t.1.1 writing').length).toBe(growing + 1)
    session.push('\n two\n*** End Patch\n')
    await session.finish()
    expect(told.at(0)).toBe('a.txt writing')
    expect(told.slice(-2)).toEqual(['trn_t.1.1 written', 'a.txt written'])
    const hunk = [...hunks.values()][0]!
    expect(hunk).toMatchObject({ startLine: 1, addedLines: 2, removedLines: 1, removedText: 'one\n' })
    const { doc } = await world.open('a.txt')
    const at = (position: string) => decodePosition(doc, position)
    expect([at(hunk.anchor!.from), at(hunk.anchor!.to)]).toEqual([
      0,
      doc.getText('text').toString().indexOf('two'),
    ])
    expect(files.get('a.txt')).toMatchObject({ kind: 'update', status: 'written' })
  })

  test('[LIVE-4] cut off keeps what is finished', async () => {
    await setUp({ 'a.txt': 'one\ntwo\nthree\n' })
    const { session, hunks } = world.edit()
    session.push('*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+1\n@@\n-three\n+3 and ha')
    await diskIdle()
    expect((await world.join('a.txt')).text()).toBe('1\ntwo\n3 and ha\n')
    expect(await session.cut()).toMatchObject({ ok: false })
    expect(await world.read('a.txt')).toBe('1\ntwo\nthree\n')
    expect([...hunks.values()].map(({ status }) => status)).toEqual(['written', 'dropped'])
  })

  const twoHunks = ['*** Begin Patch', '*** Update File: a.txt', '@@', '-one', '+ONE', '@@', '-five', '+FIVE']

  async function touched() {
    await setUp({ 'a.txt': 'one\ntwo\nthree\nfour\nfive\n' })
    const browser = await world.join('a.txt')
    const edit = world.edit()
    edit.session.push(twoHunks.slice(0, 4).concat('+ON').join('\n'))
    await diskIdle()
    await browser.type('before ', 'four')
    expect([...edit.hunks.values()].map(({ paused }) => paused ?? false)).toEqual([false])
    await browser.type('mine ', 'ON')
    expect([...edit.hunks.values()].map(({ paused }) => paused)).toEqual([true])
    edit.session.push('E\n@@\n-five\n+FIVE\n*** End Patch\n')
    expect(browser.text()).toBe('mine ON\ntwo\nthree\nbefore four\nfive\n')
    return { browser, ...edit }
  }

  test('[LIVE-14] stands still where a person writes in its lines, and goes on when told to', async () => {
    const { browser, session, hunks } = await touched()
    const finished = session.finish()
    await diskIdle()
    expect(browser.text()).toContain('mine ON\n')
    expect(session.decide('trn_t.9.9', 'resume')).toBe(false)
    expect(session.decide('trn_t.1.1', 'resume')).toBe(true)
    expect(session.decide('trn_t.1.1', 'resume')).toBe(false)
    expect(await finished).toMatchObject({ ok: true })
    expect(await world.read('a.txt')).toBe('mine ONE\ntwo\nthree\nbefore four\nFIVE\n')
    expect([...hunks.values()].map(({ status, paused }) => [status, paused])).toEqual([
      ['written', false],
      ['written', undefined],
    ])
  })

  test('[LIVE-14] goes on by itself after a while, and stands still once', async () => {
    const { browser, session } = await touched()
    const finished = session.finish()
    world.timers.advance(limits.touchedMs - 1)
    await diskIdle()
    expect(browser.text()).toContain('mine ON\n')
    world.timers.advance(1)
    expect(await finished).toMatchObject({ ok: true })
    expect(await world.read('a.txt')).toBe('mine ONE\ntwo\nthree\nbefore four\nFIVE\n')
  })

  test('[LIVE-15] gives way to the person: their text stays, the rest is made, the model is told', async () => {
    const { session, hunks } = await touched()
    const finished = session.finish()
    expect(session.decide('trn_t.1.1', 'keepMine')).toBe(true)
    const outcome = await finished
    expect(outcome.message).toMatch(/line 1 of a\.txt was not applied: a person/)
    expect(await world.read('a.txt')).toBe('one\nmine two\nthree\nbefore four\nFIVE\n')
    expect([...hunks.values()].map(({ status }) => status)).toEqual(['dropped', 'written'])
  })

  test('[LIVE-16] stopped while it stands still, the hunk is taken back', async () => {
    const { session } = await touched()
    expect(await session.cut()).toMatchObject({ ok: false })
    expect(await world.read('a.txt')).toBe('one\nmine two\nthree\nbefore four\nfive\n')
  })

  test('[LIVE-9] a problem is told in words, and other files go on', async () => {
    await setUp({ 'a.txt': 'one\n', 'b.bin': Uint8Array.of(0, 1), 'c.txt': 'one\n' })
    await chmod(join(world.root, 'c.txt'), 0o444)
    const { session, files } = world.edit()
    const update = (path: string) => [`*** Update File: ${path}`, '@@', '-one', '+two']
    session.push(
      patch(...['none', 'b.bin', 'c.txt', '../x', 'a.txt'].flatMap(update), '*** Delete File: gone.txt'),
    )
    const outcome = await session.finish()
    expect(outcome.message).toMatch(
      /Failed to read file to update none: No such file or directory \(os error 2\)/,
    )
    expect(outcome.message).toMatch(/b\.bin: it is a binary file/)
    expect(outcome.message).toMatch(/c\.txt: it is read-only/)
    expect(outcome.message).toMatch(/Failed to delete file gone\.txt/)
    expect(await world.read('a.txt')).toBe('two\n')
    expect(files.get('../x')).toMatchObject({ status: 'failed' })
    expect(files.get('a.txt')).toMatchObject({ status: 'written' })
  })

  test('[LIVE-10] shows the model’s caret while it writes', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const doc = new Y.Doc()
    const seen = new Awareness(doc)
    const live = await world.open('a.txt')
    live.join(
      { sync: () => undefined, awareness: (update) => applyAwarenessUpdate(seen, update, 'server') },
      undefined,
    )
    const models = () => [...seen.getStates().values()].filter((state) => 'author' in state)
    const { session } = world.edit()
    session.push('*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two')
    await diskIdle()
    expect(models()).toEqual([
      { author: { kind: 'model', name: 'Model', turnId: 'trn_t' }, cursor: expect.anything() },
    ])
    session.push('\n*** End Patch\n')
    await session.finish()
    expect(models()).toEqual([])
    seen.destroy()
  })

  test('[DISK-23] a browser speaks for itself alone', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const live = await world.open('a.txt')
    const seen = new Awareness(new Y.Doc())
    live.join(
      { sync: () => undefined, awareness: (update) => applyAwarenessUpdate(seen, update, 'server') },
      undefined,
    )
    const said = (client: number, clock: number, name: string) => {
      const state = JSON.stringify({ name })
      return Uint8Array.from([1, client, clock, state.length, ...new TextEncoder().encode(state)])
    }
    const [one, other] = [live.join(nothing, undefined), live.join(nothing, undefined)]
    one.receiveAwareness(said(7, 1, 'one'))
    other.receiveAwareness(said(7, 2, 'not one'))
    expect(seen.getStates().get(7)).toEqual({ name: 'one' })
    for (let client = 20; client < 60; client++) one.receiveAwareness(said(client, 1, 'crowd'))
    expect([...seen.getStates().values()].filter(({ name }) => name === 'crowd')).toHaveLength(
      limits.awarenessClients - 1,
    )
    one.leave()
    expect(seen.getStates().has(7)).toBe(false)
    seen.destroy()
  })
})

const halfOfTwo = '*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+ONE\n@@\n-three\n+THR'

describe('beside another program', () => {
  test('[LIVE-17] a file deleted while the model writes in it is there again with all of its text; model and people are told', async () => {
    for (const when of ['before it wrote', 'while it wrote', 'unseen']) {
      await setUp({ 'a.txt': 'one\ntwo\nthree\n' })
      const browser = await world.join('a.txt')
      const { session } = world.edit()
      const begins = when === 'before it wrote' ? halfOfTwo.indexOf('-one') : halfOfTwo.length
      session.push(halfOfTwo.slice(0, begins))
      await diskIdle()
      await rm(join(world.root, 'a.txt'))
      if (when !== 'unseen') world.tellDisk({ path: 'a.txt', kind: 'deleted' })
      await diskIdle()
      await browser.type('typed\n', 'two')
      session.push(`${halfOfTwo.slice(begins)}EE\n*** End Patch\n`)
      const outcome = await session.finish()
      expect(outcome).toMatchObject({ ok: true })
      expect(outcome.message).toMatch(/a\.txt was deleted by somebody else while you wrote.*there again/)
      expect(await world.read('a.txt')).toBe('ONE\ntyped\ntwo\nTHREE\n')
      expect(world.merged).toEqual(['a.txt:1 deleted'])
      await world.destroy()
    }
  })

  test('[LIVE-17] stopped before it wrote anything, the file stays gone and the text is in the document', async () => {
    await setUp({ 'a.txt': 'one\ntwo\nthree\n' })
    const browser = await world.join('a.txt')
    const { session } = world.edit()
    session.push(halfOfTwo.slice(0, halfOfTwo.indexOf('-one')))
    await diskIdle()
    await rm(join(world.root, 'a.txt'))
    world.tellDisk({ path: 'a.txt', kind: 'deleted' })
    await diskIdle()
    expect((await session.cut()).message).toMatch(/a\.txt was deleted by somebody else.*gone/)
    await world.flush()
    expect([await world.read('a.txt'), world.merged]).toEqual([undefined, []])
    expect(world.saved.at(-1)).toMatch(/deletedElsewhere/)
    expect(browser.text()).toBe('one\ntwo\nthree\n')
  })

  test('[LIVE-18] a change on disk comes in while the model writes, and half of its edit never reaches the disk', async () => {
    await setUp({ 'a.txt': 'one\ntwo\nthree\nfour\n' })
    const browser = await world.join('a.txt')
    const { session } = world.edit()
    session.push(halfOfTwo)
    await diskIdle()
    await world.write('a.txt', 'one\ntwo\nthree\nFOUR\n')
    world.tellDisk({ path: 'a.txt', kind: 'changed' })
    await diskIdle()
    expect(browser.text()).toBe('ONE\ntwo\nTHR\nFOUR\n')
    expect(await world.read('a.txt')).toBe('one\ntwo\nthree\nFOUR\n')
    session.push('EE\n*** End Patch\n')
    expect(await session.finish()).toMatchObject({ ok: true })
    expect(await world.read('a.txt')).toBe('ONE\ntwo\nTHREE\nFOUR\n')
    expect(world.merged).toEqual(['a.txt:4'])
  })

  test('[LIVE-19] a binary file the model wants to change stays as it is, and the model is told why', async () => {
    const bytes = Uint8Array.of(1, 0, 2, 3)
    await setUp({ 'a.bin': bytes, 'a.txt': 'one\n' })
    const { session, files } = world.edit()
    session.push(
      patch('*** Update File: a.bin', '@@', '-x', '+y', '*** Update File: a.txt', '@@', '-one', '+1'),
    )
    const outcome = await session.finish()
    expect(outcome.message).toContain('Failed to read file to update a.bin: it is a binary file')
    expect(files.get('a.bin')).toMatchObject({ status: 'failed', error: expect.stringContaining('binary') })
    expect(await readFile(join(world.root, 'a.bin'))).toEqual(Buffer.from(bytes))
    expect(await world.read('a.txt')).toBe('1\n')
  })
})

describe('files', () => {
  test('[LIVE-5] an added file is there when it is complete', async () => {
    await setUp({})
    const { session, undoable } = world.edit()
    session.push('*** Begin Patch\n*** Add File: src/a.txt\n+one\n+tw')
    await diskIdle()
    await world.flush()
    expect(await world.read('src/a.txt')).toBeUndefined()
    session.push('o\n*** End Patch\n')
    expect(await session.finish()).toMatchObject({ ok: true })
    expect(await world.read('src/a.txt')).toBe('one\ntwo\n')
    const redo = await world.revert(undoable())
    expect(await world.read('src/a.txt')).toBeUndefined()
    await world.revert(redo, 'redo')
    expect(await world.read('src/a.txt')).toBe('one\ntwo\n')
  })

  test('[LIVE-5] cut off or failed it leaves nothing', async () => {
    await setUp({})
    const { session } = world.edit()
    session.push('*** Begin Patch\n*** Add File: a.txt\n+one\n+tw')
    await diskIdle()
    await session.cut()
    await world.flush()
    expect(await world.read('a.txt')).toBeUndefined()
    expect(await world.store.readJournal(`${workspaceId}:a.txt`)).toBeUndefined()
    expect((await world.documents.open(workspaceId, 'a.txt')).ok).toBe(false)
  })

  test('[LIVE-5] unless a person wrote in it', async () => {
    await setUp({})
    const { session } = world.edit()
    session.push('*** Begin Patch\n*** Add File: a.txt\n+one\n+tw')
    await diskIdle()
    const browser = await world.join('a.txt')
    await browser.type('mine\n')
    await session.cut()
    expect(browser.text()).toBe('mine\n')
    expect(await world.read('a.txt')).toBe('mine\n')
  })

  test('[LIVE-6] a deleted file comes back with its mode', async () => {
    await setUp({ 'a.sh': 'one\r\ntwo\r\n', 'b.bin': Uint8Array.of(0, 1), 'empty.txt': '' })
    await chmod(join(world.root, 'a.sh'), 0o755)
    const { session, undoable, hunks } = world.edit()
    session.push(patch('*** Delete File: a.sh', '*** Delete File: b.bin', '*** Delete File: empty.txt'))
    expect(await session.finish()).toMatchObject({ ok: true })
    const paths = ['a.sh', 'b.bin', 'empty.txt']
    const contents = () => Promise.all(paths.map((path) => world.read(path)))
    expect(await contents()).toEqual([undefined, undefined, undefined])
    expect([...hunks.values()][0]).toMatchObject({ removedLines: 2, status: 'written' })
    world.crash()
    const redo = await world.revert(undoable())
    expect(await contents()).toEqual(['one\r\ntwo\r\n', '\0\x01', ''])
    expect(await world.mode('a.sh')).toBe(0o755)
    const undo = await world.revert(redo, 'redo')
    expect(await contents()).toEqual([undefined, undefined, undefined])
    await world.revert(undo)
    expect(await contents()).toEqual(['one\r\ntwo\r\n', '\0\x01', ''])
  })

  test('[LIVE-6] it stays when the model had not seen all of it', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const turn = world.snapshots()
    await turn.note(workspaceId, 'a.txt')
    await (await world.join('a.txt')).type('mine\n')
    const { session } = world.edit(turn)
    session.push(patch('*** Delete File: a.txt'))
    await session.finish()
    expect(await world.read('a.txt')).toBe('mine\n')
    turn.close()
  })

  test('[LIVE-7] a moved file keeps its history; undo brings it back with what was typed since', async () => {
    await setUp({ 'a.txt': 'one\ntwo\n' })
    const { session, undoable } = world.edit()
    session.push(patch('*** Update File: a.txt', '*** Move to: d/b.txt', '@@', '-one', '+1', ' two'))
    expect(await session.finish()).toMatchObject({ ok: true })
    expect([await world.read('a.txt'), await world.read('d/b.txt')]).toEqual([undefined, '1\ntwo\n'])
    await (await world.join('d/b.txt')).type('typed\n')
    await world.flush()
    const redo = await world.revert(undoable())
    expect([await world.read('a.txt'), await world.read('d/b.txt')]).toEqual(['one\ntwo\ntyped\n', undefined])
    await world.revert(redo, 'redo')
    expect([await world.read('a.txt'), await world.read('d/b.txt')]).toEqual([undefined, '1\ntwo\ntyped\n'])
  })

  test('[LIVE-7] that is so after a restart too', async () => {
    await setUp({ 'a.txt': 'one\ntwo\n' })
    const { session, undoable } = world.edit()
    session.push(patch('*** Update File: a.txt', '*** Move to: b.txt', '@@', '-one', '+1', ' two'))
    await session.finish()
    world.crash()
    const redo = await world.revert(undoable())
    expect([await world.read('a.txt'), await world.read('b.txt')]).toEqual(['one\ntwo\n', undefined])
    world.crash()
    await world.revert(redo, 'redo')
    expect([await world.read('a.txt'), await world.read('b.txt')]).toEqual([undefined, '1\ntwo\n'])
  })

  test('[LIVE-7] moved over another file, undo gives both back', async () => {
    await setUp({ 'a.txt': 'one\ntwo\n', 'b.txt': 'other\n' })
    const { session, undoable } = world.edit()
    session.push(patch('*** Update File: a.txt', '*** Move to: b.txt', '@@', '-one', '+1', ' two'))
    await session.finish()
    expect([await world.read('a.txt'), await world.read('b.txt')]).toEqual([undefined, '1\ntwo\n'])
    world.crash()
    const redo = await world.revert(undoable())
    expect([await world.read('a.txt'), await world.read('b.txt')]).toEqual(['one\ntwo\n', 'other\n'])
    await world.revert(redo, 'redo')
    expect([await world.read('a.txt'), await world.read('b.txt')]).toEqual([undefined, '1\ntwo\n'])
  })

  test('[LIVE-5] adding over a file replaces it, undo gives it back', async () => {
    await setUp({ 'a.txt': 'old\n' })
    const { session, undoable } = world.edit()
    session.push(patch('*** Add File: a.txt', '+new'))
    await session.finish()
    expect(await world.read('a.txt')).toBe('new\n')
    await world.revert(undoable())
    expect(await world.read('a.txt')).toBe('old\n')
  })
})

describe('undo', () => {
  test('[LIVE-8] keeps what was typed since, also after a restart and for files nobody has open', async () => {
    await setUp({ 'a.txt': 'one\ntwo\nthree\n', 'b.txt': 'b\n' })
    const { session, undoable } = world.edit()
    session.push(
      patch(
        '*** Update File: a.txt',
        '@@',
        ' one',
        '-two',
        '+TWO',
        ' three',
        '*** Update File: b.txt',
        '@@',
        '-b',
        '+B',
      ),
    )
    await session.finish()
    await (await world.join('a.txt')).type('typed ', 'three')
    world.crash()
    const redo = await world.revert(undoable())
    expect([await world.read('a.txt'), await world.read('b.txt')]).toEqual(['one\ntwo\ntyped three\n', 'b\n'])
    world.crash()
    await world.revert(redo, 'redo')
    expect([await world.read('a.txt'), await world.read('b.txt')]).toEqual(['one\nTWO\ntyped three\n', 'B\n'])
  })

  test('[LIVE-8] of a file that was deleted since makes it again', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const { session, undoable } = world.edit()
    session.push(patch('*** Update File: a.txt', '@@', '-one', '+two'))
    await session.finish()
    await rm(join(world.root, 'a.txt'))
    await world.revert(undoable())
    expect(await world.read('a.txt')).toBe('one\n')
  })

  test('[LIVE-13] what is taken back is shown when it is durable, and what is typed after it keeps its order', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const { store } = world
    let held: PromiseWithResolvers<void> | undefined
    world.store = {
      ...store,
      appendUpdate: async (key, update) => {
        await held?.promise
        return store.appendUpdate(key, update)
      },
    }
    world.crash()
    const [reader, typist] = [await world.join('a.txt'), await world.join('a.txt')]
    const { session, undoable } = world.edit()
    session.push(patch('*** Update File: a.txt', '@@', '-one', '+two'))
    await session.finish()
    held = Promise.withResolvers()
    const reverting = world.revert(undoable())
    await diskIdle()
    const typing = typist.type('typed\n')
    expect((await world.open('a.txt')).doc.getText('text').toString()).toContain('one\n')
    expect(reader.text()).toBe('two\n')
    held.resolve()
    await Promise.all([reverting, typing])
    await diskIdle()
    expect(reader.text()).toBe((await world.open('a.txt')).doc.getText('text').toString())
    expect(reader.text()).toContain('one\n')
    expect(reader.text()).toContain('typed\n')
  })

  test('[LIVE-12] a finished hunk of which nobody was told is taken back, one the log knows stays', async () => {
    await setUp({ 'a.txt': 'one\ntwo\nthree\n' })
    const { session, hunks } = world.edit()
    session.push('*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+1\n@@\n-two\n+2\n@@\n-three\n+3 a')
    await diskIdle()
    await (await world.join('a.txt')).type('mine\n', '2')
    world.crash()
    const [first] = [...hunks.values()]
    const written = [{ path: 'a.txt', id: first!.id, changes: first!.changes! }]
    const turn = { turnId: turnIdSchema.parse('trn_t'), paths: ['a.txt'], written }
    const recovered = await world.documents.recover(workspaceId, { ...turn, settled: new Set([first!.id]) })
    expect(recovered).toEqual({ lost: new Set(), present: new Set(['a.txt']) })
    await world.flush()
    expect(await world.read('a.txt')).toBe('1\ntwo\nmine\nthree\n')
  })

  test('[LIVE-12] hunks of a file the log does not name yet are found by what was unsaved', async () => {
    await setUp({ 'a.txt': 'one\ntwo\n' })
    const { session } = world.edit()
    session.push(
      '*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+1\n@@\n-two\n+2\n*** Update File: b.txt\n',
    )
    await diskIdle()
    world.crash()
    // A server that saves the documents and dies before it comes to the threads.
    await world.flush()
    world.crash()
    const turn = { turnId: turnIdSchema.parse('trn_t'), paths: [], written: [], settled: new Set<string>() }
    await world.documents.recover(workspaceId, turn)
    await world.flush()
    expect(await world.read('a.txt')).toBe('one\ntwo\n')
  })

  test('[LIVE-12] a hunk the log knows and the journal lacks is named', async () => {
    await setUp({ 'a.txt': 'one\n', 'b.txt': 'one\n' })
    const journal = dyingJournal()
    for (const path of ['a.txt', 'b.txt']) await (await world.join(path)).type('typed\n')
    const { session, hunks } = world.edit()
    session.push('*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+1\n*** Update File: b.txt\n@@\n-one\n')
    await diskIdle()
    journal.die()
    session.push('+1\n*** Delete File: c.txt\n')
    const reported = [...hunks.values()]
    expect(reported.map(({ status }) => status)).toEqual(['written', 'written'])
    journal.revive()
    const written = reported.map(({ path, id, changes }) => ({ path, id, changes: changes! }))
    const settled = new Set<string>(reported.map(({ id }) => id))
    const turn = { turnId: turnIdSchema.parse('trn_t'), paths: ['a.txt', 'b.txt'], written, settled }
    expect((await world.documents.recover(workspaceId, turn)).lost).toEqual(new Set([reported[1]!.id]))
    await world.flush()
    expect(await world.read('a.txt')).toBe('1\ntyped\n')
    expect(await world.read('b.txt')).toBe('one\ntyped\n')
  })

  test('[LIVE-12] a finished hunk that only a browser has is taken back when it brings it', async () => {
    await setUp({ 'a.txt': 'one\ntwo\n' })
    const journal = dyingJournal()
    const browser = await world.join('a.txt', new Y.Doc({ gc: false }))
    await browser.type('typed\n')
    journal.die()
    const { session } = world.edit()
    session.push('*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+1\n@@\n-two\n')
    await diskIdle()
    expect(browser.text()).toContain('1\n')
    journal.revive()
    const turn = {
      turnId: turnIdSchema.parse('trn_t'),
      paths: ['a.txt'],
      written: [],
      settled: new Set<string>(),
    }
    await world.documents.recover(workspaceId, turn)
    const live = await world.open('a.txt')
    await live.join(nothing, undefined).receive(Y.encodeStateAsUpdate(browser.doc))
    await world.flush()
    expect(await world.read('a.txt')).toBe('one\ntwo\ntyped\n')
  })

  test('[LIVE-12] a hunk of which the journal has a part and a browser the rest is taken back whole', async () => {
    const lines = ['one\n', 'two\n', 'three\n']
    await setUp({ 'a.txt': lines.join('') })
    const journal = dyingJournal()
    const browser = await world.join('a.txt', new Y.Doc({ gc: false }))
    await browser.type('typed\n', 'three')
    const { session } = world.edit()
    session.push('*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+1\n')
    await diskIdle()
    expect(browser.text()).toContain('1\n')
    journal.die()
    session.push('-two\n+2\n@@\n-three\n')
    world.timers.advance(limits.mergeLatestMs)
    await diskIdle()
    expect(browser.text()).toBe('1\n2\ntyped\nthree\n')
    journal.revive()
    const { doc } = await world.open('a.txt')
    expect(textOf(doc).toString()).toBe('one\ntwo\ntyped\nthree\n')
    const live = await world.open('a.txt')
    await live.join(nothing, undefined).receive(Y.encodeStateAsUpdate(browser.doc))
    await world.flush()
    expect(await world.read('a.txt')).toBe('one\ntwo\ntyped\nthree\n')
  })

  test('[LIVE-12] an added file reaches the journal in one row', async () => {
    await setUp({})
    const { session } = world.edit()
    session.push(patch('*** Add File: a.txt', '+one', '+two'))
    await session.finish()
    const first = (await world.store.readJournal(`${workspaceId}:a.txt`))?.updates[0]
    const doc = new Y.Doc()
    Y.applyUpdate(doc, first!)
    expect(textOf(doc).toString()).toBe('one\ntwo\n')
  })

  test('[LIVE-11] after a crash half a hunk is gone and whole ones are there', async () => {
    await setUp({ 'a.txt': 'one\ntwo\nthree\n' })
    const { session } = world.edit()
    session.push('*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+1\n@@\n-three\n+3 and ha')
    await diskIdle()
    const browser = await world.join('a.txt')
    await browser.type('mine\n', 'two')
    world.crash()
    await world.flush()
    expect(await world.read('a.txt')).toBe('1\nmine\ntwo\nthree\n')
    const live = await world.open('a.txt')
    await live.join(nothing, undefined).receive(Y.encodeStateAsUpdate(browser.doc))
    await world.flush()
    expect(await world.read('a.txt')).toBe('1\nmine\ntwo\nthree\n')
  })
})
