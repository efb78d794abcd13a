import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { textOf } from '../../core/document/document-text.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { limits } from '../../core/protocol/limits.ts'
import { diskIdle } from '../testing/disk-idle.ts'
import { DocumentsWorld, workspaceId } from '../testing/documents-world.ts'
import { decodeText, encodeText } from './disk-text.ts'

let world: DocumentsWorld
const setUp = async (files: Record<string, string | Uint8Array>) => {
  world = await DocumentsWorld.create(files)
  return world
}
afterEach(async () => {
  await world.destroy()
  expect(world.bugs).toEqual([])
})

async function advanceUntil(done: Promise<void>): Promise<void> {
  let isOver = false
  const over = done.finally(() => {
    isOver = true
  })
  while (!isOver) {
    world.timers.advance(limits.cutShortMs)
    await new Promise(setImmediate)
  }
  await over
}

describe('opening', () => {
  test('[DISK-1] text opens; what is none says why', async () => {
    await setUp({
      'a.txt': 'one\n',
      'b.bin': Uint8Array.of(1, 0, 2),
      'c.txt': Uint8Array.of(0xff, 0x41),
      'd.txt': new Uint8Array(limits.documentBytes + 1).fill(65),
    })
    expect((await world.open('a.txt')).eol).toBe('lf')
    const kinds = await Promise.all(
      ['b.bin', 'c.txt', 'd.txt', 'none'].map((path) => world.documents.open(workspaceId, path)),
    )
    expect(kinds.map((opened) => !opened.ok && opened.error.kind)).toEqual([
      'binary',
      'notUtf8',
      'tooLarge',
      'notFound',
    ])
    await expect(world.documents.open(workspaceId, '../x')).rejects.toMatchObject({ code: 'pathDenied' })
  })

  test('[DISK-2] two who open at once get one document', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const [first, second] = await Promise.all([world.open('a.txt'), world.open('a.txt')])
    expect(first).toBe(second)
  })

  test('[DISK-3] a load error is an error, never an empty document', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const { store } = world
    world.store = { ...store, readJournal: () => Promise.reject(new Error('torn')) }
    world.crash()
    await expect(world.documents.open(workspaceId, 'a.txt')).rejects.toThrow('torn')
    world.store = store
    world.crash()
    expect((await world.join('a.txt')).text()).toBe('one\n')
  })

  test('[DISK-4] a read-only file can be read, not written', async () => {
    await setUp({ 'a.txt': 'one\n' })
    await chmod(join(world.root, 'a.txt'), 0o444)
    const live = await world.open('a.txt')
    expect(live.readOnly).toBe(true)
    const browser = await world.join('a.txt')
    await expect(browser.type('x')).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('[DISK-5] it stays while somebody has it open, and is let go some time after', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const live = await world.open('a.txt')
    const browser = await world.join('a.txt')
    await world.flush()
    world.timers.advance(limits.documentIdleMs * 2)
    expect(await world.open('a.txt')).toBe(live)
    browser.leave()
    world.timers.advance(limits.documentIdleMs + 1)
    const again = await world.open('a.txt')
    expect(again).not.toBe(live)
    expect(again.incarnation).toBe(live.incarnation)
  })
})

