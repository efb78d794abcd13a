import type { ModelRequest, Sent, Steer } from '../../../core/engine/model-stream.ts'
import type { Clock } from '../../../core/lib/clock.ts'
import type { Timers } from '../../timers.ts'
import { Exchange } from '../exchange.ts'
import type { ConnectionLoss } from '../network-failures.ts'
import type { Timeouts } from '../timeouts.ts'
import { Answer, type Outcome } from './answer.ts'
import { RequestWriter } from './request-body.ts'
import { ResponseChain } from './response-chain.ts'
import { failureOfConnection } from './response-failures.ts'
import { ResponseReader } from './response-reader.ts'
import { mainLane } from './responses-socket.ts'
import { type Line, rotateMs } from './socket-pool.ts'

/** A connection this old is not begun on any more, even when nothing follows it yet. */
const lastMs = 58 * 60_000
/** A warm-up that takes longer than this is in the way of the request it was for. */
const warmUpMs = 1500

export interface LinkOptions {
  /** A line nobody uses. */
  readonly takeLine: () => Line
  /** The backend answers on sockets. */
  readonly onHeard: () => void
  readonly timeouts: Timeouts
  readonly clock: Clock
  readonly timers: Timers
}

/** A line, and what the backend remembers of the conversation on it. */
interface Place {
  readonly line: Line
  readonly chain: ResponseChain
  /** The warm-up under way. */
  warming: { readonly at: number; readonly request: ModelRequest } | undefined
}

/** One conversation with a Responses backend over WebSockets, from line to line. */
export class ResponsesLink {
  readonly #options: LinkOptions
  readonly #writer = new RequestWriter()
  #place: Place | undefined
  /** Follows the present line when that is near its end: open and warmed. */
  #successor: Place | undefined
  #running: Exchange | undefined
  #answer: Answer | undefined
  #steers = true
  #closed = false

  constructor(options: LinkOptions) {
    this.#options = options
  }

  /** A request is running. */
  get busy(): boolean {
    return this.#running !== undefined
  }

  /** Connects and lets the server prepare the request's instructions, tools and input. */
  async warm(request: ModelRequest): Promise<ConnectionLoss | undefined> {
    if (this.busy || this.#closed) return undefined
    const place = this.#current()
    const loss = await place.line.socket.opened
    if (loss || this.#closed || this.busy || place !== this.#place) return loss
    if (place.line.socket.age > rotateMs) this.#followUp(request)
    else if (place.warming && !isSamePrefix(place.warming.request, request)) {
      // What is being prepared is of no use any more.
      this.#leave(place)
      return this.warm(request)
    } else this.#prepare(place, request)
    return undefined
  }

  /**
   * Runs a request to its end. Resolves to the reason when the socket could not be opened at all; then nothing
   * was sent, and the exchange is still open.
   */
  async run(request: ModelRequest, exchange: Exchange): Promise<ConnectionLoss | undefined> {
    this.#running = exchange
    // Until something is sent there is nothing to cut: the connection being opened serves the next request.
    exchange.attach(() => this.#release(exchange))
    for (let isLast = false; ; isLast = true) {
      const place = this.#beginning()
      const { socket, lane } = place.line
      const wasOpen = socket.isOpen
      const startedAt = this.#options.clock.monotonic()
      const loss = wasOpen ? undefined : await socket.opened
      if (loss || !exchange.isOpen) {
        place.line.end()
        if (loss) this.#release(exchange)
        return loss
      }
      const open = lane === mainLane ? 'reused' : 'lane'
      const connectMs = wasOpen ? 0 : this.#options.clock.monotonic() - startedAt
      const sent = { connection: wasOpen ? open : 'opened', connectMs } as const
      const replay = await this.#send(request, exchange, { place, sent, isLast })
      if (!replay || !exchange.isOpen) return undefined
      if (replay === 'onNewSocket') this.#leave(place)
    }
  }

  /** Gives words to the response that runs; false when it takes none. */
  steer(steer: Steer): boolean {
    return this.#steers && (this.#answer?.give(steer) ?? false)
  }

  close(): void {
    this.#closed = true
    this.#place?.line.release()
    this.#successor?.line.release()
    this.#place = undefined
    this.#successor = undefined
  }

  /** Sends and reads one answer; resolves to where the request should be sent once more, if it should. */
  #send(
    request: ModelRequest,
    exchange: Exchange,
    options: { readonly place: Place; readonly sent: Sent; readonly isLast: boolean },
  ): Promise<'onSameSocket' | 'onNewSocket' | undefined> {
    const { place, sent, isLast } = options
    const { line, chain } = place
    const { clock, timers, timeouts } = this.#options
    const now = (): number => clock.now()
    const stablePart = this.#writer.stablePart(request)
    const known = chain.continuation(request, stablePart)
    return new Promise((resolve) => {
      let heard = false
      const end = (outcome: Outcome): void => {
        const { isOpen } = exchange
        line.end()
        if (outcome.type === 'completed' && outcome.id !== '') chain.remember({ ...outcome, stablePart })
        else chain.forget()
        if (isOpen && outcome.type === 'failed' && !isLast && answer.isEmpty) {
          if (outcome.code === 'previous_response_not_found') return resolve('onSameSocket')
          if (outcome.code === 'websocket_connection_limit_reached') return resolve('onNewSocket')
        }
        // What else is on a connection that sent nonsense, or may go on unasked, cannot be trusted.
        const isBad = outcome.type === 'failed' ? outcome.failure.code === 'malformed' : outcome.isUnsure
        if (isBad) {
          line.socket.mute(line.lane)
          this.#leave(place)
        } else if (line.socket.age > rotateMs) this.#followUp(request)
        this.#release(exchange)
        if (outcome.type === 'completed') exchange.complete()
        else exchange.fail(outcome.failure)
        resolve(undefined)
      }
      const answer = new Answer({
        request,
        exchange,
        now,
        timers,
        verdictMs: timeouts.verdictMs,
        sendSteer: (id, input) => line.socket.send(this.#writer.steerFrame(id, input)),
        onUnsupported: () => {
          this.#steers = false
        },
        onOverdue: end,
      })
      this.#answer = answer
      void exchange.done.then(() => answer.close())
      exchange.attach(() => {
        this.#release(exchange)
        this.#leave(place)
        this.#openSoon()
        resolve(undefined)
      })
      const frame = known
        ? { input: known.input, previousResponseId: known.id, generate: true }
        : { input: request.input, generate: true }
      const lane = line.lane === mainLane ? undefined : line.lane
      line.socket.ask(this.#writer.frame(request, { ...frame, lane }), line.lane, {
        get responseId() {
          return answer.responseId
        },
        onFrame: (json) => {
          if (!heard) {
            this.#options.onHeard()
            exchange.quotas(line.socket.takeQuotas())
          }
          heard = true
          const outcome = answer.push(json)
          return outcome && (() => end(outcome))
        },
        onLoss: (loss) => {
          // An idle connection that died unnoticed: nothing was lost with it.
          if (sent.connection !== 'opened' && !heard && !isLast) return resolve('onNewSocket')
          const wasRunning = this.#running === exchange
          this.#release(exchange)
          exchange.fail(failureOfConnection(loss, now()))
          if (wasRunning) this.#openSoon()
          resolve(undefined)
        },
      })
      exchange.sent(sent)
    })
  }

  #release(exchange: Exchange): void {
    if (this.#running !== exchange) return
    this.#running = undefined
    this.#answer = undefined
  }

  /** Stops whatever runs there, and is not there any more. */
  #leave(place: Place): void {
    if (this.#place === place) this.#place = undefined
    place.line.cut()
  }

  /** A retry or a redirect is likely to follow what was cut: its connection is opened before it is asked for. */
  #openSoon(): void {
    this.#options.timers.later(() => {
      if (!this.#closed && !this.busy) this.#current()
    })
  }

