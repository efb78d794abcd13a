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

/** Words for a running response are taken, refused with a code, accepted and then refused, or left without an answer. */
export type Steering = 'take' | 'ignore' | { readonly refuse: string } | { readonly fail: string }

interface Words {
  readonly id: string
  readonly input: readonly Json[]
}

interface Running {
  readonly lane: string
  readonly steered: AbortController
  readonly words: Words[]
  readonly event: (type: string, fields: Json) => void
}

export interface ConnectionHost {
  readonly nextId: () => string
  readonly steering: () => Steering
  readonly onSteer: (body: Json) => void
  readonly interrupting: () => boolean
  /** Records a request, plays the script for it; resolves to whether it ran to its end. */
  readonly answer: (options: {
    readonly body: Json
    readonly history: readonly Json[]
    readonly dialect: ReturnType<typeof responsesDialect>
    readonly wire: ReturnType<typeof socketWire>
    readonly gone: AbortSignal
    readonly steered: AbortSignal
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
  readonly #running = new Map<string, Running>()
  /** Words that wait for the request that follows a response, by its id. */
  readonly #kept = new Map<string, readonly Words[]>()
  #steerIds = 0

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
    if (body.type === 'response.steer') this.#steer(body)
    if (body.type === 'response.interrupt' && this.#host.interrupting())
      this.#running.get(String(body.response_id))?.steered.abort('interrupted')
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
    const kept = base ? (this.#kept.get(base.id) ?? []) : []
    const history = [...(base?.items ?? []), ...kept.flatMap(({ input }) => input), ...objects(body.input)]
    const dialect = responsesDialect({
      wire,
      id: this.#host.nextId(),
      model: typeof body.model === 'string' ? body.model : '',
      streamId: lane === '' ? undefined : lane,
    })
    const steps =
      typeof wanted === 'string' && !base ? notFound(wanted) : body.generate === false ? [] : undefined
    const gone = this.#gone.signal
    const { id } = dialect
    const words: Words[] = []
    const steered = new AbortController()
    const event = (type: string, fields: Json): void => {
      wire.send(JSON.stringify({ type, ...(lane !== '' && { stream_id: lane }), ...fields }))
      wire.flush()
    }
    this.#running.set(id, { lane, steered, words, event })
    const answering = { body, history, dialect, wire, gone, steered: steered.signal }
    const completed = await this.#host.answer({ ...answering, ...(steps && { steps }) })
    this.#running.delete(id)
    const items = [...history, ...dialect.output]
    // What it condensed itself stands for all before it.
    const from = Math.max(
      0,
      items.findLastIndex(({ type }) => type === 'compaction'),
    )
    if (completed) this.#latest.set(lane, { id, items: items.slice(from) })
    else this.#latest.delete(lane)
    if (!completed || words.length === 0) return
    const steering = this.#host.steering()
    const required = dialect.output.flatMap(({ type, call_id }) =>
      String(type).endsWith('_call') ? [{ type: `${String(type)}_output`, call_id }] : [],
    )
    for (const { id: steerId, input } of words) {
      const steer = { id: steerId, previous_response_id: id }
      if (typeof steering === 'object' && 'fail' in steering) {
        const error = { type: 'invalid_request_error', code: steering.fail, message: 'No successor.' }
        event('response.steer.failed', { error, steer: { ...steer, input } })
      } else if (required.length > 0) {
        const reason = 'waiting_for_required_input'
        event('response.steer.pending', { reason, required_input: required, steer })
      }
    }
    if (typeof steering === 'object') return
    if (required.length > 0) {
      this.#kept.set(id, words)
      return
    }
    const input = words.flatMap((one) => one.input)
    // Nobody asked for it: the type tells it from what was asked.
    await this.#run({ ...body, type: 'successor', input, previous_response_id: id }, lane)
  }

  #steer(body: Json): void {
    this.#host.onSteer(body)
    const steering = this.#host.steering()
    const target = String(body.previous_response_id)
    const running = this.#running.get(target)
    if (steering === 'ignore') return
    const input = objects(body.input)
    const refused = running ? undefined : 'response_already_completed'
    const code = typeof steering === 'object' && 'refuse' in steering ? steering.refuse : refused
    if (code !== undefined) {
      const error = { type: 'invalid_request_error', code, message: 'Not taken.' }
      const frame = { type: 'response.steer.failed', error, steer: { previous_response_id: target, input } }
      this.#ws.send(JSON.stringify(frame))
      return
    }
    const id = `steer_${++this.#steerIds}`
    running?.words.push({ id, input })
    running?.event('response.steer.accepted', { steer: { id, previous_response_id: target } })
    running?.steered.abort()
  }
}

function notFound(id: string): readonly Step[] {
  const message = `Previous response with id '${id}' not found.`
  return [{ type: 'fault', fault: { type: 'error', code: 'previous_response_not_found', message } }]
}
