import type { EventFrame } from '../../core/protocol/envelope.ts'
import type { Method, Params, ResultOf } from '../../core/protocol/methods.ts'

export type ConnectionStatus =
  | 'connecting'
  | 'open'
  | 'reconnecting'
  | 'closed'
  | 'outdated'
  | 'unauthorized'
  /** The link one came by was withdrawn or has expired. */
  | 'linkEnded'

/** When a message was received, and when its frames had been read, in monotonic milliseconds. */
export interface Arrival {
  readonly receivedAt: number
  readonly parsedAt: number
}

/** The browser's end of the relay: typed requests, events by topic, binary document frames. Closing rejects what is pending. */
export interface Connection {
  /** Rejects with RequestError (core/protocol/errors) or, when the socket is lost, with code `busy`. */
  request<M extends Method>(method: M, params: Params<M>): Promise<ResultOf<M>>
  sendBinary(bytes: Uint8Array): void
  onBinary(listener: (bytes: Uint8Array) => void): () => void
  onEvent(listener: (frame: EventFrame, arrival: Arrival) => void): () => void
  /** Topics of which the server left something out: subscribe to them anew. */
  onLagging(listener: (topics: readonly string[]) => void): () => void
  /** Called at once with the present status, then on every change. `open` comes after `session/open` was answered. */
  onStatus(
    listener: (status: ConnectionStatus, session: ResultOf<'session/open'> | undefined) => void,
  ): () => void
  /** Bytes waiting in the socket. */
  bufferedBytes(): number
  close(): void
}
