import type { ModelEvent, ModelRequest, Steer } from '../../../core/engine/model-stream.ts'
import type { Clock } from '../../../core/lib/clock.ts'
import type { ModelDescription } from '../../../core/protocol/model.ts'
import type { Timers } from '../../timers.ts'
import { Exchange } from '../exchange.ts'
import { modelFailure } from '../failures.ts'
import { freshSession } from '../fresh-session.ts'
import { listModels, type ModelLister } from '../model-list.ts'
import type { ConnectionLoss } from '../network-failures.ts'
import type { ModelSession, Provider } from '../provider.ts'
import type { Timeouts } from '../timeouts.ts'
import { HttpPool } from '../upstream-http.ts'
import { failureOfConnection } from './response-failures.ts'
import { ResponsesHttp } from './responses-http.ts'
import { ResponsesLink } from './responses-link.ts'
import { SocketPool } from './socket-pool.ts'

/** After a refused upgrade, HTTP serves for this long before the socket is tried again, then for twice as long. */
const probeAfterMs = 60_000
const probeCeilingMs = 30 * 60_000

export interface ResponsesOptions {
  readonly id: string
  /** With its version, without a slash at the end: `https://api.openai.com/v1`. */
  readonly baseUrl: string
  readonly headers: Readonly<Record<string, string>>
  /** Goes with every address; with its question mark. */
  readonly query?: string | undefined
  /** `auto`: a WebSocket where the backend takes one, HTTP elsewhere. */
  readonly transport: 'auto' | 'websocket' | 'http'
  /** The backend ends one response of a connection when it is asked to. */
  readonly interrupts?: boolean | undefined
  readonly timeouts: Timeouts
  readonly clock: Clock
  readonly timers: Timers
  readonly lister: ModelLister
}

/** A backend that speaks the Responses API. */
export function createResponsesProvider(options: ResponsesOptions): Provider {
  const { id, baseUrl, headers, timeouts, clock, timers, interrupts = false } = options
  const newPool = () =>
    new HttpPool({
      baseUrl,
      headers,
      connectMs: timeouts.connectMs,
      clock,
      query: options.query,
    })
  const pool = newPool()
  const upgrades: Upgrades = { refusedAt: undefined, waitMs: probeAfterMs }
  const url = `${baseUrl.replace(/^http/, 'ws')}/responses${options.query ?? ''}`
  const sockets = new SocketPool({ url, headers, timeouts, clock, timers, interrupts })
  return {
    id,
    models: (signal): Promise<readonly ModelDescription[]> =>
      listModels({ pool, lister: options.lister, signal }),
    openSession({ sharesConnection: isShared = false, fresh }) {
      const parts = { ...options, isShared, sockets, upgrades }
      if (!fresh) return new ResponsesSession({ ...parts, pool })
      return freshSession(newPool, (own) => new ResponsesSession({ ...parts, transport: 'http', pool: own }))
    },
    prepare() {
      if (usesSocket(options.transport, upgrades)) sockets.hold()
      else if (!pool.hasIdle) pool.get('/models', AbortSignal.timeout(timeouts.firstByteMs)).catch(() => {})
    },
    close: () => {
      pool.close()
      sockets.close()
    },
  }
}

function usesSocket(transport: ResponsesOptions['transport'], { refusedAt }: Upgrades): boolean {
  return transport === 'websocket' || (transport === 'auto' && refusedAt === undefined)
}

/** Whether the backend takes WebSockets, as known to all sessions of a provider. */
interface Upgrades {
  refusedAt: number | undefined
  waitMs: number
}

interface Parts extends ResponsesOptions {
  /** Its requests run beside others on one connection. */
  readonly isShared: boolean
  readonly pool: HttpPool
  readonly sockets: SocketPool
  readonly upgrades: Upgrades
}

