import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { decodeBase64, encodeBase64 } from '../../core/document/base64.ts'
import { createDocument, textOf } from '../../core/document/document-text.ts'
import { type DocumentFrame, encodeDocumentFrame, parseDocumentFrame } from '../../core/document/frames.ts'
import { ManualClock } from '../../core/lib/clock.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { workspaceIdSchema } from '../../core/protocol/ids.ts'
import type { Connection } from '../connection/connection.ts'
import { createDocumentReplicas } from './document-replicas.ts'
import { createUnsavedEditsStorage } from './unsaved-edits.ts'
import { createUpdateOutbox } from './update-outbox.ts'

const workspaceId = workspaceIdSchema.parse('wsp_1')

/** A relay with one document, whose socket a test cuts and mends. */
class FakeRelay {
  doc = createDocument(99)
  incarnation = 'one'
  formerly: string[] = []
  movedTo: string | undefined
  readonly paths: string[] = []
  missing = false
  acknowledges = true
  readonly sent: DocumentFrame[] = []
  #handle = 0
  #open = true
  #binary = (_bytes: Uint8Array) => {}
  #status = (_status: 'open' | 'reconnecting') => {}
  #frames: (() => void)[] = []

  constructor(text: string) {
    textOf(this.doc).insert(0, text)
  }

