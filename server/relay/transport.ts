/** One socket, seen from the relay: it moves messages and knows none. */
export interface Transport {
  sendText(text: string): void
  sendBinary(bytes: Uint8Array): void
  /** Bytes handed over that the network has not taken yet. */
  bufferedBytes(): number
  close(code: number, reason: string): void
  onText(listener: (text: string) => void): void
  onBinary(listener: (bytes: Uint8Array) => void): void
  onClose(listener: () => void): void
}
