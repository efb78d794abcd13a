import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { limits } from '../../core/protocol/limits.ts'
import { owner } from '../access/actor.ts'
import { ManualTimers } from '../testing/manual-timers.ts'
import type { Transport } from './transport.ts'
import { createSocketAcceptor } from './ws-transport.ts'

/** A socket that notes each write by itself, and takes none while it is held. */
class NotedSocket extends Duplex {
  readonly writes: string[] = []
  readonly bytes: Buffer[] = []
  isHeld = false
  #held: (() => void) | undefined

  override _read(): void {}
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#note([chunk], done)
  }
  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: () => void): void {
    this.#note(
      chunks.map(({ chunk }) => chunk),
      done,
    )
  }
  #note(chunks: readonly Buffer[], done: () => void): void {
    const written = Buffer.concat(chunks)
    this.bytes.push(written)
    this.writes.push(written.toString())
    if (this.isHeld) this.#held = done
    else done()
  }
  letGo(): void {
    this.isHeld = false
    this.#held?.()
  }
}

function open() {
  const timers = new ManualTimers()
  const socket = new NotedSocket()
  let transport: Transport | undefined
  const acceptor = createSocketAcceptor(timers, (made) => {
    transport = made
  })
  const request = new IncomingMessage(new Socket())
  request.method = 'GET'
  const key = 'dGhlIHNhbXBsZSBub25jZQ=='
  Object.assign(request.headers, {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-key': key,
    'sec-websocket-version': '13',
  })
  acceptor.accept(request, socket, Buffer.alloc(0), owner)
  if (!transport) throw new Error('The upgrade was refused.')
  socket.writes.length = 0
  socket.bytes.length = 0
  return { timers, socket, transport }
}

test('[OUTBOX-21] what is sent in one go is one write, in order, and what follows at once goes along', () => {
  const { timers, socket, transport } = open()
  transport.sendText('{"n":1}')
  transport.sendBinary(new TextEncoder().encode('two'))
  timers.soon(() => transport.sendText('{"n":3}'))
  expect(socket.writes).toEqual([])
  timers.settle()
  expect(socket.writes).toHaveLength(1)
  expect(socket.writes[0]).toMatch(/"n":1.*two.*"n":3/s)
  transport.sendText('{"n":4}')
  timers.settle()
  expect(socket.writes).toHaveLength(2)
})

test('[OUTBOX-21] what is being gathered does not count as what the network has not taken', () => {
  const { timers, socket, transport } = open()
  socket.isHeld = true
  transport.sendText('{"n":1}')
  expect(transport.bufferedBytes()).toBe(0)
  timers.settle()
  transport.sendText('{"n":2}')
  expect(transport.bufferedBytes()).toBeGreaterThan(0)
  socket.letGo()
  timers.settle()
})

test('[OUTBOX-30] a browser that answers no ping is given up when the next is due, and one that answers stays', async () => {
  const gone = open()
  const there = open()
  for (const { timers } of [gone, there]) timers.advance(limits.pingEveryMs)
  expect(gone.socket.writes).toHaveLength(1)
  const maskedPong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0])
  there.socket.push(maskedPong)
  await new Promise((resolve) => setImmediate(resolve))
  for (const { timers } of [gone, there]) timers.advance(limits.pingEveryMs)
  expect(gone.socket.destroyed).toBe(true)
  expect(there.socket.destroyed).toBe(false)
})

test('[RELAY-62] a text of any length and any letters arrives as it is, between others in its order', () => {
  const { timers, socket, transport } = open()
  const lengths = [1, 125, 126, 127, 255, 256, 65_535, 65_536, 300_000]
  const texts = lengths.flatMap((length) => ['a'.repeat(length), `${'b'.repeat(length)} 你好 é`])
  for (const text of texts) transport.sendText(text)
  transport.sendBinary(new TextEncoder().encode('two'))
  transport.sendText('the last')
  timers.settle()
  expect(messagesIn(Buffer.concat(socket.bytes))).toEqual([...texts, 'two', 'the last'])
})

/** As RFC 6455 has them: whole and unmasked. */
function messagesIn(bytes: Buffer): readonly string[] {
  const messages: string[] = []
  for (let at = 0; at < bytes.length; ) {
    expect([0x81, 0x82]).toContain(bytes[at])
    const short = bytes[at + 1] ?? 0
    const [head, length] =
      short < 126
        ? [2, short]
        : short === 126
          ? [4, bytes.readUInt16BE(at + 2)]
          : [10, Number(bytes.readBigUInt64BE(at + 2))]
    messages.push(bytes.toString('utf8', at + head, at + head + length))
    at += head + length
  }
  return messages
}