describe('typing', () => {
  test('[DISK-6] an update is acknowledged when it is durable, and reaches the others before', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const { store } = world
    const gate = Promise.withResolvers<void>()
    let isOpen = true
    world.store = {
      ...store,
      async appendUpdate(key, update) {
        if (!isOpen) await gate.promise
        return store.appendUpdate(key, update)
      },
    }
    world.crash()
    const [one, two] = [await world.join('a.txt'), await world.join('a.txt')]
    await one.type('zero ', 'one')
    isOpen = false
    let acknowledged = false
    const typing = one.type('half ', 'one').then(() => {
      acknowledged = true
    })
    expect(two.text()).toBe('zero half one\n')
    await new Promise((resolve) => setImmediate(resolve))
    expect(acknowledged).toBe(false)
    gate.resolve()
    await typing
  })

  test('[DISK-7] malformed updates and content that is no text are refused', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const live = await world.open('a.txt')
    const link = live.join({ sync: () => undefined, awareness: () => undefined }, undefined)
    await expect(link.receive(Uint8Array.of(9, 9, 9))).rejects.toMatchObject({ code: 'badFrame' })
    const other = new Y.Doc()
    textOf(other).insertEmbed(0, { image: 'x' })
    await expect(link.receive(Y.encodeStateAsUpdate(other))).rejects.toMatchObject({ code: 'badFrame' })
    link.receiveAwareness(Uint8Array.of(1, 2))
    expect(() => live.join({ sync: () => undefined, awareness: () => undefined }, Uint8Array.of(5))).toThrow()
    expect(textOf(live.doc).toString()).toBe('one\n')
  })

  test('[DISK-8] updates that come out of order or twice are all kept, through a crash too', async () => {
    await setUp({ 'a.txt': '' })
    const live = await world.open('a.txt')
    const link = live.join({ sync: () => undefined, awareness: () => undefined }, undefined)
    const doc = new Y.Doc()
    const updates: Uint8Array[] = []
    doc.on('update', (update: Uint8Array) => updates.push(update))
    for (const part of ['a', 'b', 'c']) textOf(doc).insert(textOf(doc).length, part)
    const [first, second, third] = updates
    await link.receive(third!)
    await link.receive(second!)
    world.crash()
    const again = (await world.open('a.txt')).join(
      { sync: () => undefined, awareness: () => undefined },
      undefined,
    )
    await again.receive(first!)
    await again.receive(first!)
    expect(textOf((await world.open('a.txt')).doc).toString()).toBe('abc')
  })
})

