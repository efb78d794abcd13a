import type { ConnectionLoss } from '../network-failures.ts'
import { mainLane, ResponsesSocket, type SocketOptions } from './responses-socket.ts'

/** Backends end a connection after 60 minutes: from here on nothing new begins on one that has another to follow it. */
export const rotateMs = 50 * 60_000
/** Responses that may run at a time on one connection, and names of lanes it may ever see. */
const mostRunning = 16
const mostLanes = 32
/** Where no response can be ended alone, connections there may be before some run beside others on one. */
const mostApart = 8
/** How long a connection is kept for a conversation that may begin. */
const heldMs = 120_000

/** Where one conversation is held: a connection of its own, or a lane beside others on one. */
export interface Line {
  readonly socket: ResponsesSocket
  readonly lane: string
  /** A response begins on it; false when no more may run beside those that do. */
  begin(): boolean
  end(): void
  /** Stops what runs on it; `responseId`: its name, when it has one already. */
  cut(responseId?: string): void
  /** Nobody uses it any more. */
  release(): void
}

interface PoolOptions extends SocketOptions {
  /** The backend ends one response of a connection when it is asked to. */
  readonly interrupts: boolean
}

/**
 * The connections of one provider. A thread's main line has its own, so that dropping it cuts upstream at once;
 * what runs beside it shares connections, one lane each: at the same time where the backend can end one of them, else
 * one after the other as long as there are few. While threads use the provider one more is kept open for whoever
 * needs one next.
 */
export class SocketPool {
  readonly #options: PoolOptions
  readonly #shared = new Set<SharedConnection>()
  #spare: ResponsesSocket | undefined
  #users = 0
  #isHeld = false

  constructor(options: PoolOptions) {
    this.#options = options
  }

  enter(): void {
    this.#users += 1
  }

  /** With the last one what is kept open for nobody goes. */
  leave(): void {
    this.#users -= 1
    if (this.#users === 0) this.close()
  }

  own(): Line {
    const spare = this.#takeSpare()
    const socket = spare ?? new ResponsesSocket(this.#options)
    const drop = (): void => socket.drop()
    return { socket, lane: mainLane, begin: () => true, end() {}, cut: drop, release: drop }
  }

  share(): Line {
    for (const connection of this.#shared) if (connection.socket.isGone) this.#shared.delete(connection)
    const [free] = [...this.#shared].filter(({ hasRoom }) => hasRoom).toSorted((a, b) => a.load - b.load)
    const connection = free ?? this.#newShared()
    return connection.take()
  }

  #newShared(): SharedConnection {
    const socket = this.#takeSpare() ?? new ResponsesSocket(this.#options)
    const { interrupts } = this.#options
    const mostTogether = () => (interrupts || this.#shared.size >= mostApart ? mostRunning : 1)
    const connection = new SharedConnection(socket, { ...this.#options, mostTogether })
    this.#shared.add(connection)
    return connection
  }

  /** Opens a connection for a conversation that may begin soon, and keeps it for a while without one. */
  hold(): void {
    if (!this.#isHeld) {
      this.#isHeld = true
      this.enter()
      setTimeout(() => {
        this.#isHeld = false
        this.leave()
      }, heldMs).unref()
    }
    void this.keepSpare()
  }

  /** Opens the spare connection unless there is one. Resolves to what prevented it. */
  keepSpare(): Promise<ConnectionLoss | undefined> {
    if (!this.#spare || this.#spare.isGone || this.#spare.age > rotateMs) {
      this.#spare?.drop()
      this.#spare = new ResponsesSocket(this.#options)
    }
    return this.#spare.opened
  }

  close(): void {
    this.#takeSpare()?.drop()
    for (const { socket } of this.#shared) socket.drop()
    this.#shared.clear()
  }

  #takeSpare(): ResponsesSocket | undefined {
    const spare = this.#spare
    this.#spare = undefined
    if (!spare || spare.isGone) return undefined
    if (spare.age <= rotateMs) return spare
    spare.drop()
    return undefined
  }
}

interface SharedOptions extends PoolOptions {
  /** Responses that may run at a time on one connection as things are. */
  readonly mostTogether: () => number
}

/** A connection with lanes. */
class SharedConnection {
  readonly socket: ResponsesSocket
  readonly #running = new Set<string>()
  readonly #held = new Set<string>()
  /** Lanes whose response was asked to end. */
  readonly #ending = new Set<string>()
  readonly #options: SharedOptions
  #free: string[] = []
  #names = 0
  /** A response runs on although nobody wants it: the connection ends with the last that somebody does want. */
  #wastes = false

  constructor(socket: ResponsesSocket, options: SharedOptions) {
    this.socket = socket
    this.#options = options
  }

  get hasRoom(): boolean {
    const isUsable = !this.socket.isGone && !this.#wastes && this.socket.age <= rotateMs
    const hasLane = this.#free.length > 0 || this.#names < mostLanes
    return isUsable && hasLane && this.load < this.#options.mostTogether()
  }

  /** Responses that run on it. */
  get load(): number {
    return this.#running.size + this.#ending.size
  }

  take(): Line {
    const lane = this.#free.pop() ?? `lane-${++this.#names}`
    this.#held.add(lane)
    return {
      socket: this.socket,
      lane,
      begin: () => {
        if (this.load >= this.#options.mostTogether()) return false
        this.#running.add(lane)
        return true
      },
      end: () => this.#end(lane),
      cut: (responseId) => this.#cut(lane, responseId),
      release: () => {
        if (this.#running.has(lane)) this.#cut(lane)
        else if (this.#held.delete(lane)) this.#free.push(lane)
        this.#dropIfDone()
      },
    }
  }

  #end(lane: string): void {
    this.#running.delete(lane)
    this.#dropIfDone()
  }

  /** Most backends have no way to end one lane: when others do run, its response runs on unheard. */
  #cut(lane: string, responseId?: string): void {
    this.#running.delete(lane)
    this.#held.delete(lane)
    if (this.#options.interrupts && responseId !== undefined && this.#running.size > 0) {
      return this.#interrupt(lane, responseId)
    }
    this.#wastes = true
    this.socket.mute(lane)
    this.#dropIfDone()
  }

  /** A backend that does not end it in time does not do what it is said to. */
  #interrupt(lane: string, responseId: string): void {
    const { timers, timeouts } = this.#options
    this.#ending.add(lane)
    const cancel = timers.after(timeouts.verdictMs, () => {
      this.#wastes = true
      this.socket.mute(lane)
      this.#dropIfDone()
    })
    this.socket.interrupt(lane, responseId, () => {
      cancel()
      this.#ending.delete(lane)
      this.#free.push(lane)
      this.#dropIfDone()
    })
  }

  #dropIfDone(): void {
    const isOld = this.socket.age > rotateMs && this.#held.size === 0
    const isWasted = this.#wastes || this.#ending.size > 0
    if (this.#running.size === 0 && (isWasted || isOld)) this.socket.drop()
  }
}
