import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { EventFrame } from '../../core/protocol/envelope.ts'
import type { ThreadId, TurnId, WorkspaceId } from '../../core/protocol/ids.ts'
import type { Method, Params, ResultOf } from '../../core/protocol/methods.ts'
import { protocolVersion } from '../../core/protocol/version.ts'
import type { TandemProcess } from '../../scripts/lib/tandem-process.ts'
import { monotonicMs } from './clock.ts'
import { StampReader } from './stamps.ts'
import { type Task, taskPrompt } from './task.ts'

export interface Turn {
  readonly turnId: TurnId
  readonly sentAt: number
  readonly acceptedAt: number
  readonly settledAt: number
  readonly reader: StampReader
}

interface Pending {
  readonly resolve: (result: never) => void
  readonly reject: (error: Error) => void
}

/** The server is gone; whether it did what was asked is not known. */
export class ConnectionLost extends Error {
  constructor() {
    super('The connection was lost.')
    this.name = 'ConnectionLost'
  }
}

/** A client of the relay without a browser: the protocol and nothing else. */
export class RelayClient {
  readonly session: ResultOf<'session/open'>
  readonly #ws: WebSocket
  readonly #pending = new Map<number, Pending>()
  readonly #listeners = new Set<(frame: EventFrame, now: number) => void>()
  readonly #binary = new Set<(bytes: Buffer) => void>()
  #requests = 0

  private constructor(ws: WebSocket, session: ResultOf<'session/open'>) {
    this.#ws = ws
    this.session = session
  }

  static async connect(tandem: Pick<TandemProcess, 'url' | 'port'>): Promise<RelayClient> {
    const token = new URL(tandem.url).searchParams.get('token') ?? ''
    const ws = new WebSocket(`ws://127.0.0.1:${tandem.port}/relay`, {
      perMessageDeflate: false,
      headers: { authorization: `Bearer ${token}` },
    })
    const gone = new AbortController()
    ws.once('close', () => gone.abort(new Error('The server closed the connection.')))
    await once(ws, 'open', gone)
    ws.send(JSON.stringify({ id: 0, method: 'session/open', params: { protocol: protocolVersion } }))
    const [first] = await once(ws, 'message', gone)
    const answer = JSON.parse(String(first))
    if (answer.error) throw new Error(`session/open: ${answer.error.message}`)
    const client = new RelayClient(ws, answer.result)
    ws.on('message', (data, isBinary) => client.#receive(data, isBinary))
    ws.once('close', () => client.#lose())
    if (gone.signal.aborted) client.#lose()
    return client
  }

  get workspaceId(): WorkspaceId {
    const workspace = this.session.workspaces[0]
    if (!workspace) throw new Error('The server has no workspace.')
    return workspace.id
  }

  request<M extends Method>(method: M, params: Params<M>): Promise<ResultOf<M>> {
    const id = ++this.#requests
    return new Promise((resolve, reject) => {
      if (this.#ws.readyState !== WebSocket.OPEN) return reject(new ConnectionLost())
      this.#pending.set(id, { resolve, reject })
      this.#ws.send(JSON.stringify({ id, method, params }))
    })
  }

  sendBinary(bytes: Uint8Array): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(bytes)
  }

  onEvent(listener: (frame: EventFrame, now: number) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  onBinary(listener: (bytes: Buffer) => void): () => void {
    this.#binary.add(listener)
    return () => this.#binary.delete(listener)
  }

  /** A new thread, followed and warmed as a page does it. */
  async openThread(): Promise<ThreadId> {
    const { threadId } = await this.request('thread/create', { workspaceId: this.workspaceId })
    await this.request('topic/subscribe', { topic: `thread:${threadId}` })
    await this.request('thread/warm', { threadId })
    return threadId
  }

  /** Runs one turn to its end. */
  runTurn(threadId: ThreadId, task: Task): Promise<Turn> {
    return this.startTurn(threadId, task).settled
  }

  startTurn(
    threadId: ThreadId,
    task: Task,
  ): { accepted: Promise<TurnId>; settled: Promise<Turn>; reader: StampReader } {
    const topic = `thread:${threadId}`
    const reader = new StampReader()
    const { promise: end, resolve: settle } = Promise.withResolvers<number>()
    const stop = this.onEvent(({ topic: of, event }, now) => {
      if (of !== topic) return
      if (event.type === 'item/delta') reader.push(event.text, now)
      if (event.type === 'turn/settled') settle(now)
    })
    const sentAt = monotonicMs()
    const accepted = this.request('turn/start', {
      threadId,
      text: taskPrompt(task),
      context: { openPaths: [] },
    })
    const acceptedAt = accepted.then(() => monotonicMs())
    const settled = (async () => {
      const { turnId } = await accepted
      const settledAt = await end
      stop()
      return { turnId, sentAt, acceptedAt: await acceptedAt, settledAt, reader }
    })()
    return { accepted: accepted.then(({ turnId }) => turnId), settled, reader }
  }

  close(): void {
    this.#ws.terminate()
  }

  #lose(): void {
    for (const { reject } of this.#pending.values()) reject(new ConnectionLost())
    this.#pending.clear()
  }

  #receive(data: unknown, isBinary: boolean): void {
    const now = monotonicMs()
    if (isBinary) {
      if (data instanceof Buffer) for (const listener of this.#binary) listener(data)
      return
    }
    const frame = JSON.parse(String(data))
    if ('topic' in frame) {
      for (const listener of this.#listeners) listener(frame, now)
      return
    }
    const pending = this.#pending.get(frame.id)
    if (!pending) return
    this.#pending.delete(frame.id)
    if (frame.error) pending.reject(new Error(`${frame.error.code}: ${frame.error.message}`))
    else pending.resolve(frame.result as never)
  }
}