describe('to disk', () => {
  test('[DISK-9] a change is written within flushAfterMs of the last, without a pause within flushLatestMs', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const browser = await world.join('a.txt')
    await browser.type('two\n')
    expect(world.saved).toEqual(['a.txt unsaved'])
    expect(await world.read('a.txt')).toBe('one\n')
    world.timers.advance(limits.flushAfterMs)
    await diskIdle()
    expect(await world.read('a.txt')).toBe('one\ntwo\n')
    expect(world.saved).toEqual(['a.txt unsaved', 'a.txt saved'])
    for (let waited = 0; waited < limits.flushLatestMs; waited += 200) {
      await browser.type('.')
      world.timers.advance(200)
    }
    await diskIdle()
    expect((await world.read('a.txt'))?.length).toBeGreaterThan('one\ntwo\n'.length)
  })

  test('[DISK-10] flush writes at once', async () => {
    await setUp({ 'a.txt': 'one\n', 'b.txt': '' })
    await (await world.join('a.txt')).type('two\n')
    await (await world.join('b.txt')).type('three\n')
    await world.flush()
    expect([await world.read('a.txt'), await world.read('b.txt')]).toEqual(['one\ntwo\n', 'three\n'])
  })

  test('[DISK-11] mode, CRLF, byte order mark and a missing last line end stay', async () => {
    await setUp({ 'a.sh': '\ufeff#!/bin/sh\r\necho\r\nmixed\nend' })
    await chmod(join(world.root, 'a.sh'), 0o755)
    const browser = await world.join('a.sh')
    expect(browser.text()).toBe('#!/bin/sh\necho\nmixed\nend')
    await browser.type('new\n', 'echo')
    await world.flush()
    expect(await world.read('a.sh')).toBe('\ufeff#!/bin/sh\r\nnew\r\necho\r\nmixed\r\nend')
    expect(await world.mode('a.sh')).toBe(0o755)
  })

  test('[DISK-11] any text and format survive writing and reading', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\r', '')),
        fc.constantFrom<'lf' | 'crlf'>('lf', 'crlf'),
        fc.boolean(),
        (text, eol, bom) => {
          const decoded = decodeText(encodeText(text, { eol, bom }))
          expect(decoded?.text).toBe(text.startsWith('\ufeff') && !bom ? text.slice(1) : text)
          if (text.includes('\n')) expect(decoded?.format.eol).toBe(eol)
        },
      ),
    )
  })

  test('[DISK-25] a file that may not be read is refused with these words', async () => {
    await setUp({ 'a.txt': 'one\n' })
    await chmod(world.root, 0o755)
    await chmod(join(world.root, 'a.txt'), 0)
    // Root may read everything.
    const isRoot = process.geteuid?.() === 0
    if (isRoot) process.seteuid?.(65534)
    try {
      await expect(world.open('a.txt')).rejects.toMatchObject({ code: 'forbidden' })
    } finally {
      if (isRoot) process.seteuid?.(0)
    }
  })

  test('[DISK-12] a disk that refuses is tried again; meanwhile it says so and nothing is lost', async () => {
    await setUp({})
    await mkdir(join(world.root, 'd'))
    await world.write('d/a.txt', 'one\n')
    const browser = await world.join('d/a.txt')
    await browser.type('two\n')
    // The folder becomes a file: nothing can be written there.
    await rm(join(world.root, 'd'), { recursive: true })
    await writeFile(join(world.root, 'd'), '')
    await world.flush()
    expect(world.saved.at(-1)).toMatch(/^d\/a\.txt unsaved \(.+\)$/)
    await browser.type('three\n')
    await rm(join(world.root, 'd'))
    world.timers.advance(limits.diskRetryCeilingMs)
    await diskIdle()
    expect(await world.read('d/a.txt')).toBe('one\ntwo\nthree\n')
    expect(world.saved.at(-1)).toBe('d/a.txt saved')
  })

  test('[DISK-12] a workspace folder that vanished is not made anew; when it is back the text is written', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const browser = await world.join('a.txt')
    await rename(world.root, `${world.root}.away`)
    await browser.type('two\n')
    await world.flush()
    expect(world.saved.at(-1)).toBe('a.txt unsaved (folderGone)')
    expect(await world.read('a.txt')).toBeUndefined()
    await rename(`${world.root}.away`, world.root)
    world.timers.advance(limits.diskRetryCeilingMs)
    await diskIdle()
    expect(await world.read('a.txt')).toBe('one\ntwo\n')
    expect(world.saved.at(-1)).toBe('a.txt saved')
  })

  test('[DISK-13] the journal is folded into a snapshot once it is long', async () => {
    await setUp({ 'a.txt': '' })
    const { store } = world
    let compacted = 0
    world.store = {
      ...store,
      compactJournal: (...parameters) => {
        compacted += 1
        return store.compactJournal(...parameters)
      },
    }
    world.crash()
    const browser = await world.join('a.txt')
    for (let i = 0; i < limits.journalUpdates; i++) await browser.type(String(i % 10))
    await world.flush()
    expect(compacted).toBe(1)
    const journal = await store.readJournal(`${workspaceId}:a.txt`)
    expect(journal?.updates.length).toBe(1)
    const text = browser.text()
    await browser.type('!')
    world.crash()
    expect((await world.join('a.txt')).text()).toBe(`${text}!`)
  })
})