class ResponsesSession implements ModelSession {
  readonly #options: Parts
  readonly #upgrades: Upgrades
  readonly #http: ResponsesHttp
  readonly #pool: HttpPool
  readonly #link: ResponsesLink
  readonly #extra = new Set<ResponsesLink>()
  /** The one of the latest request. */
  #latest: ResponsesLink | undefined
  #isOpen = true

  constructor(options: Parts) {
    const { pool, clock, upgrades, sockets, isShared } = options
    this.#options = options
    this.#upgrades = upgrades
    this.#pool = pool
    this.#http = new ResponsesHttp({ pool, clock })
    this.#link = this.#newLink(isShared)
    sockets.enter()
  }

  warm(request: ModelRequest): void {
    if (this.#usesSocket()) {
      void this.#link.warm(request).then((loss) => {
        if (loss && this.#mayUseHttp(loss)) this.#refused()
      })
    } else if (!this.#pool.hasIdle) {
      const deadline = AbortSignal.timeout(this.#options.timeouts.firstByteMs)
      this.#pool.get('/models', deadline).catch(() => {})
    }
  }

  stream(request: ModelRequest, signal: AbortSignal, onEvent: (event: ModelEvent) => void): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    const exchange = new Exchange({ ...this.#options, signal, onEvent })
    if (this.#usesSocket()) {
      this.#runOnSocket(request, exchange).catch((error) => {
        exchange.fail(modelFailure('internal', error instanceof Error ? error.message : String(error)))
      })
    } else this.#http.run(request, exchange)
    return exchange.done
  }

  steer(steer: Steer): boolean {
    return this.#latest?.steer(steer) ?? false
  }

  close(): void {
    this.#link.close()
    for (const link of this.#extra) link.close()
    if (this.#isOpen) this.#options.sockets.leave()
    this.#isOpen = false
  }

  async #runOnSocket(request: ModelRequest, exchange: Exchange): Promise<void> {
    const link = this.#link.busy ? this.#newLink(true) : this.#link
    this.#latest = link
    if (link !== this.#link) {
      this.#extra.add(link)
      void exchange.done.then(() => {
        link.close()
        this.#extra.delete(link)
      })
    }
    const loss = await link.run(request, exchange)
    if (!loss) return
    if (!this.#mayUseHttp(loss)) {
      exchange.fail(failureOfConnection(loss, this.#options.clock.now()))
      return
    }
    this.#refused()
    this.#http.run(request, exchange)
  }

  /** Also tries the socket again, beside the requests, once a refusal is old enough. */
  #usesSocket(): boolean {
    const { transport, clock } = this.#options
    if (transport !== 'auto') return transport === 'websocket'
    const { refusedAt, waitMs } = this.#upgrades
    if (refusedAt === undefined) return true
    if (clock.monotonic() - refusedAt >= waitMs) {
      this.#refused()
      this.#upgrades.waitMs = Math.min(probeCeilingMs, waitMs * 2)
      void this.#options.sockets.keepSpare().then((loss) => {
        if (!loss) Object.assign(this.#upgrades, { refusedAt: undefined, waitMs: probeAfterMs })
      })
    }
    return false
  }

  #refused(): void {
    this.#upgrades.refusedAt = this.#options.clock.monotonic()
  }

  /** A wrong key, an unknown host or a closed port would meet HTTP just the same. */
  #mayUseHttp(loss: ConnectionLoss): boolean {
    if (this.#options.transport !== 'auto') return false
    if (loss.type === 'refused') return loss.status !== 401
    // What a proxy says instead of an upgrade may be no HTTP.
    if (loss.type === 'unreachable') return /^(ECONNRESET|HPE_.*|)$/.test(loss.code)
    return true
  }

  #newLink(isShared: boolean): ResponsesLink {
    const { sockets, timeouts, clock, timers } = this.#options
    const takeLine = () => (isShared ? sockets.share() : sockets.own())
    const onHeard = () => void sockets.keepSpare()
    return new ResponsesLink({ takeLine, onHeard, timeouts, clock, timers })
  }
}
