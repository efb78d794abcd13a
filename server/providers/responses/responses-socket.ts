import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '../../../core/lib/clock.ts'
import type { Quota } from '../../../core/protocol/quota.ts'
import type { Timers } from '../../timers.ts'
import { isJson, type Json, objectAt, parseJson, textAt } from '../json.ts'
import { type ConnectionLoss, unreachable } from '../network-failures.ts'
import { quotasIn } from '../quotas.ts'
import type { Timeouts } from '../timeouts.ts'
import { UpstreamSocket } from '../upstream-socket.ts'
import { saysAgain } from './response-reader.ts'

/** Takes the frames of one response; the responses of a lane come in the order of their requests. */
export interface Receiver {
  /** The response's name, once the backend has given it. */
  readonly responseId: string | undefined
  /** `undefined`: it was no JSON. Returns what is left to do once the response has ended and the lane is free. */
  onFrame(frame: Json | undefined): (() => void) | undefined
  onLoss(loss: ConnectionLoss): void
}

export interface SocketOptions {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly timeouts: Timeouts
  readonly clock: Clock
  readonly timers: Timers
}

/** The lane of requests that name none. */
export const mainLane = ''

/** One WebSocket to a Responses backend, from dialling it to its end: what comes in goes to the lane it is for. */
export class ResponsesSocket {
  /** Resolves to what prevented it; `undefined` when the socket is open. */
  readonly opened: Promise<ConnectionLoss | undefined>
  readonly #clock: Clock
  readonly #lanes = new Map<string, Receiver[]>()
  readonly #settle: (loss: ConnectionLoss | undefined) => void
  #socket: UpstreamSocket | undefined
  #openedAt: number | undefined
  #isGone = false
  /** What the handshake's answer told of them, until somebody is there to be told. */
  #quotas: readonly Quota[] = []

  constructor({ url, headers, timeouts, clock, timers }: SocketOptions) {
    this.#clock = clock
    const { promise, resolve } = Promise.withResolvers<ConnectionLoss | undefined>()
    this.opened = promise
    this.#settle = resolve
    const { connectMs, pingEveryMs } = timeouts
    const handlers = {
      onHead: (answer: IncomingHttpHeaders) => {
        this.#quotas = quotasIn(answer, clock.now())
      },
      onOpen: () => {
        this.#openedAt = clock.monotonic()
        resolve(undefined)
      },
      onMessage: (text: string) => this.#receive(text),
      onLoss: (loss: ConnectionLoss) => this.#end(loss),
    }
    try {
      this.#socket = new UpstreamSocket({ url, headers, connectMs, pingEveryMs, timers, handlers })
    } catch (error) {
      this.#end(unreachable(error, url))
    }
  }

  get isOpen(): boolean {
    return this.#openedAt !== undefined && !this.#isGone
  }

  /** It never opened, was lost or given up. */
  get isGone(): boolean {
    return this.#isGone
  }

  /** Milliseconds since it opened. */
  get age(): number {
    return this.#openedAt === undefined ? 0 : this.#clock.monotonic() - this.#openedAt
  }

  takeQuotas(): readonly Quota[] {
    const quotas = this.#quotas
    this.#quotas = []
    return quotas
  }

  /** Sends a request whose response goes to the receiver. */
  ask(frame: string, lane: string, receiver: Receiver): void {
    const queue = this.#lanes.get(lane)
    if (queue) queue.push(receiver)
    else this.#lanes.set(lane, [receiver])
    this.#socket?.send(frame)
  }

  send(frame: string): void {
    this.#socket?.send(frame)
  }

  /**
   * Asks the backend to end what was asked for on a lane, as soon as it has a name; what still comes of it is not
   * wanted. `onAsked`: each time; `onOver`: the lane is free.
   */
  interrupt(lane: string, told: { readonly onAsked: () => void; readonly onOver: () => void }): void {
    const queue = this.#lanes.get(lane)
    if (!queue) return told.onOver()
    let left = queue.length
    const ask = (id: string): void => {
      this.send(interruptFrame(id))
      told.onAsked()
    }
    const unwanted = queue.map(({ responseId }): Receiver => {
      let id = responseId
      return {
        responseId,
        onFrame(frame) {
          const name = textAt(objectAt(frame, 'response'), 'id')
          if (id === undefined && name !== undefined) {
            id = name
            ask(name)
          }
          if (!isEnd(frame)) return undefined
          left -= 1
          return left === 0 ? told.onOver : () => undefined
        },
        onLoss: () => undefined,
      }
    })
    this.#lanes.set(lane, unwanted)
    for (const { responseId } of queue) if (responseId !== undefined) ask(responseId)
  }

  /** Whatever still comes for this lane is not wanted. */
  mute(lane: string): void {
    this.#lanes.delete(lane)
  }

  /** Drops the connection at once. */
  drop(): void {
    if (this.#isGone) return
    this.#socket?.terminate()
    this.#end({ type: 'lost', detail: 'The connection was given up.' })
  }

  #receive(text: string): void {
    if (saysAgain(text)) return
    const value = parseJson(text)
    if (value !== undefined && !isJson(value)) return
    const frame = value
    const lane = textAt(frame, 'stream_id') ?? mainLane
    if (lane !== mainLane || this.#lanes.has(mainLane)) {
      this.#deliver(lane, frame)
      return
    }
    // About the connection, and so about all that runs on it.
    for (const other of [...this.#lanes.keys()]) this.#deliver(other, frame)
  }

  #deliver(lane: string, frame: Json | undefined): void {
    const queue = this.#lanes.get(lane)
    const receiver = queue?.[0]
    const finish = receiver?.onFrame(frame)
    if (!queue || !finish) return
    if (queue[0] === receiver) queue.shift()
    if (queue.length === 0 && this.#lanes.get(lane) === queue) this.#lanes.delete(lane)
    finish()
  }

  #end(loss: ConnectionLoss): void {
    if (this.#isGone) return
    this.#isGone = true
    const receivers = [...this.#lanes.values()].flat()
    this.#lanes.clear()
    this.#settle(loss)
    for (const receiver of receivers) receiver.onLoss(loss)
  }
}

function interruptFrame(responseId: string): string {
  return JSON.stringify({
    type: 'response.interrupt',
    response_id: responseId,
    mode: 'discard_partial_items',
  })
}

const ends: ReadonlySet<unknown> = new Set([
  'response.completed',
  'response.done',
  'response.incomplete',
  'response.failed',
  'error',
])

function isEnd(frame: Json | undefined): boolean {
  return ends.has(frame?.type)
}