describe('from disk', () => {
  test('[DISK-14] a change on disk is merged with what is typed, and written', async () => {
    await setUp({ 'a.txt': 'one\ntwo\nthree\n' })
    const browser = await world.join('a.txt')
    await browser.type('typed ', 'two')
    await world.write('a.txt', 'zero\none\ntwo\nthree!\n')
    world.tellDisk({ path: 'a.txt', kind: 'changed' })
    await world.flush()
    expect(browser.text()).toBe('zero\none\ntyped two\nthree!\n')
    expect(await world.read('a.txt')).toBe(browser.text())
  })

  test('[DISK-14] it is seen before writing even when nobody told', async () => {
    await setUp({ 'a.txt': 'one\ntwo\n' })
    const browser = await world.join('a.txt')
    await browser.type('typed ', 'two')
    await world.write('a.txt', 'ONE\ntwo\n')
    await world.flush()
    expect(await world.read('a.txt')).toBe('ONE\ntyped two\n')
    await browser.type('again ', 'typed')
    await world.write('a.txt', 'ONE\ntyped two\nthree\n')
    await world.flush()
    expect(await world.read('a.txt')).toBe('ONE\nagain typed two\nthree\n')
  })

  test('[DISK-29] a file that another program is just filling is not taken for an emptied one', async () => {
    await setUp({ 'a.txt': 'one\ntwo\n' })
    const browser = await world.join('a.txt')
    await world.write('a.txt', '')
    const after = vi.spyOn(world.timers, 'after')
    world.tellDisk({ path: 'a.txt', kind: 'changed' })
    const flushed = world.flush()
    await vi.waitFor(() => expect(after).toHaveBeenCalledWith(limits.cutShortMs, expect.any(Function)))
    await browser.type('typed ', 'two')
    await world.write('a.txt', 'zero\none\ntwo\n')
    await advanceUntil(flushed)
    expect(browser.text()).toBe('zero\none\ntyped two\n')
    expect(await world.read('a.txt')).toBe(browser.text())
  })

  test('[DISK-29] a file that stays empty is emptied', async () => {
    await setUp({ 'a.txt': 'one\ntwo\n' })
    const browser = await world.join('a.txt')
    await world.write('a.txt', '')
    world.tellDisk({ path: 'a.txt', kind: 'changed' })
    await advanceUntil(world.flush())
    expect(browser.text()).toBe('')
  })

  test('[DISK-15] a file deleted on disk stays open, says so, and is made again when somebody changes it', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const browser = await world.join('a.txt')
    await rm(join(world.root, 'a.txt'))
    world.tellDisk({ path: 'a.txt', kind: 'deleted' })
    await world.flush()
    expect(browser.text()).toBe('one\n')
    expect(world.saved.at(-1)).toMatch(/^a\.txt unsaved \(deletedElsewhere\)/)
    world.timers.advance(limits.flushLatestMs)
    await world.flush()
    expect(await world.read('a.txt')).toBeUndefined()
    await browser.type('two\n')
    await world.flush()
    expect(await world.read('a.txt')).toBe('one\ntwo\n')
    expect(world.saved.at(-1)).toBe('a.txt saved')
  })

  test('[DISK-50] a file that is gone is made again with the text as it is, when a person asks for that', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const browser = await world.join('a.txt')
    await rm(join(world.root, 'a.txt'))
    world.tellDisk({ path: 'a.txt', kind: 'deleted' })
    await world.flush()
    await world.documents.save(workspaceId, 'a.txt')
    expect(await world.read('a.txt')).toBe('one\n')
    expect(world.saved.at(-1)).toBe('a.txt saved')
    await browser.type('two\n')
    await world.flush()
    expect(await world.read('a.txt')).toBe('one\ntwo\n')
    await expect(world.documents.save(workspaceId, 'none.txt')).rejects.toMatchObject({ code: 'notFound' })
  })

  test('[DISK-50] what the disk refuses it refuses then too, and says so', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const browser = await world.join('a.txt')
    await browser.type('two\n')
    await world.write('a.txt', Uint8Array.of(0, 1, 2))
    await world.documents.save(workspaceId, 'a.txt')
    expect(await world.read('a.txt')).toBe('\0\x01\x02')
    expect(world.saved.at(-1)).toBe('a.txt unsaved (notText)')
  })

  test('[DISK-16] a file that is no text any more is not overwritten', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const browser = await world.join('a.txt')
    await browser.type('two\n')
    await world.write('a.txt', Uint8Array.of(0, 1, 2))
    await world.flush()
    expect(await world.read('a.txt')).toBe('\0\x01\x02')
    expect(world.saved.at(-1)).toBe('a.txt unsaved (notText)')
    await world.write('a.txt', 'one\n')
    world.timers.advance(limits.diskRetryCeilingMs)
    await diskIdle()
    expect(await world.read('a.txt')).toBe('one\ntwo\n')
  })

  test('[DISK-17] line ends changed on disk are kept', async () => {
    await setUp({ 'a.txt': 'one\ntwo\n' })
    const browser = await world.join('a.txt')
    await world.write('a.txt', 'one\r\ntwo\r\n')
    world.tellDisk({ path: 'a.txt', kind: 'changed' })
    await world.flush()
    expect((await world.open('a.txt')).eol).toBe('crlf')
    await browser.type('three\n')
    await world.flush()
    expect(await world.read('a.txt')).toBe('one\r\ntwo\r\nthree\r\n')
  })
})

