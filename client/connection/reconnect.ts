import { assertNever } from '../../core/lib/assert-never.ts'
import type { Random } from '../../core/lib/random.ts'
import { closeCodes } from '../../core/protocol/errors.ts'

/** When to dial: a machine without a timer or a socket. `attempt` counts dials since it was last open. */
export type ReconnectState =
  | { readonly phase: 'dialing'; readonly attempt: number; readonly everOpen: boolean }
  | { readonly phase: 'waiting'; readonly attempt: number; readonly everOpen: boolean }
  | { readonly phase: 'open' }
  | { readonly phase: 'stopped'; readonly reason: 'closed' | 'outdated' | 'unauthorized' | 'linkEnded' }

export type ReconnectInput =
  /** The server answered the handshake. */
  | { readonly type: 'opened' }
  /** The socket closed, or the dial failed. */
  | { readonly type: 'lost'; readonly code: number }
  | { readonly type: 'waited' }
  /** The network or the page is back. */
  | { readonly type: 'woken' }
  | { readonly type: 'closed' }

export type ReconnectEffect = { readonly type: 'dial' } | { readonly type: 'wait'; readonly ms: number }

const backoff = { baseMs: 250, ceilingMs: 10_000 } as const

export const reconnectStart: ReconnectState = { phase: 'dialing', attempt: 0, everOpen: false }

export function stepReconnect(
  state: ReconnectState,
  input: ReconnectInput,
  random: Random,
): { readonly state: ReconnectState; readonly effect?: ReconnectEffect } {
  if (state.phase === 'stopped') return { state }
  switch (input.type) {
    case 'opened':
      return { state: { phase: 'open' } }
    case 'closed':
      return { state: { phase: 'stopped', reason: 'closed' } }
    case 'lost':
      return lost(state, input.code, random)
    case 'waited':
    case 'woken': {
      if (state.phase !== 'waiting') return { state }
      // A person coming back starts the patience anew; the clock running out does not.
      const attempt = input.type === 'woken' ? 0 : state.attempt
      return { state: { ...state, phase: 'dialing', attempt }, effect: { type: 'dial' } }
    }
    default:
      return assertNever(input, 'reconnect input')
  }
}

function lost(state: ReconnectState, code: number, random: Random): ReturnType<typeof stepReconnect> {
  if (state.phase === 'stopped' || state.phase === 'waiting') return { state }
  if (code === closeCodes.protocolMismatch) return { state: { phase: 'stopped', reason: 'outdated' } }
  if (code === closeCodes.unauthorized || code === closeCodes.forbidden) {
    return { state: { phase: 'stopped', reason: 'unauthorized' } }
  }
  if (code === closeCodes.linkEnded) return { state: { phase: 'stopped', reason: 'linkEnded' } }
  // The first dial after a working socket goes out at once: most losses are a blink.
  if (state.phase === 'open') {
    return { state: { phase: 'dialing', attempt: 0, everOpen: true }, effect: { type: 'dial' } }
  }
  const ceiling = Math.min(backoff.ceilingMs, backoff.baseMs * 2 ** state.attempt)
  const ms = Math.round(ceiling / 2 + (random.next() * ceiling) / 2)
  return { state: { ...state, phase: 'waiting', attempt: state.attempt + 1 }, effect: { type: 'wait', ms } }
}
