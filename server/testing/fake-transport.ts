import type { Transport } from '../relay/transport.ts'

/** A socket whose other end is the test: it says what arrives and how much the network still has to take. */
export class FakeTransport implements Transport {
  readonly sent: string[] = []
  readonly sentBinary: Uint8Array[] = []
  buffered = 0
  closed: { readonly code: number; readonly reason: string } | undefined
  #onText: (text: string) => void = () => undefined
  #onBinary: (bytes: Uint8Array) => void = () => undefined
  #onClose: () => void = () => undefined

  sendText(text: string): void {
    this.sent.push(text)
  }
  sendBinary(bytes: Uint8Array): void {
    this.sentBinary.push(bytes)
  }
  bufferedBytes(): number {
    return this.buffered
  }
  close(code: number, reason: string): void {
    this.closed ??= { code, reason }
    this.#onClose()
  }
  onText(listener: (text: string) => void): void {
    this.#onText = listener
  }
  onBinary(listener: (bytes: Uint8Array) => void): void {
    this.#onBinary = listener
  }
  onClose(listener: () => void): void {
    this.#onClose = listener
  }

  receive(value: unknown): void {
    this.#onText(typeof value === 'string' ? value : JSON.stringify(value))
  }
  receiveBinary(bytes: Uint8Array): void {
    this.#onBinary(bytes)
  }
  /** Frames sent so far, parsed, an array frame spread out; then forgotten. */
  take(): unknown[] {
    return this.sent.splice(0).flatMap((text) => JSON.parse(text) as unknown)
  }
}
