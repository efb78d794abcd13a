import { limits } from '../../core/protocol/limits.ts'

/** How long upstream may take, in milliseconds. */
export interface Timeouts {
  readonly connectMs: number
  /** From the request to the first output, and while the model reasons without a word. */
  readonly firstByteMs: number
  /** Between two pieces of output. */
  readonly stallMs: number
  /** A peer that does not answer a ping by the next one is gone. */
  readonly pingEveryMs: number
  /** From the end of a response until it is known what became of words it was given. */
  readonly verdictMs: number
}

export const defaultTimeouts: Timeouts = {
  connectMs: limits.connectMs,
  firstByteMs: limits.firstByteMs,
  stallMs: limits.stallMs,
  pingEveryMs: limits.upstreamPingMs,
  verdictMs: limits.verdictMs,
}