  readonly schedule = (flush: () => void) => {
    this.#frames.push(flush)
    return () => {
      this.#frames = this.#frames.filter((other) => other !== flush)
    }
  }
  frame() {
    const due = this.#frames
    this.#frames = []
    for (const flush of due) flush()
  }
  /** Lets answers arrive. */
  async settle() {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  }
  cut() {
    this.#open = false
    this.#status('reconnecting')
  }
  async mend() {
    this.#open = true
    this.#status('open')
    await this.settle()
  }
  /** The page is gone without a word. */
  crashPage() {
    this.#binary = () => {}
    this.#status = () => {}
    this.#frames = []
  }
  /** Someone else writes. */
  async write(at: number, insert: string) {
    const before = Y.encodeStateVector(this.doc)
    textOf(this.doc).insert(at, insert)
    this.#push({
      type: 'sync',
      handle: this.#handle,
      number: 0,
      update: Y.encodeStateAsUpdate(this.doc, before),
    })
    await this.settle()
  }
  acknowledge(number: number) {
    this.#push({ type: 'ack', handle: this.#handle, number })
  }
  get text() {
    return textOf(this.doc).toString()
  }
  #push(frame: DocumentFrame) {
    if (this.#open) this.#binary(encodeDocumentFrame(frame))
  }

  readonly connection = {
    request: async (method: string, params: { stateVector?: string; path?: string }) => {
      if (!this.#open) throw new RequestError('busy', 'cut')
      if (method !== 'document/open') return {}
      if (params.path !== undefined) this.paths.push(params.path)
      if (this.movedTo !== undefined && params.path !== this.movedTo)
        return { kind: 'moved', to: this.movedTo }
      if (this.missing) throw new RequestError('notFound', 'gone')
      const handle = ++this.#handle
      const since = params.stateVector === undefined ? undefined : decodeBase64(params.stateVector)
      const update = Y.encodeStateAsUpdate(this.doc, since)
      void Promise.resolve()
        .then(() => this.settle())
        .then(() => this.#push({ type: 'sync', handle, number: 0, update }))
      const stateVector = encodeBase64(Y.encodeStateVector(this.doc))
      const { incarnation, formerly } = this
      const shared = { incarnation, formerly, stateVector }
      return { kind: 'text', handle, eol: 'lf', readOnly: false, saved: true, ...shared }
    },
    sendBinary: (bytes: Uint8Array) => {
      const frame = parseDocumentFrame(bytes)
      if (!frame || !this.#open) return
      this.sent.push(frame)
      if (frame.type !== 'sync') return
      Y.applyUpdate(this.doc, frame.update)
      if (this.acknowledges) this.acknowledge(frame.number)
    },
    onBinary: (listener: (bytes: Uint8Array) => void) => {
      this.#binary = listener
      return () => {}
    },
    onStatus: (listener: (status: 'open' | 'reconnecting') => void) => {
      this.#status = listener
      listener('open')
      return () => {}
    },
    bufferedBytes: () => 0,
  } as unknown as Connection
}

function memoryStorage() {
  const values = new Map<string, string>()
  return {
    values,
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => values.set(key, value),
    removeItem: (key: string) => values.delete(key),
  }
}

async function open(relay: FakeRelay, storage = memoryStorage(), scheduleUnseen = relay.schedule) {
  const { connection, schedule } = relay
  const replicas = createDocumentReplicas({
    connection,
    clock: new ManualClock(),
    schedule,
    scheduleOthers: schedule,
    scheduleUnseen,
    unsaved: createUnsavedEditsStorage(storage),
  })
  const replica = replicas.acquire(workspaceId, 'a.ts')
  await relay.settle()
  await relay.settle()
  await relay.settle()
  return { replicas, replica }
}

describe('a replica', () => {
  test('[REPLICA-1] it holds the text, applies what others write once per frame and sends what is typed', async () => {
    const relay = new FakeRelay('one')
    const { replica } = await open(relay)
    expect(replica.status).toMatchObject({ phase: 'text', sync: 'saved' })
    let changes = 0
    replica.text.observe(() => changes++)
    await relay.write(3, ' two')
    await relay.write(7, ' three')
    expect(changes).toBe(0)
    relay.frame()
    expect([replica.text.toString(), changes]).toEqual(['one two three', 1])
    replica.text.insert(0, '>')
    expect(relay.text).toBe('>one two three')
  })

  async function openBehindATab() {
    const relay = new FakeRelay('one')
    const waiting: (() => void)[] = []
    const { replica } = await open(relay, memoryStorage(), (flush) => {
      waiting.push(flush)
      return () => waiting.splice(0)
    })
    replica.setSeen(false)
    await relay.write(3, ' two')
    return { relay, replica, waiting }
  }

  test('[FRAME-8] behind another tab it waits longer, and has all as soon as it is looked at', async () => {
    const { relay, replica, waiting } = await openBehindATab()
    relay.frame()
    expect([replica.text.toString(), waiting.length]).toEqual(['one', 1])
    waiting.pop()?.()
    expect(replica.text.toString()).toBe('one two')
    await relay.write(7, ' three')
    replica.setSeen(true)
    expect([replica.text.toString(), waiting.length]).toEqual(['one two three', 0])
    await relay.write(13, '!')
    relay.frame()
    expect(replica.text.toString()).toBe('one two three!')
  })

  test('[FRAME-8] behind another tab, a text that the review shows waits no longer than one in the editor', async () => {
    const { relay, replica, waiting } = await openBehindATab()
    const stop = replica.watch()
    expect([replica.text.toString(), waiting.length]).toEqual(['one two', 0])
    await relay.write(7, ' three')
    relay.frame()
    expect([replica.text.toString(), waiting.length]).toEqual(['one two three', 0])
    stop()
    await relay.write(13, '!')
    relay.frame()
    expect([replica.text.toString(), waiting.length]).toEqual(['one two three', 1])
  })

  test('[MOVE-9] when the file moves, what is typed meanwhile or without a connection goes along, once', async () => {
    const relay = new FakeRelay('base')
    const { replicas, replica } = await open(relay)
    let replaced = 0
    replica.onReplaced(() => replaced++)
    relay.acknowledges = false
    replica.text.insert(4, ' sent')
    relay.incarnation = 'two'
    relay.formerly = ['one']
    replicas.move(workspaceId, 'a.ts', 'b.ts')
    replica.text.insert(0, 'typed ')
    await relay.settle()
    await relay.settle()
    relay.cut()
    replica.text.insert(0, 'offline ')
    relay.acknowledges = true
    await relay.mend()
    await relay.settle()
    relay.frame()
    expect([replica.path, replica.text.toString(), replaced]).toEqual(['b.ts', 'offline typed base sent', 0])
    expect(relay.text).toBe('offline typed base sent')
    expect(replica.status).toMatchObject({ sync: 'saved', kept: 0 })
    expect(replicas.acquire(workspaceId, 'b.ts')).toBe(replica)
  })

  test('[MOVE-20] undo goes along with the file, also over another one that is open, and back', async () => {
    const relay = new FakeRelay('base')
    const { replicas, replica } = await open(relay)
    replica.text.doc?.transact(() => replica.text.insert(4, ' mine'), replica.undo.origin)
    replicas.move(workspaceId, 'a.ts', 'c.ts')
    await relay.settle()
    const other = replicas.acquire(workspaceId, 'b.ts')
    await relay.settle()
    await relay.settle()
    other.text.doc?.transact(() => other.text.insert(0, 'old '), other.undo.origin)
    textOf(relay.doc).delete(0, 4)
    replicas.move(workspaceId, 'c.ts', 'b.ts')
    await relay.settle()
    await relay.settle()
    relay.frame()
    replicas.move(workspaceId, 'b.ts', 'a.ts')
    await relay.settle()
    await relay.settle()
    relay.frame()
    expect(replicas.acquire(workspaceId, 'a.ts')).toBe(other)
    other.undo.undo()
    expect([other.text.toString(), other.undo.canUndo(), relay.text]).toEqual(['base', false, 'base'])
  })

  test('[MOVE-9] a page that was away learns from the server where the file is, with what an earlier page left', async () => {
    const relay = new FakeRelay('base')
    const storage = memoryStorage()
    const first = await open(relay, storage)
    relay.cut()
    first.replica.text.insert(4, ' left')
    relay.frame()
    relay.frame()
    relay.crashPage()
    relay.movedTo = 'b.ts'
    relay.incarnation = 'two'
    relay.formerly = ['one']
    await relay.mend()
    const { replica, replicas } = await open(relay, storage)
    await relay.settle()
    relay.frame()
    expect([replica.path, replica.text.toString(), relay.text]).toEqual(['b.ts', 'base left', 'base left'])
    expect(relay.paths.slice(-2)).toEqual(['a.ts', 'b.ts'])
    expect(replicas.acquire(workspaceId, 'b.ts')).toBe(replica)
  })

  test('[REPLICA-2] typing is `saving` until it is acknowledged', async () => {
    const relay = new FakeRelay('')
    relay.acknowledges = false
    const { replica } = await open(relay)
    replica.text.insert(0, 'a')
    replica.text.insert(1, 'b')
    relay.frame()
    expect(replica.status).toMatchObject({ sync: 'saving', kept: 2 })
    relay.acknowledge(1)
    expect(replica.status).toMatchObject({ sync: 'saving', kept: 1 })
    relay.acknowledge(2)
    expect(replica.status).toMatchObject({ sync: 'saved', kept: 0 })
  })

  test('[REPLICA-3] what is typed without a connection, or was never acknowledged, arrives with the next one', async () => {
    const relay = new FakeRelay('base')
    relay.acknowledges = false
    const { replica } = await open(relay)
    replica.text.insert(4, ' sent')
    relay.cut()
    replica.text.insert(0, 'offline ')
    expect(replica.status).toMatchObject({ sync: 'offline', kept: 2 })
    // The server lost what it had not acknowledged.
    relay.doc = createDocument(99)
    textOf(relay.doc).insert(0, 'base')
    relay.acknowledges = true
    await relay.write(0, 'others ')
    await relay.mend()
    await relay.settle()
    relay.frame()
    expect(relay.text).toBe(replica.text.toString())
    expect(relay.text).toContain('offline ')
    expect(relay.text).toContain('base sent')
    expect(relay.text).toContain('others ')
    expect(replica.status).toMatchObject({ sync: 'saved', kept: 0 })
  })

  test('[REPLICA-3] what others wrote and the server lost comes back with what was typed in it', async () => {
    const relay = new FakeRelay('base')
    const { replica } = await open(relay)
    await relay.write(4, ' by others')
    relay.frame()
    relay.cut()
    replica.text.insert(8, 'typed ')
    const first = createDocument(99)
    textOf(first).insert(0, 'base')
    relay.doc = createDocument(98)
    Y.applyUpdate(relay.doc, Y.encodeStateAsUpdate(first))
    await relay.mend()
    await relay.settle()
    expect(relay.text).toBe('base by typed others')
    expect(replica.text.toString()).toBe(relay.text)
    expect(replica.status).toMatchObject({ sync: 'saved', kept: 0 })
  })

  test('[REPLICA-4] a document made anew is not merged, and what the person wrote is handed back', async () => {
    const relay = new FakeRelay('same words')
    const { replica } = await open(relay)
    relay.cut()
    replica.text.insert(0, 'my ')
    relay.doc = createDocument(99)
    textOf(relay.doc).insert(0, 'same words')
    relay.incarnation = 'two'
    const lost: (string | undefined)[] = []
    replica.onReplaced((text) => lost.push(text))
    await relay.mend()
    await relay.settle()
    await relay.settle()
    expect(lost).toEqual(['my same words'])
    expect(replica.text.toString()).toBe('same words')
  })

  test('[REPLICA-5] a closed tab lets go only when everything is acknowledged', async () => {
    const relay = new FakeRelay('')
    relay.acknowledges = false
    const { replica, replicas } = await open(relay)
    replica.text.insert(0, 'kept')
    replicas.release(replica)
    expect(replicas.kept()).toBe(1)
    relay.acknowledge(1)
    expect(replicas.kept()).toBe(0)
    expect(replicas.acquire(workspaceId, 'a.ts')).not.toBe(replica)
  })

  test('[REPLICA-6] a file that is not there yet is opened when it appears', async () => {
    const relay = new FakeRelay('new')
    relay.missing = true
    const { replica, replicas } = await open(relay)
    expect(replica.status.phase).toBe('missing')
    relay.missing = false
    replicas.retryMissing([''])
    await relay.settle()
    await relay.settle()
    await relay.settle()
    expect(replica.text.toString()).toBe('new')
  })
})

test('[REPLICA-7] updates that wait are joined into one, and numbers begin anew with a new socket', () => {
  const doc = new Y.Doc()
  const outbox = createUpdateOutbox()
  doc.on('update', (update: Uint8Array) => outbox.add(update))
  doc.getText('x').insert(0, 'a')
  doc.getText('x').insert(1, 'b')
  expect(outbox.take()?.number).toBe(1)
  doc.getText('x').insert(2, 'c')
  expect(outbox.take()?.number).toBe(2)
  outbox.acknowledge(1)
  expect(outbox.kept).toBe(1)
  outbox.restart()
  const again = outbox.take()
  expect(again?.number).toBe(1)
  const other = new Y.Doc()
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc))
  if (again) Y.applyUpdate(other, again.update)
  expect(other.getText('x').toString()).toBe('abc')
})

