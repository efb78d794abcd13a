import type { ModelEvent, ModelRequest } from '../../../core/engine/model-stream.ts'
import type { Clock } from '../../../core/lib/clock.ts'
import type { ModelDescription } from '../../../core/protocol/model.ts'
import { Exchange } from '../exchange.ts'
import { modelFailure } from '../failures.ts'
import { listModels, type ModelLister } from '../model-list.ts'
import type { ConnectionLoss } from '../network-failures.ts'
import type { ModelSession, Provider } from '../provider.ts'
import type { Timeouts } from '../timeouts.ts'
import { HttpPool } from '../upstream-http.ts'
import { failureOfConnection } from './response-failures.ts'
import { ResponsesHttp } from './responses-http.ts'
import { ResponsesLink } from './responses-link.ts'

/** After a refused upgrade, HTTP serves for this long before the socket is tried again. */
const probeEveryMs = 60_000

export interface ResponsesOptions {
  readonly id: string
  /** With its version, without a slash at the end: `https://api.openai.com/v1`. */
  readonly baseUrl: string
  readonly headers: Readonly<Record<string, string>>
  /** `auto`: a WebSocket where the backend takes one, HTTP elsewhere. */
  readonly transport: 'auto' | 'websocket' | 'http'
  readonly timeouts: Timeouts
  readonly clock: Clock
  readonly lister: ModelLister
}

/** A backend that speaks the Responses API. */
export function createResponsesProvider(options: ResponsesOptions): Provider {
  const { id, baseUrl, headers, timeouts } = options
  const pool = new HttpPool({ baseUrl, headers, connectMs: timeouts.connectMs, clock: options.clock })
  const upgrades: Upgrades = { refusedAt: undefined }
  return {
    id,
    models: (signal): Promise<readonly ModelDescription[]> =>
      listModels({ pool, lister: options.lister, signal }),
    openSession: () => new ResponsesSession(options, pool, upgrades),
    close: () => pool.close(),
  }
}

/** Whether the backend takes WebSockets, as known to all sessions of a provider. */
interface Upgrades {
  refusedAt: number | undefined
}

class ResponsesSession implements ModelSession {
  readonly #options: ResponsesOptions
  readonly #upgrades: Upgrades
  readonly #http: ResponsesHttp
  readonly #pool: HttpPool
  readonly #link: ResponsesLink
  readonly #extra = new Set<ResponsesLink>()

  constructor(options: ResponsesOptions, pool: HttpPool, upgrades: Upgrades) {
    this.#options = options
    this.#upgrades = upgrades
    this.#pool = pool
    this.#http = new ResponsesHttp({ pool, clock: options.clock })
    this.#link = this.#newLink()
  }

  warm(request: ModelRequest): void {
    if (this.#usesSocket()) {
      void this.#link.warm(request).then((loss) => {
        if (loss && this.#mayUseHttp(loss)) this.#upgrades.refusedAt = this.#options.clock.monotonic()
      })
    } else if (!this.#pool.hasIdle) {
      const deadline = AbortSignal.timeout(this.#options.timeouts.firstByteMs)
      this.#pool.get('/models', deadline).catch(() => {})
    }
  }

  stream(request: ModelRequest, signal: AbortSignal, onEvent: (event: ModelEvent) => void): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    const exchange = new Exchange({ signal, timeouts: this.#options.timeouts, onEvent })
    if (this.#usesSocket()) {
      this.#runOnSocket(request, exchange).catch((error) => {
        exchange.fail(modelFailure('internal', error instanceof Error ? error.message : String(error)))
      })
    } else this.#http.run(request, exchange)
    return exchange.done
  }

  close(): void {
    this.#link.close()
    for (const link of this.#extra) link.close()
  }

  async #runOnSocket(request: ModelRequest, exchange: Exchange): Promise<void> {
    const link = this.#link.busy ? this.#newLink() : this.#link
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
    this.#upgrades.refusedAt = this.#options.clock.monotonic()
    this.#http.run(request, exchange)
  }

  /** Also tries the socket again, beside the requests, once a refusal is old enough. */
  #usesSocket(): boolean {
    const { transport, clock } = this.#options
    if (transport !== 'auto') return transport === 'websocket'
    const { refusedAt } = this.#upgrades
    if (refusedAt === undefined) return true
    const now = clock.monotonic()
    if (now - refusedAt >= probeEveryMs) {
      this.#upgrades.refusedAt = now
      void this.#link.connect().then((loss) => {
        if (!loss) this.#upgrades.refusedAt = undefined
      })
    }
    return false
  }

  /** A wrong key, an unknown host or a closed port would meet HTTP just the same. */
  #mayUseHttp(loss: ConnectionLoss): boolean {
    if (this.#options.transport !== 'auto') return false
    if (loss.type === 'refused') return loss.status !== 401
    if (loss.type === 'unreachable') return loss.code === 'ECONNRESET' || loss.code === ''
    return true
  }

  #newLink(): ResponsesLink {
    const { baseUrl, headers, timeouts, clock } = this.#options
    return new ResponsesLink({ url: `${baseUrl.replace(/^http/, 'ws')}/responses`, headers, timeouts, clock })
  }
}
