import { limits } from '../../core/protocol/limits.ts'

/** How long upstream may take, in milliseconds. */
export interface Timeouts {
  readonly connectMs: number
  /** From the request to the first output, and while the model reasons without a word. */
  readonly firstByteMs: number
  /** Between two pieces of output. */
  readonly stallMs: number
  readonly pingEveryMs: number
}

export const defaultTimeouts: Timeouts = {
  connectMs: limits.connectMs,
  firstByteMs: limits.firstByteMs,
  stallMs: limits.stallMs,
  pingEveryMs: limits.pingEveryMs,
}