  /** The line a request begins on. */
  #beginning(): Place {
    for (;;) {
      const place = this.#current()
      const { warming } = place
      const isSlow = warming && this.#options.clock.monotonic() - warming.at > warmUpMs
      if (isSlow) this.#leave(place)
      else if (place.line.begin()) return place
      else {
        place.line.release()
        this.#place = undefined
      }
    }
  }

  #current(): Place {
    const next = this.#successor
    const isReady = next?.line.socket.isOpen && !next.warming
    const isOver = !this.#place || this.#place.line.socket.isGone || this.#place.line.socket.age > lastMs
    if (!this.#place || isReady || isOver) {
      this.#place?.line.release()
      this.#successor = undefined
      this.#place = next && !next.line.socket.isGone ? next : this.#newPlace()
    }
    return this.#place
  }

  #newPlace(): Place {
    return { line: this.#options.takeLine(), chain: new ResponseChain(), warming: undefined }
  }

  /** Makes the line ready that will take the conversation over. */
  #followUp(request: ModelRequest): void {
    if (this.#successor && !this.#successor.line.socket.isGone) return
    const place = this.#newPlace()
    this.#successor = place
    void place.line.socket.opened.then((loss) => {
      const isFree = place === this.#successor || (place === this.#place && !this.busy)
      if (!loss && isFree) this.#prepare(place, request)
    })
  }

  #prepare(place: Place, request: ModelRequest): void {
    const { line, chain } = place
    const stablePart = this.#writer.stablePart(request)
    if (place.warming || chain.covers(request, stablePart)) return
    if (!line.begin()) return
    const { timeouts, timers, clock } = this.#options
    // Nobody listens to a warm-up: it reads into an exchange that is over.
    const exchange = new Exchange({ signal: AbortSignal.abort(), timeouts, timers, onEvent() {} })
    const reader = new ResponseReader({ exchange, now: () => clock.now() })
    const warming = { at: clock.monotonic(), request }
    place.warming = warming
    const lane = line.lane === mainLane ? undefined : line.lane
    const frame = this.#writer.frame(request, { input: request.input, generate: false, lane })
    line.socket.ask(frame, line.lane, {
      get responseId() {
        return reader.id
      },
      onFrame: (json) => {
        const { id: known } = reader
        const end = reader.take(json)
        // Requests of one lane run in order, so the id can be built on before the warm-up is done.
        const { id, output } = reader
        if (id !== known && id !== undefined)
          chain.remember({ id, stablePart, input: request.input, output, kept: [] })
        if (!end) return undefined
        return () => {
          place.warming = undefined
          line.end()
          if (end.type === 'failed') chain.forget()
        }
      },
      onLoss: () => {},
    })
  }
}

function isSamePrefix(a: ModelRequest, b: ModelRequest): boolean {
  const isSameHead = a.model === b.model && a.instructions === b.instructions
  return isSameHead && a.tools.length === b.tools.length && a.input.length === b.input.length
}
