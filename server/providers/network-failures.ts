import type { ModelFailure } from '../../core/protocol/model.ts'
import { modelFailure } from './failures.ts'

/** What went wrong with a connection. `refused`: the server answered, but not with what was asked for. */
export type ConnectionLoss =
  | { readonly type: 'unreachable'; readonly code: string; readonly detail: string }
  | { readonly type: 'connectTimeout'; readonly detail: string }
  | {
      readonly type: 'refused'
      readonly status: number
      readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
      readonly body: string
    }
  /** It was open and is gone. */
  | { readonly type: 'lost'; readonly detail: string }
  /** What arrived is not the protocol. */
  | { readonly type: 'garbled'; readonly detail: string }

const certificateCodes = /^(CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO)/
/** These mend themselves only when someone changes the configuration. */
const lastingCodes = /^(ENOTFOUND|ERR_INVALID_URL)$/

/** A connection that failed before it was open. */
export function unreachable(error: unknown, url: string): ConnectionLoss {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const words = error instanceof Error ? error.message : String(error)
  const host = URL.canParse(url) ? new URL(url).host : url
  const hint = certificateCodes.test(code)
    ? `The TLS certificate of ${host} was not accepted`
    : code === 'ENOTFOUND' || code === 'EAI_AGAIN'
      ? `The name ${host} could not be resolved`
      : `Nothing answers at ${host}`
  return { type: 'unreachable', code, detail: `${hint} (${code === '' ? words : code}).` }
}

/** The failure a lost connection means, for all kinds but an answer with a status. */
export function failureOfLoss(loss: Exclude<ConnectionLoss, { type: 'refused' }>): ModelFailure {
  switch (loss.type) {
    case 'unreachable': {
      const lasting = certificateCodes.test(loss.code) || lastingCodes.test(loss.code)
      return modelFailure('noBackend', loss.detail, { retriable: !lasting })
    }
    case 'connectTimeout':
      return modelFailure('noBackend', loss.detail)
    case 'lost':
      return modelFailure('cut', loss.detail)
    case 'garbled':
      return modelFailure('malformed', loss.detail)
  }
}