describe('edits the server may not have', () => {
  test('[REPLICA-8] outlive the page, meet what others wrote meanwhile, and are forgotten when they are saved', async () => {
    const relay = new FakeRelay('base')
    const storage = memoryStorage()
    const { replica } = await open(relay, storage)
    relay.cut()
    replica.text.insert(4, ' typed offline')
    relay.frame()
    replica.text.insert(0, '> ')
    relay.frame()
    // The page is gone; another one comes while others have written.
    await relay.write(4, ', others')
    relay.crashPage()
    await relay.mend()
    const later = await open(relay, storage)
    relay.frame()
    expect(later.replica.text.toString()).toBe(relay.text)
    expect(relay.text).toContain(' typed offline')
    expect(relay.text).toContain(', others')
    expect(relay.text.startsWith('> base')).toBe(true)
    expect(storage.values.size).toBe(0)
  })

  test('[REPLICA-8] are kept from the second frame on that the server leaves them unacknowledged', async () => {
    const relay = new FakeRelay('')
    relay.acknowledges = false
    const storage = memoryStorage()
    const { replica } = await open(relay, storage)
    replica.text.insert(0, 'a')
    relay.frame()
    expect(storage.values.size).toBe(0)
    relay.frame()
    expect(storage.values.size).toBe(1)
    relay.acknowledge(1)
    relay.frame()
    expect(storage.values.size).toBe(0)
  })

  test('[REPLICA-9] are handed back as text when their document was made anew', async () => {
    const relay = new FakeRelay('base')
    const storage = memoryStorage()
    const { replica } = await open(relay, storage)
    relay.cut()
    replica.text.insert(4, ' typed')
    relay.frame()
    relay.incarnation = 'two'
    relay.crashPage()
    await relay.mend()
    const { connection, schedule } = relay
    const unsaved = createUnsavedEditsStorage(storage)
    const later = createDocumentReplicas({
      connection,
      clock: new ManualClock(),
      schedule,
      scheduleOthers: schedule,
      scheduleUnseen: schedule,
      unsaved,
    }).acquire(workspaceId, 'a.ts')
    const lost: (string | undefined)[] = []
    later.onReplaced((text) => lost.push(text))
    await relay.settle()
    await relay.settle()
    await relay.settle()
    relay.frame()
    expect(lost).toEqual(['base typed'])
    expect(later.text.toString()).toBe('base')
    expect(storage.values.size).toBe(0)
  })

  test('[REPLICA-8] are sent also from documents nobody opens again', async () => {
    const relay = new FakeRelay('base')
    const storage = memoryStorage()
    const { replica } = await open(relay, storage)
    relay.cut()
    replica.text.insert(4, ' typed')
    relay.frame()
    relay.crashPage()
    await relay.mend()
    const { connection, schedule } = relay
    createDocumentReplicas({
      connection,
      clock: new ManualClock(),
      schedule,
      scheduleOthers: schedule,
      scheduleUnseen: schedule,
      unsaved: createUnsavedEditsStorage(storage),
    }).recover(workspaceId)
    await relay.settle()
    await relay.settle()
    await relay.settle()
    relay.frame()
    expect(relay.text).toBe('base typed')
    expect(storage.values.size).toBe(0)
  })

  test('[REPLICA-8] a full storage keeps nobody from typing', async () => {
    const relay = new FakeRelay('')
    const storage = memoryStorage()
    const full = {
      ...storage,
      setItem: () => {
        throw new Error('QuotaExceededError')
      },
    }
    const { replica } = await open(relay, full as never)
    relay.cut()
    replica.text.insert(0, 'typed')
    relay.frame()
    await relay.mend()
    relay.frame()
    expect(relay.text).toBe('typed')
  })
})
