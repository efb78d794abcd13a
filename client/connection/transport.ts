/** One socket: it moves frames and knows none. */
export interface Transport {
  send(frame: string | Uint8Array): void
  /** Bytes given to `send` that have not left yet. */
  bufferedBytes(): number
  /** Ends it; `onClose` is still called. */
  close(): void
}

export interface TransportHandlers {
  onOpen(): void
  onFrame(frame: string | Uint8Array): void
  /** Once, whether it ever opened or not. `code` as in core/protocol/errors `closeCodes`, or the socket's own. */
  onClose(code: number): void
}

/** Opens a socket. */
export type Dial = (handlers: TransportHandlers) => Transport

/** The only way to wait. */
export interface Timers {
  /** Calls `run` once after `ms`; returns the cancel. */
  after(ms: number, run: () => void): () => void
}
