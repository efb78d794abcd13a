import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import { chatDialect } from './chat-dialect.ts'
import type { Dialect } from './dialect.ts'
import { type Json, objects, parseJson } from './json.ts'
import { inputTokens, overflow } from './overflow.ts'
import { play } from './player.ts'
import { argumentOf, readRequest } from './reading.ts'
import { type RecordedRequest, Records } from './recorded.ts'
import { ResponsesConnection, type Steering } from './responses-connection.ts'
import { responsesDialect } from './responses-dialect.ts'
import { promptScript, type Script, type Step, stepsFor } from './script.ts'
import { sseWire, type Wire } from './wire.ts'

export interface FakeModelOptions {
  readonly port?: number
  readonly script?: Script
  /** Default speed; 0 sends everything at once. */
  readonly tokensPerSecond?: number
  readonly charsPerToken?: number
  /** When set, requests must carry it as a bearer token. */
  readonly apiKey?: string
  readonly models?: readonly string[]
  /** Tokens a request and its answer may have together; with more it is refused. */
  readonly contextWindow?: number
}

/** What happens to WebSocket upgrades: taken, refused with a status, or left without an answer. */
export type UpgradeBehaviour = 'accept' | 'hang' | { readonly status: number; readonly body?: string }

export interface FakeModel {
  /** Base URL for Responses and chat completions, with `/v1`. Below `/cerebras/v1` chat has Cerebras' ways. */
  readonly url: string
  readonly cerebrasUrl: string
  readonly port: number
  readonly requests: readonly RecordedRequest[]
  /** TCP connections open now, and all there ever were. */
  readonly openSockets: number
  readonly socketsSeen: number
  /** Requests that did not fit its window. */
  readonly refused: number
  upgrade: UpgradeBehaviour
  /** Headers of its answers by HTTP, besides what Cerebras has. */
  headers: Readonly<Record<string, string>>
  script: Script
  /** What it does with words that arrive while it answers, and those that did. */
  steering: Steering
  /** It ends a response that is interrupted. */
  interrupting: boolean
  readonly steers: readonly Json[]
  /** The first request, now or later, that fits. */
  waitFor(fits: (request: RecordedRequest) => boolean): Promise<RecordedRequest>
  /** All connections lose their stored responses. */
  forget(): void
  /** Resets every connection. */
  dropConnections(): void
  close(): Promise<void>
}

interface Connection {
  readonly id: number
  requests: number
}

const rateLimits = {
  'x-ratelimit-limit-requests-day': '14400',
  'x-ratelimit-limit-tokens-minute': '60000',
  'x-ratelimit-remaining-requests-day': '14399',
  'x-ratelimit-remaining-tokens-minute': '59000',
  'x-ratelimit-reset-requests-day': '33011.38',
  'x-ratelimit-reset-tokens-minute': '11.38',
}

