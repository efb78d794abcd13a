import { limits } from '../../core/protocol/limits.ts'
import type { ThreadEvent } from '../../core/protocol/thread.ts'
import type { Timers } from '../timers.ts'
import type { Transport } from './transport.ts'

export type Delta = Extract<ThreadEvent, { type: 'item/delta' }>

/**
 * What one session is still to be sent, in order and bounded. A delta leaves as soon as what is being read now
 * has been handled; when the socket is busy those of one item are joined for at most `limits.coalesceMs`. Anything else
 * flushes what waits first. Past `limits.outboxBytes` events are dropped and their topics reported as lagging once the
 * socket has drained, so that the browser takes a snapshot instead.
 */
export class Outbox {
  readonly #transport: Transport
  readonly #timers: Timers
  #waiting: { topic: string; delta: Delta }[] = []
  #patient: { readonly topic: string; readonly text: string }[] = []
  #cancelPatience: (() => void) | undefined
  #isSoon = false
  #cancelHold: (() => void) | undefined
  readonly #lagging = new Set<string>()
  #cancelDrain: (() => void) | undefined
  #allowance = 0
  #closed = false

  constructor(transport: Transport, timers: Timers) {
    this.#transport = transport
    this.#timers = timers
  }

  /** A response: never dropped. */
  response(text: string): void {
    this.#flush()
    this.#transport.sendText(text)
  }

  event(topic: string, text: string): void {
    if (this.#dropped(topic)) return
    this.#flush()
    this.#transport.sendText(text)
  }

  /**
   * An event that nobody waits for: it goes along with what is sent next, or alone after `limits.patientMs`. What tells
   * of each of two hundred threads to as many people is as much to send as all their tokens.
   */
  patient(topic: string, text: string): void {
    if (this.#dropped(topic)) return
    this.#patient.push({ topic, text })
    this.#cancelPatience ??= this.#timers.after(limits.patientMs, () => this.#flush())
  }

  delta(topic: string, delta: Delta): void {
    if (this.#dropped(topic)) return
    const entry = this.#waiting.find((other) => other.delta.itemId === delta.itemId && other.topic === topic)
    if (entry && entry.delta.offset + entry.delta.text.length === delta.offset) {
      entry.delta = { ...entry.delta, text: entry.delta.text + delta.text }
    } else if (entry) {
      this.#flush()
      this.#waiting.push({ topic, delta })
    } else this.#waiting.push({ topic, delta })
    this.#schedule()
  }

  /** `false`: the socket takes no more; the caller gives the session up. A single large frame is always taken. */
  binary(bytes: Uint8Array): boolean {
    const buffered = this.#transport.bufferedBytes()
    if (buffered === 0) this.#allowance = 0
    if (buffered > limits.outboxBytes + this.#allowance) return false
    if (bytes.length > limits.outboxBytes / 4) this.#allowance += bytes.length
    this.#flush()
    this.#transport.sendBinary(bytes)
    return true
  }

  close(): void {
    this.#closed = true
    this.#waiting = []
    this.#patient = []
    this.#cancelHold?.()
    this.#cancelPatience?.()
    this.#cancelDrain?.()
  }

  #dropped(topic: string): boolean {
    if (this.#lagging.has(topic)) return true
    if (this.#transport.bufferedBytes() <= limits.outboxBytes + this.#allowance) return false
    this.#lagging.add(topic)
    this.#waiting = this.#waiting.filter((entry) => entry.topic !== topic)
    this.#patient = this.#patient.filter((entry) => entry.topic !== topic)
    this.#cancelDrain ??= this.#timers.every(50, () => this.#whenDrained())
    return true
  }

  #whenDrained(): void {
    if (this.#transport.bufferedBytes() > limits.outboxBytes / 4) return
    this.#cancelDrain?.()
    this.#cancelDrain = undefined
    this.response(JSON.stringify({ lagging: [...this.#lagging] }))
    this.#lagging.clear()
  }

  #schedule(): void {
    if (this.#isSoon) return
    if (this.#transport.bufferedBytes() === 0) {
      this.#isSoon = true
      this.#timers.soon(() => this.#flush())
    } else this.#cancelHold ??= this.#timers.after(limits.coalesceMs, () => this.#flush())
  }

  #flush(): void {
    this.#isSoon = false
    this.#cancelHold?.()
    this.#cancelHold = undefined
    this.#sendPatient()
    if (this.#waiting.length === 0 || this.#closed) return
    const waiting = this.#waiting
    this.#waiting = []
    const frames = waiting.map(({ topic, delta }) => ({ topic, event: delta }))
    this.#transport.sendText(JSON.stringify(frames.length === 1 ? frames[0] : frames))
  }

  #sendPatient(): void {
    if (!this.#cancelPatience) return
    this.#cancelPatience()
    this.#cancelPatience = undefined
    for (const { text } of this.#patient.splice(0)) this.#transport.sendText(text)
  }
}
