import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { type Json, objects, parseJson } from './json.ts'
import { responsesDialect } from './responses-dialect.ts'
import type { Step } from './script.ts'
import { socketWire } from './wire.ts'

interface Stored {
  readonly id: string
  readonly items: readonly Json[]
}

export interface ConnectionHost {
  readonly nextId: () => string
  /** Records a request, plays the script for it; resolves to whether it ran to its end. */
  readonly answer: (options: {
    readonly body: Json
    readonly history: readonly Json[]
    readonly dialect: ReturnType<typeof responsesDialect>
    readonly wire: ReturnType<typeof socketWire>
    readonly gone: AbortSignal
    /** Instead of what the script says. */
    readonly steps?: readonly Step[]
  }) => Promise<boolean>
}

/** One WebSocket of the Responses API: lanes that run in order, and the latest response of each in memory. */
export class ResponsesConnection {
  readonly #ws: WebSocket
  readonly #socket: Socket
  readonly #host: ConnectionHost
  readonly #gone = new AbortController()
  readonly #lanes = new Map<string, Promise<void>>()
  readonly #latest = new Map<string, Stored>()

  constructor(options: { readonly ws: WebSocket; readonly socket: Socket; readonly host: ConnectionHost }) {
    this.#ws = options.ws
    this.#socket = options.socket
    this.#host = options.host
    this.#socket.setNoDelay(true)
    this.#ws.on('message', (data) => this.#receive(data.toString()))
    this.#ws.on('close', () => this.#gone.abort())
    this.#ws.on('error', () => {})
  }

  /** Loses what it keeps, as a server that was restarted behind its balancer. */
  forget(): void {
    this.#latest.clear()
  }

  #receive(text: string): void {
    const body = parseJson(text)
    if (body.type !== 'response.create') return
    const lane = typeof body.stream_id === 'string' ? body.stream_id : ''
    const previous = this.#lanes.get(lane) ?? Promise.resolve()
    this.#lanes.set(
      lane,
      previous.then(() => this.#run(body, lane)),
    )
  }

  async #run(body: Json, lane: string): Promise<void> {
    if (this.#gone.signal.aborted) return
    const wire = socketWire({ ws: this.#ws, socket: this.#socket })
    const wanted = body.previous_response_id
    const base = [...this.#latest.values()].find((stored) => stored.id === wanted)
    const history = [...(base?.items ?? []), ...objects(body.input)]
    const dialect = responsesDialect({
      wire,
      id: this.#host.nextId(),
      model: typeof body.model === 'string' ? body.model : '',
      streamId: lane === '' ? undefined : lane,
    })
    const steps =
      typeof wanted === 'string' && !base ? notFound(wanted) : body.generate === false ? [] : undefined
    const gone = this.#gone.signal
    const completed = await this.#host.answer({ body, history, dialect, wire, gone, ...(steps && { steps }) })
    if (completed) this.#latest.set(lane, { id: dialect.id, items: [...history, ...dialect.output] })
    else this.#latest.delete(lane)
  }
}

function notFound(id: string): readonly Step[] {
  const message = `Previous response with id '${id}' not found.`
  return [{ type: 'fault', fault: { type: 'error', code: 'previous_response_not_found', message } }]
}