describe('what people are told of the disk', () => {
  test('[DISK-26] what another program wrote is told with its first line, to who has it open, and never what was written here', async () => {
    await setUp({ 'a.txt': 'one\ntwo\nthree\n', 'b.txt': 'one\n' })
    const browser = await world.join('a.txt')
    await browser.type('typed ', 'two')
    await world.flush()
    world.tellDisk({ path: 'a.txt', kind: 'changed' })
    await world.flush()
    expect(world.merged).toEqual([])
    await world.write('a.txt', 'one\ntyped two\nTHREE\n')
    world.tellDisk({ path: 'a.txt', kind: 'changed' })
    await world.flush()
    expect(world.merged).toEqual(['a.txt:3'])
    // Nobody looks at this one.
    await world.open('b.txt')
    await world.write('b.txt', 'ONE\n')
    world.tellDisk({ path: 'b.txt', kind: 'changed' })
    await world.flush()
    expect((await world.open('b.txt')).doc.getText('text').toString()).toBe('ONE\n')
    expect(world.merged).toEqual(['a.txt:3'])
  })

  test('[DISK-27] a file deleted while somebody writes in it is made again, and that is told', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const browser = await world.join('a.txt')
    await browser.type('two\n')
    await rm(join(world.root, 'a.txt'))
    world.tellDisk({ path: 'a.txt', kind: 'deleted' })
    await world.flush()
    expect(await world.read('a.txt')).toBe('one\ntwo\n')
    expect(world.merged).toEqual(['a.txt:1 deleted'])
    // Who was told that it is gone and writes all the same knows.
    await rm(join(world.root, 'a.txt'))
    await world.flush()
    world.tellDisk({ path: 'a.txt', kind: 'deleted' })
    await world.flush()
    await browser.type('three\n')
    await world.flush()
    expect(await world.read('a.txt')).toBe('one\ntwo\nthree\n')
    expect(world.merged).toEqual(['a.txt:1 deleted'])
  })
})

