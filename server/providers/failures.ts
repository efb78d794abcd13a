import type { ModelFailure, ModelFailureCode } from '../../core/protocol/model.ts'

const detailChars = 300

const retriableCodes: ReadonlySet<ModelFailureCode> = new Set([
  'noBackend',
  'rateLimited',
  'overloaded',
  'cut',
  'stalled',
  'timedOut',
  'malformed',
  'serverRestarted',
  'internal',
])

export function modelFailure(
  code: ModelFailureCode,
  detail: string,
  options: { readonly retryAfterMs?: number | undefined; readonly retriable?: boolean } = {},
): ModelFailure {
  const { retryAfterMs } = options
  return {
    code,
    detail: tidy(detail),
    retriable: options.retriable ?? retriableCodes.has(code),
    ...(retryAfterMs !== undefined && { retryAfterMs: Math.max(0, Math.ceil(retryAfterMs)) }),
  }
}

/** One line of at most 300 characters, without anything that looks like a key. */
function tidy(detail: string): string {
  const clean = detail
    .replace(/\b(?:sk|csk|gsk|pk|rk|xai|hf|key|ghp)[-_][\w*-]{8,}/gi, '[key]')
    .replace(/\b(Bearer\s+|api[-_ ]?key["']?\s*[:=]\s*["']?)[^\s"',]{6,}/gi, '$1[key]')
    .replace(/\b(?=\w*\d)\w{32,}\b/g, '[key]')
    .replace(/\s+/g, ' ')
    .trim()
  return clean.length > detailChars ? `${clean.slice(0, detailChars - 1)}…` : clean
}

/** Error codes, types and reasons that backends use, whichever API they speak. */
const knownCodes: Readonly<Record<string, ModelFailureCode>> = {
  authentication_error: 'wrongKey',
  invalid_api_key: 'wrongKey',
  invalid_authentication: 'wrongKey',
  permission_denied: 'wrongKey',
  wrong_api_key: 'wrongKey',
  rate_limit_error: 'rateLimited',
  rate_limit_exceeded: 'rateLimited',
  request_quota_exceeded: 'rateLimited',
  token_quota_exceeded: 'rateLimited',
  too_many_requests: 'rateLimited',
  too_many_requests_error: 'rateLimited',
  billing_hard_limit_reached: 'quotaExceeded',
  insufficient_quota: 'quotaExceeded',
  payment_required: 'quotaExceeded',
  usage_limit_reached: 'quotaExceeded',
  usage_not_included: 'quotaExceeded',
  engine_overloaded: 'overloaded',
  overloaded: 'overloaded',
  overloaded_error: 'overloaded',
  queue_exceeded: 'overloaded',
  server_is_overloaded: 'overloaded',
  service_unavailable: 'overloaded',
  slow_down: 'overloaded',
  context_length_exceeded: 'contextOverflow',
  exceed_context_size_error: 'contextOverflow',
  content_filter: 'refused',
  content_policy_violation: 'refused',
  invalid_prompt: 'refused',
  model_not_found: 'modelNotFound',
  internal_error: 'internal',
  server_error: 'internal',
}

/** For backends that say it in prose only. */
const knownPhrases: readonly (readonly [RegExp, ModelFailureCode])[] = [
  [/context (length|window|size)|maximum context|prompt is too long|too many tokens in/i, 'contextOverflow'],
  [/model\b.{0,80}\b(not found|does not exist|not supported|no such)/i, 'modelNotFound'],
  [/high traffic|overloaded|at capacity/i, 'overloaded'],
]

const statuses: Readonly<Record<number, ModelFailureCode>> = {
  401: 'wrongKey',
  402: 'quotaExceeded',
  403: 'wrongKey',
  404: 'modelNotFound',
  408: 'timedOut',
  413: 'contextOverflow',
  429: 'rateLimited',
  500: 'internal',
  502: 'overloaded',
  503: 'overloaded',
  504: 'overloaded',
  529: 'overloaded',
}

export interface BackendError {
  readonly status?: number | undefined
  /** Codes, types and reasons as the backend gave them, most telling first. */
  readonly codes: readonly (string | undefined)[]
  readonly message: string
  readonly retryAfterMs?: number | undefined
}

/** What a backend's error means: its own code first, then its words, then the status. */
export function failureOf({ status, codes, message, retryAfterMs }: BackendError): ModelFailure {
  const byCode = codes.map((code) => (code === undefined ? undefined : knownCodes[code])).find(Boolean)
  const byPhrase = knownPhrases.find(([phrase]) => phrase.test(message))?.[1]
  const byStatus =
    status === undefined ? undefined : (statuses[status] ?? (status >= 500 ? 'internal' : 'badRequest'))
  // A wrong key and a used-up quota are known by their status: prose about models must not hide them.
  const certain = status === 401 || status === 402 || status === 429
  const code = byCode ?? (certain ? undefined : byPhrase) ?? byStatus ?? byPhrase ?? 'internal'
  const words = message === '' ? [...codes.filter(Boolean), status].join(' ') : message
  return modelFailure(code, words, { retryAfterMs: retryAfterMs ?? waitInWords(message) })
}

/** `try again in 1.5s`, `in 20ms`, `in 1m30s`. */
function waitInWords(message: string): number | undefined {
  const match = /try again in ((?:[\d.]+\s*(?:ms|milliseconds?|s|seconds?|m|minutes?|h|hours?)\s*)+)/i.exec(
    message,
  )
  return match ? durationMs(match[1] ?? '') : undefined
}

/** A duration as headers and messages write it: `6m0s`, `1.5s`, `20ms`; a bare number is seconds. */
export function durationMs(text: string): number | undefined {
  const plain = Number(text)
  if (text.trim() !== '' && Number.isFinite(plain)) return plain * 1000
  let total: number | undefined
  for (const [, amount, unit] of text.matchAll(/([\d.]+)\s*(ms|mil|s|m|h)/gi)) {
    total = (total ?? 0) + Number(amount) * (unitMs[unit?.toLowerCase() ?? ''] ?? 0)
  }
  return total === undefined || Number.isNaN(total) ? undefined : total
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, mil: 1, s: 1000, m: 60_000, h: 3_600_000 }
