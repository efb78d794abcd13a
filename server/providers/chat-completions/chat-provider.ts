import type { ModelEvent, ModelRequest } from '../../../core/engine/model-stream.ts'
import type { Clock } from '../../../core/lib/clock.ts'
import type { Timers } from '../../timers.ts'
import { Exchange } from '../exchange.ts'
import { freshSession } from '../fresh-session.ts'
import { listModels, type ModelLister } from '../model-list.ts'
import type { ModelSession, Provider } from '../provider.ts'
import { quotasIn } from '../quotas.ts'
import type { Timeouts } from '../timeouts.ts'
import { HttpPool } from '../upstream-http.ts'
import { type ChatDialect, chatBody } from './chat-body.ts'
import { failureOfChatConnection } from './chat-failures.ts'
import { ChatReader } from './chat-reader.ts'

export interface ChatOptions {
  readonly id: string
  /** With its version, without a slash at the end: `https://api.cerebras.ai/v1`. */
  readonly baseUrl: string
  readonly headers: Readonly<Record<string, string>>
  /** Goes with every address; with its question mark. */
  readonly query?: string | undefined
  readonly dialect: ChatDialect
  readonly timeouts: Timeouts
  readonly clock: Clock
  readonly timers: Timers
  readonly lister: ModelLister
}

/** A backend that speaks chat completions over server-sent events. */
export function createChatProvider(options: ChatOptions): Provider {
  const { id, baseUrl, headers, timeouts, lister } = options
  const newPool = () =>
    new HttpPool({
      baseUrl,
      headers,
      connectMs: timeouts.connectMs,
      clock: options.clock,
      query: options.query,
    })
  const pool = newPool()
  return {
    id,
    models: (signal) => listModels({ pool, lister, signal }),
    openSession: ({ fresh }) =>
      fresh ? freshSession(newPool, (own) => new ChatSession(options, own)) : new ChatSession(options, pool),
    prepare: () => openAhead(pool, timeouts),
    close: () => pool.close(),
  }
}

function openAhead(pool: HttpPool, { connectMs }: Timeouts): void {
  if (!pool.hasIdle) pool.get('/models', AbortSignal.timeout(connectMs)).catch(() => {})
}

class ChatSession implements ModelSession {
  readonly #options: ChatOptions
  readonly #pool: HttpPool

  constructor(options: ChatOptions, pool: HttpPool) {
    this.#options = options
    this.#pool = pool
  }

  /** The API keeps no state: only the connection can be made ready. */
  warm(): void {
    openAhead(this.#pool, this.#options.timeouts)
  }

  stream(request: ModelRequest, signal: AbortSignal, onEvent: (event: ModelEvent) => void): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    const { clock, timers, dialect, timeouts } = this.#options
    const now = (): number => clock.now()
    const exchange = new Exchange({ signal, timeouts, timers, onEvent })
    const freeform = new Set(
      request.tools.filter((tool) => tool.format === 'freeform').map((tool) => tool.name),
    )
    const reader = new ChatReader({ exchange, now, isFreeform: (tool) => freeform.has(tool) })
    const finish = (): void => {
      const failure = reader.end()
      if (failure) exchange.fail(failure)
      else exchange.complete()
    }
    const stream = this.#pool.stream('/chat/completions', chatBody(request, dialect), {
      onSent: (sent) => exchange.sent({ ...sent, http: true }),
      onHead: (headers) => exchange.quotas(quotasIn(headers, now())),
      onData: (data) => {
        if (!exchange.isOpen) return
        const failure = data === '[DONE]' ? undefined : reader.push(data)
        if (failure) exchange.fail(failure)
        else if (data === '[DONE]') finish()
        if (!exchange.isOpen) stream.leave()
      },
      onEnd: (loss) => {
        // After the last word only the farewell was lost.
        if (!loss || (reader.isFinished && loss.type === 'lost')) finish()
        else exchange.fail(failureOfChatConnection(loss, now()))
      },
    })
    exchange.attach(() => stream.cut())
    return exchange.done
  }

  close(): void {}
}