describe('after a crash', () => {
  test('[DISK-18] what was acknowledged is there, and reaches the disk though nobody opens it', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const browser = await world.join('a.txt')
    await browser.type('two\n')
    world.crash()
    await world.flush()
    expect(await world.read('a.txt')).toBe('one\ntwo\n')
    expect((await world.join('a.txt', browser.doc)).text()).toBe('one\ntwo\n')
  })

  test('[DISK-24] what a write left behind when the server died is removed, and nothing else', async () => {
    await setUp({ 'a.txt': 'one\n', '.0123456789ab.tandem-tmp': 'one\nt', 'mine.tandem-tmp': 'mine' })
    await (await world.join('a.txt')).type('two\n')
    world.crash()
    await world.flush()
    expect(await world.read('a.txt')).toBe('one\ntwo\n')
    expect(await world.read('.0123456789ab.tandem-tmp')).toBeUndefined()
    expect(await world.read('mine.tandem-tmp')).toBe('mine')
  })

  test('[DISK-24] a write waits until it is noted that there is one', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const { store } = world
    let note = () => {}
    const noted = new Promise<void>((resolve) => {
      note = resolve
    })
    world.store = { ...store, setValue: (key, value) => noted.then(() => store.setValue(key, value)) }
    world.crash()
    const typing = (await world.join('a.txt')).type('two\n')
    const flushing = world.flush()
    await diskIdle()
    expect(await world.read('a.txt')).toBe('one\n')
    note()
    await Promise.all([typing, flushing])
    expect(await world.read('a.txt')).toBe('one\ntwo\n')
  })

  test('[DISK-19] a browser that joins again brings what was not acknowledged', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const browser = await world.join('a.txt')
    await browser.type('two\n')
    const { incarnation } = await world.open('a.txt')
    world.crash()
    textOf(browser.doc).insert(0, 'zero\n')
    const live = await world.open('a.txt')
    expect(live.incarnation).toBe(incarnation)
    const link = live.join({ sync: () => undefined, awareness: () => undefined }, undefined)
    await link.receive(Y.encodeStateAsUpdate(browser.doc))
    expect(textOf(live.doc).toString()).toBe('zero\none\ntwo\n')
  })

  test('[DISK-20] a change on disk while the server was down is merged with what the disk lacked', async () => {
    await setUp({ 'a.txt': 'one\ntwo\nthree\n' })
    const browser = await world.join('a.txt')
    await browser.type('flushed ', 'three')
    await world.flush()
    await browser.type('typed ', 'two')
    await world.write('a.txt', 'ONE\ntwo\nflushed three\n')
    world.crash()
    await world.flush()
    expect(await world.read('a.txt')).toBe('ONE\ntyped two\nflushed three\n')
  })

  test('[DISK-20] a write the server died in before noting it is not taken for somebody else’s', async () => {
    await setUp({ 'a.txt': 'one\n' })
    const browser = await world.join('a.txt')
    await browser.type('two\n')
    await world.write('a.txt', 'one\ntwo\n')
    await browser.type('three\n')
    world.crash()
    await world.flush()
    expect(await world.read('a.txt')).toBe('one\ntwo\nthree\n')
  })

  test('[DISK-20] a merge the server died in is not done twice', async () => {
    await setUp({ 'a.txt': 'one\ntwo\n' })
    const browser = await world.join('a.txt')
    await browser.type('typed ', 'two')
    const { store } = world
    const mark = (await store.readJournal(`${workspaceId}:a.txt`))?.disk
    await world.write('a.txt', 'new\none\ntwo\n')
    await world.flush()
    await store.markDisk(`${workspaceId}:a.txt`, mark!)
    await world.write('a.txt', 'new\none\ntwo\n')
    world.crash()
    await world.open('a.txt')
    await world.flush()
    expect(await world.read('a.txt')).toBe('new\none\ntyped two\n')
  })

  test('[DISK-21] a file deleted while the server was down is gone, unless it had changes the disk lacked', async () => {
    await setUp({ 'a.txt': 'one\n', 'b.txt': 'one\n' })
    const [a, b] = [await world.join('a.txt'), await world.join('b.txt')]
    await a.type('two\n')
    await world.flush()
    await b.type('two\n')
    await rm(join(world.root, 'a.txt'))
    await rm(join(world.root, 'b.txt'))
    world.crash()
    await world.flush()
    expect((await world.documents.open(workspaceId, 'a.txt')).ok).toBe(false)
    expect(await world.read('b.txt')).toBe('one\ntwo\n')
  })

  test('[DISK-22] a store that fails is tried again, and nothing is acknowledged before', () => refuse(true))
  test('[DISK-22] so it is where the very first change is refused', () => refuse(false))

  async function refuse(isTypedIn: boolean): Promise<void> {
    await setUp({ 'a.txt': 'one\n' })
    const { store } = world
    let isFull = false
    world.store = {
      ...store,
      appendUpdate: (key, update) => refused() ?? store.appendUpdate(key, update),
      setValue: (key, value) => refused() ?? store.setValue(key, value),
      markDisk: (key, disk) => refused() ?? store.markDisk(key, disk),
    }
    function refused(): Promise<never> | undefined {
      return isFull ? Promise.reject(new RequestError('storageFailed', 'disk full')) : undefined
    }
    world.crash()
    const browser = await world.join('a.txt')
    if (isTypedIn) await browser.type('two\n')
    isFull = true
    let acknowledged = false
    const typing = browser.type('three\n').then(() => {
      acknowledged = true
    })
    await diskIdle()
    expect(acknowledged).toBe(false)
    expect(world.saved.at(-1)).toMatch(/unsaved \(notStored disk full/)
    isFull = false
    for (let tries = 0; tries < 3; tries++) {
      world.timers.advance(limits.diskRetryMs)
      await diskIdle()
    }
    await typing
    await browser.type('four\n')
    world.crash()
    expect((await world.join('a.txt')).text()).toBe(`one\n${isTypedIn ? 'two\n' : ''}three\nfour\n`)
  }
})