/** A deterministic, paced model server with the APIs the product speaks. */
export async function createFakeModel(options: FakeModelOptions = {}): Promise<FakeModel> {
  const models = options.models ?? ['fake-fast']
  const records = new Records()
  const sockets = new Map<Socket, Connection>()
  const responses = new Set<ResponsesConnection>()
  let socketsSeen = 0
  let refused = 0
  let ids = 0
  const nextId = (prefix: string): string => `${prefix}_${++ids}`

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  server.keepAliveTimeout = 60_000
  server.on('connection', (socket) => {
    sockets.set(socket, { id: ++socketsSeen, requests: 0 })
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
  })

  const fake = {
    upgrade: 'accept' as UpgradeBehaviour,
    headers: {} as Readonly<Record<string, string>>,
    script: options.script ?? promptScript,
    steering: 'take' as Steering,
    interrupting: true,
  }
  const steers: Json[] = []

  interface Answering {
    readonly kind: RecordedRequest['kind']
    readonly message: IncomingMessage
    readonly body: Json
    readonly history: readonly Json[]
    readonly dialect: Dialect
    readonly wire: Wire
    readonly gone: AbortSignal
    readonly steered?: AbortSignal
    readonly steps?: readonly Step[]
  }

  async function answer(answering: Answering): Promise<boolean> {
    const { kind, body, history, dialect, wire, gone } = answering
    const { end } = record(kind, answering.message, body)
    const cut = (): void => end(true)
    gone.addEventListener('abort', cut)
    const api = kind === 'chat' ? 'chat' : 'responses'
    const transport = kind === 'responses-websocket' ? 'websocket' : 'sse'
    const { contextWindow } = options
    const input = contextWindow === undefined ? undefined : inputTokens(body, history)
    const tooLong =
      input !== undefined && contextWindow !== undefined ? overflow(body, input, contextWindow) : undefined
    if (tooLong) refused++
    const steps =
      answering.steps ?? tooLong ?? stepsFor(fake.script, readRequest({ api, transport, body, history }))
    const outcome = await play({
      steps,
      wire,
      dialect,
      signal: gone,
      steered: answering.steered,
      tokensPerSecond: options.tokensPerSecond ?? 0,
      charsPerToken: options.charsPerToken ?? 4,
      inputTokens: input ?? Math.ceil(JSON.stringify(history).length / 4),
      argumentOf: (tool) => argumentOf(body, tool),
      callId: () => nextId('call'),
    })
    if (outcome === 'silent') return false
    gone.removeEventListener('abort', cut)
    end(gone.aborted)
    return outcome === 'completed'
  }

  function record(
    kind: RecordedRequest['kind'],
    message: IncomingMessage,
    body: Json,
  ): { end: (cut: boolean) => void } {
    const connection = sockets.get(message.socket) ?? { id: 0, requests: 0 }
    const reused = connection.requests > 0
    connection.requests += 1
    const { url: path = '', headers } = message
    return records.add({ kind, path, headers, body, socketId: connection.id, reused })
  }

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (message.url ?? '').split('?')[0] ?? ''
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (options.apiKey !== undefined && message.headers.authorization !== `Bearer ${options.apiKey}`) {
      return send(401, { error: { message: 'Incorrect API key provided.', code: 'invalid_api_key' } })
    }
    if (message.method === 'GET' && path.endsWith('/v1/models')) {
      record('models', message, {}).end(false)
      return send(200, {
        object: 'list',
        data: models.map((id) => ({ id, object: 'model', owned_by: 'fake' })),
      })
    }
    if (message.method === 'GET' && path === '/api/tags') {
      return send(200, { models: models.map((name) => ({ name, model: name, size: 1 })) })
    }
    if (message.method !== 'POST') return send(404, { error: { message: `No route ${path}.` } })

    const parts: Buffer[] = []
    for await (const part of message) parts.push(part)
    const body = parseJson(Buffer.concat(parts).toString())
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const model = typeof body.model === 'string' ? body.model : ''
    if (path.endsWith('/responses')) {
      const wire = sseWire({ response, headers: fake.headers, named: true })
      const dialect = responsesDialect({ wire, id: nextId('resp'), model, streamId: undefined })
      const history = objects(body.input)
      await answer({ kind: 'responses-sse', message, body, history, dialect, wire, gone: gone.signal })
    } else if (path.endsWith('/chat/completions')) {
      const flavour = path.startsWith('/cerebras') ? 'cerebras' : 'openai'
      const headers = { ...(flavour === 'cerebras' && rateLimits), ...fake.headers }
      const wire = sseWire({ response, headers, named: false })
      const dialect = chatDialect({ wire, id: nextId('chatcmpl'), model, flavour })
      const history = objects(body.messages)
      await answer({ kind: 'chat', message, body, history, dialect, wire, gone: gone.signal })
    } else send(404, { error: { message: `No route ${path}.` } })
  }

  const upgrades = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  server.on('upgrade', (message, duplex, head) => {
    const socket = message.socket
    const refuse = (status: number, body: string): void => {
      socket.end(
        `HTTP/1.1 ${status} Refused\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      )
    }
    if (options.apiKey !== undefined && message.headers.authorization !== `Bearer ${options.apiKey}`) {
      refuse(
        401,
        JSON.stringify({ error: { message: 'Incorrect API key provided.', code: 'invalid_api_key' } }),
      )
      return
    }
    const { upgrade } = fake
    if (upgrade === 'hang') return
    if (upgrade !== 'accept') {
      refuse(upgrade.status, upgrade.body ?? '{}')
      return
    }
    upgrades.handleUpgrade(message, duplex, head, (ws) => {
      const connection = new ResponsesConnection({
        ws,
        socket,
        host: {
          nextId: () => nextId('resp'),
          steering: () => fake.steering,
          interrupting: () => fake.interrupting,
          onSteer: (body) => steers.push(body),
          answer: (answering) => answer({ ...answering, kind: 'responses-websocket', message }),
        },
      })
      responses.add(connection)
      ws.on('close', () => responses.delete(connection))
    })
  })

  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}/v1`,
    cerebrasUrl: `http://127.0.0.1:${port}/cerebras/v1`,
    port,
    requests: records.requests,
    get openSockets() {
      return sockets.size
    },
    get socketsSeen() {
      return socketsSeen
    },
    get refused() {
      return refused
    },
    get upgrade() {
      return fake.upgrade
    },
    set upgrade(value) {
      fake.upgrade = value
    },
    steers,
    get steering() {
      return fake.steering
    },
    set steering(value) {
      fake.steering = value
    },
    get interrupting() {
      return fake.interrupting
    },
    set interrupting(value) {
      fake.interrupting = value
    },
    get headers() {
      return fake.headers
    },
    set headers(value) {
      fake.headers = value
    },
    get script() {
      return fake.script
    },
    set script(value) {
      fake.script = value
    },
    waitFor: (fits) => records.waitFor(fits),
    forget() {
      for (const connection of responses) connection.forget()
    },
    dropConnections() {
      for (const socket of sockets.keys()) socket.resetAndDestroy()
    },
    close() {
      for (const socket of sockets.keys()) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
