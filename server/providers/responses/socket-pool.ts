import type { ConnectionLoss } from '../network-failures.ts'
import { mainLane, ResponsesSocket, type SocketOptions } from './responses-socket.ts'

/** Backends end a connection after 60 minutes: from here on nothing new begins on one that has another to follow it. */
export const rotateMs = 50 * 60_000
/** Responses that may run at a time on one connection, and names of lanes it may ever see. */
const mostRunning = 16
const mostLanes = 32
/**
 * Connections for one response each before others share: of what runs aside where no response can be ended alone, of
 * threads where one can. Reading from two hundred costs a server as much as all else it does with what it reads.
 */
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
  /** Stops what runs on it. */
  cut(): void
  /** Nobody uses it any more. */
  release(): void
}

interface PoolOptions extends SocketOptions {
  /** The backend ends one response of a connection when it is asked to. */
  readonly interrupts: boolean
}

/**
 * The connections of one provider. A thread's main line has its own, so that dropping it cuts upstream at once; where
 * the backend can end one response of a connection that is so for the first few, and the others have a seat on a shared
 * one. What runs beside a main line shares connections, one lane each: at the same time where the backend can end one of
 * them, else one after the other as long as there are few. While threads use the provider one more is kept open for
 * whoever needs one next.
 */
export class SocketPool {
  readonly #options: PoolOptions
  readonly #shared = new Set<SharedConnection>()
  readonly #own = new Set<ResponsesSocket>()
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
    for (const socket of this.#own) if (socket.isGone) this.#own.delete(socket)
    if (this.#options.interrupts && this.#own.size >= mostApart) {
      return this.#connection(({ hasSeat }) => hasSeat).take({ keepsSeat: true })
    }
    const socket = this.#takeSpare() ?? new ResponsesSocket(this.#options)
    this.#own.add(socket)
    const drop = (): void => socket.drop()
    return { socket, lane: mainLane, begin: () => true, end() {}, cut: drop, release: drop }
  }

  share(): Line {
    return this.#connection(({ hasRoom }) => hasRoom).take({ keepsSeat: false })
  }

  /** The one with the least to do of those that will do. */
  #connection(willDo: (connection: SharedConnection) => boolean): SharedConnection {
    for (const connection of this.#shared) if (connection.socket.isGone) this.#shared.delete(connection)
    const [free] = [...this.#shared].filter(willDo).toSorted((a, b) => a.load - b.load)
    return free ?? this.#newShared()
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
  /** Lanes for which there is room whenever they begin. */
  readonly #seated = new Set<string>()
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
    return this.#isUsable && this.#occupied < this.#options.mostTogether()
  }

  get hasSeat(): boolean {
    return this.#isUsable && this.#occupied < mostRunning
  }

  /** Responses that run on it. */
  get load(): number {
    return this.#running.size + this.#ending.size
  }

  take({ keepsSeat }: { readonly keepsSeat: boolean }): Line {
    const lane = this.#free.pop() ?? `lane-${++this.#names}`
    this.#held.add(lane)
    if (keepsSeat) this.#seated.add(lane)
    return {
      socket: this.socket,
      lane,
      begin: () => {
        if (!keepsSeat && this.#occupied >= this.#options.mostTogether()) return false
        this.#running.add(lane)
        return true
      },
      end: () => this.#end(lane),
      cut: () => this.#cut(lane),
      release: () => {
        if (this.#running.has(lane)) this.#cut(lane)
        else if (this.#held.delete(lane)) {
          this.#seated.delete(lane)
          this.#free.push(lane)
        }
        this.#dropIfDone()
      },
    }
  }

  get #isUsable(): boolean {
    const hasLane = this.#free.length > 0 || this.#names < mostLanes
    return hasLane && !this.socket.isGone && !this.#wastes && this.socket.age <= rotateMs
  }

  /** Of the responses that may run: those that do, and those that may begin at any time. */
  get #occupied(): number {
    return this.load + [...this.#seated].filter((lane) => !this.#running.has(lane)).length
  }

  #end(lane: string): void {
    this.#running.delete(lane)
    this.#dropIfDone()
  }

  /** Most backends have no way to end one lane: where there are others, its response runs on unheard. */
  #cut(lane: string): void {
    const wasRunning = this.#running.delete(lane)
    this.#seated.delete(lane)
    this.#held.delete(lane)
    if (this.#options.interrupts && wasRunning && this.#held.size > 0) return this.#interrupt(lane)
    this.#waste(lane)
  }

  /** A backend that does not end it in time does not do what it is said to. */
  #interrupt(lane: string): void {
    const { timers, timeouts } = this.#options
    let cancel = (): void => {}
    this.#ending.add(lane)
    this.socket.interrupt(lane, {
      onAsked: () => {
        cancel()
        cancel = timers.after(timeouts.verdictMs, () => this.#waste(lane))
      },
      onOver: () => {
        cancel()
        this.#ending.delete(lane)
        this.#free.push(lane)
        this.#dropIfDone()
      },
    })
  }

  #waste(lane: string): void {
    this.#wastes = true
    this.socket.mute(lane)
    this.#dropIfDone()
  }

  #dropIfDone(): void {
    const isEmpty = this.#held.size === 0
    const isOld = this.socket.age > rotateMs && isEmpty
    const isUnwanted = this.#wastes || (this.#ending.size > 0 && isEmpty)
    if (this.#running.size === 0 && (isUnwanted || isOld)) this.socket.drop()
  }
}
