import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { WebSocket } from 'ws'
import { monotonicMs } from '../lib/clock.ts'
import type { Distance } from './distance.ts'

export type Item = Readonly<Record<string, unknown>>

/** What every request of a conversation says again, as Tandem says it. */
export interface Prefix {
  readonly model: string
  readonly instructions: unknown
  readonly tools: unknown
}

/** One call of the model. `fresh` are the items since the call before, `all` is everything. */
export interface Exchange {
  call(input: { readonly fresh: readonly Item[]; readonly all: readonly Item[] }): Promise<Answer>
  close(): void
}

export interface Answer {
  readonly output: readonly Item[]
  /** When the first text came; NaN when there was none. */
  readonly firstTextAt: number
}

/** A WebSocket, open and warmed before the conversation, that is told only what is new. */
export async function openSocket(distance: Distance, prefix: Prefix): Promise<Exchange> {
  const ws = new WebSocket(`wss://localhost:${distance.port}/v1/responses`, {
    ca: distance.ca,
    perMessageDeflate: false,
  })
  await once(ws, 'open')
  let previous: string | undefined
  const create = (fields: object): Promise<Answer> =>
    new Promise((resolve) => {
      const reader = new AnswerReader()
      const receive = (data: Buffer) => {
        if (!reader.take(data.toString())) return
        ws.off('message', receive)
        previous = reader.id
        resolve(reader)
      }
      ws.on('message', receive)
      const chained = previous === undefined ? {} : { previous_response_id: previous }
      ws.send(JSON.stringify({ type: 'response.create', ...prefix, store: false, ...chained, ...fields }))
    })
  await create({ input: [], generate: false })
  return { call: ({ fresh }) => create({ input: fresh }), close: () => ws.terminate() }
}

/** HTTPS with the whole conversation in each request; kept alive, or a new connection for every call. */
export function openHttp(distance: Distance, prefix: Prefix, kept: boolean): Exchange {
  const agent = new Agent({ ca: distance.ca, keepAlive: kept, maxCachedSessions: kept ? 100 : 0 })
  return {
    async call({ all }) {
      const body = JSON.stringify({ ...prefix, store: false, stream: true, input: all })
      const sent = request({
        host: 'localhost',
        port: distance.port,
        path: '/v1/responses',
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      })
      sent.setNoDelay(true)
      sent.end(body)
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      const reader = new AnswerReader()
      let rest = ''
      for await (const chunk of response.setEncoding('utf8')) {
        const events = (rest + chunk).split('\n\n')
        rest = events.pop() ?? ''
        for (const event of events) {
          const data = /^data: (.*)$/m.exec(event)?.[1]
          if (data !== undefined && data !== '[DONE]') reader.take(data)
        }
      }
      return reader
    },
    close: () => agent.destroy(),
  }
}

class AnswerReader implements Answer {
  output: readonly Item[] = []
  firstTextAt = Number.NaN
  id: string | undefined

  /** True when the answer is whole. */
  take(json: string): boolean {
    const event = JSON.parse(json)
    if (event.type === 'response.output_text.delta' && Number.isNaN(this.firstTextAt))
      this.firstTextAt = monotonicMs()
    if (event.type !== 'response.completed') return false
    this.id = event.response.id
    this.output = event.response.output
    return true
  }
}
