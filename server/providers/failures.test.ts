import { describe, expect, it } from 'vitest'
import { durationMs, failureOf, modelFailure } from './failures.ts'
import { retryAfterOf } from './retry-after.ts'

describe('failures', () => {
  it('[PROV-5] believes the code before the words and the words before the status', () => {
    const cases: readonly [Parameters<typeof failureOf>[0], string][] = [
      [{ status: 400, codes: ['context_length_exceeded'], message: '' }, 'contextOverflow'],
      [
        { status: 400, codes: [], message: "This model's maximum context length is 8192 tokens" },
        'contextOverflow',
      ],
      [{ status: 500, codes: [undefined, 'exceed_context_size_error'], message: '' }, 'contextOverflow'],
      [{ status: 404, codes: [], message: 'model "x" not found, try pulling it first' }, 'modelNotFound'],
      [{ status: 429, codes: ['queue_exceeded', 'too_many_requests_error'], message: 'busy' }, 'overloaded'],
      [{ status: 429, codes: ['request_quota_exceeded'], message: '' }, 'rateLimited'],
      [{ status: 401, codes: [], message: 'The model does not exist for this key' }, 'wrongKey'],
      [{ status: 402, codes: [], message: '' }, 'quotaExceeded'],
      [{ status: 422, codes: [], message: 'bad field' }, 'badRequest'],
      [{ status: 529, codes: [], message: '' }, 'overloaded'],
      [{ codes: ['server_error'], message: 'oops' }, 'internal'],
      [{ codes: [], message: '' }, 'internal'],
    ]
    for (const [error, code] of cases) expect(failureOf(error).code, JSON.stringify(error)).toBe(code)
  })

  it('[PROV-17] keeps the backend’s words short and free of keys', () => {
    const secrets = [
      'sk-proj-abcdEFGH1234567890',
      'csk-abcdefgh12345678abcdefgh',
      'a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6',
    ]
    for (const secret of secrets) {
      const { detail } = modelFailure('wrongKey', `Incorrect API key provided: ${secret}. Find yours at x.`)
      expect(detail).not.toContain(secret)
      expect(detail).toContain('Incorrect API key provided')
    }
    expect(modelFailure('wrongKey', 'Authorization: Bearer abc.def-123').detail).not.toContain('abc.def')
    expect(modelFailure('internal', 'x y '.repeat(300)).detail).toHaveLength(300)
    expect(modelFailure('internal', 'The gpt-5.3-codex-spark\n model').detail).toBe(
      'The gpt-5.3-codex-spark model',
    )
  })

  it('[PROV-5] reads how long to wait in every form', () => {
    const now = Date.parse('2026-11-22T12:00:00Z')
    expect(retryAfterOf({ 'retry-after': '3' }, now)).toBe(3000)
    expect(retryAfterOf({ 'retry-after-ms': '250', 'retry-after': '3' }, now)).toBe(250)
    expect(retryAfterOf({ 'retry-after': 'Sun, 22 Nov 2026 12:00:09 GMT' }, now)).toBe(9000)
    expect(
      retryAfterOf({ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6m0s' }, now),
    ).toBe(360_000)
    expect(
      retryAfterOf(
        {
          'x-ratelimit-remaining-tokens-minute': '0',
          'x-ratelimit-reset-tokens-minute': '11.5',
          'x-ratelimit-remaining-requests-day': '9',
        },
        now,
      ),
    ).toBe(11_500)
    expect(
      retryAfterOf({ 'x-ratelimit-remaining-tokens': '9', 'x-ratelimit-reset-tokens': '1s' }, now),
    ).toBeUndefined()
    expect(retryAfterOf({}, now)).toBeUndefined()
    expect(durationMs('1m30s')).toBe(90_000)
    expect(durationMs('20ms')).toBe(20)
    expect(durationMs('soon')).toBeUndefined()
  })
})
