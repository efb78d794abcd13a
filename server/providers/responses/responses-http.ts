import type { ModelRequest } from '../../../core/engine/model-stream.ts'
import type { Clock } from '../../../core/lib/clock.ts'
import type { Exchange } from '../exchange.ts'
import { modelFailure } from '../failures.ts'
import { quotasIn } from '../quotas.ts'
import type { HttpPool } from '../upstream-http.ts'
import { RequestWriter } from './request-body.ts'
import { failureOfConnection } from './response-failures.ts'
import { ResponseReader } from './response-reader.ts'

/** The Responses API over server-sent events: one POST with the whole input per request. */
export class ResponsesHttp {
  readonly #pool: HttpPool
  readonly #clock: Clock
  readonly #writer = new RequestWriter()

  constructor(options: { readonly pool: HttpPool; readonly clock: Clock }) {
    this.#pool = options.pool
    this.#clock = options.clock
  }

  run(request: ModelRequest, exchange: Exchange): void {
    const now = (): number => this.#clock.now()
    const reader = new ResponseReader({ exchange, now })
    const stream = this.#pool.stream('/responses', this.#writer.httpBody(request), {
      onSent: (sent) => exchange.sent({ ...sent, http: true }),
      onHead: (headers) => exchange.quotas(quotasIn(headers, now())),
      onData: (data) => {
        if (data === '[DONE]' || !exchange.isOpen) return
        const end = reader.push(data)
        if (!end) return
        stream.leave()
        if (end.type === 'completed') exchange.complete()
        else exchange.fail(end.failure)
      },
      onEnd: (loss) => {
        const detail = 'The stream ended before the answer did.'
        exchange.fail(loss ? failureOfConnection(loss, now()) : modelFailure('cut', detail))
      },
    })
    exchange.attach(() => stream.cut())
  }
}
