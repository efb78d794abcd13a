import type { Fault } from './script.ts'

/** What one API makes of a scripted answer. */
export interface Dialect {
  begin(): void
  openText(): void
  textDelta(text: string): void
  closeText(): void
  openReasoning(): void
  reasoningDelta(text: string): void
  closeReasoning(encrypted: string | undefined): void
  compaction(encrypted: string): void
  openCall(call: FakeCall): void
  callDelta(text: string): void
  closeCall(): void
  complete(usage: FakeUsage): void
  /** Faults that are words of the API. */
  fault(fault: Extract<Fault, { type: 'error' | 'failed' | 'incomplete' }>): void
}

export interface FakeCall {
  readonly callId: string
  readonly name: string
  readonly format: 'function' | 'custom'
}

export interface FakeUsage {
  readonly input: number
  readonly cached: number
  readonly output: number
}
