import { expect, test } from 'vitest'
import { quotasIn, quotasInFrame } from './quotas.ts'

const now = 1_000_000
const minuteMs = 60_000

test('[RADMIT-20] what is left is read as OpenAI, Cerebras and Codex say it', () => {
  const openai = {
    'x-ratelimit-limit-requests': '500',
    'x-ratelimit-remaining-requests': '499',
    'x-ratelimit-reset-requests': '120ms',
    'x-ratelimit-limit-tokens': '30000',
    'x-ratelimit-remaining-tokens': '12000',
    'x-ratelimit-reset-tokens': '6m0s',
  }
  expect(quotasIn(openai, now)).toEqual([
    { what: 'requests', limit: 500, left: 499, resetAt: now + 120 },
    { what: 'tokens', limit: 30_000, left: 12_000, resetAt: now + 6 * minuteMs },
  ])
  const cerebras = {
    'x-ratelimit-limit-requests-day': '14400',
    'x-ratelimit-limit-tokens-minute': '60000',
    'x-ratelimit-remaining-requests-day': '14399',
    'x-ratelimit-remaining-tokens-minute': '0',
    'x-ratelimit-reset-requests-day': '33011.382867',
    'x-ratelimit-reset-tokens-minute': '11.38',
  }
  expect(quotasIn(cerebras, now)).toEqual([
    {
      what: 'requests',
      limit: 14_400,
      left: 14_399,
      resetAt: now + 33_011_383,
      windowMs: 24 * 60 * minuteMs,
    },
    { what: 'tokens', limit: 60_000, left: 0, resetAt: now + 11_380, windowMs: minuteMs },
  ])
  const codex = {
    'x-codex-primary-used-percent': '12.5',
    'x-codex-primary-window-minutes': '300',
    'x-codex-primary-reset-at': '1893456000',
    'x-codex-bengalfox-primary-used-percent': '100',
  }
  expect(quotasIn(codex, now)).toEqual([
    { what: 'percent', limit: 100, left: 87.5, resetAt: 1_893_456_000_000, windowMs: 300 * minuteMs },
    { what: 'percent', limit: 100, left: 0, resetAt: now + minuteMs },
  ])
  const frame = {
    type: 'codex.rate_limits',
    rate_limits: {
      primary: { used_percent: 12, window_minutes: 60, reset_at: 1_893_456_000 },
      secondary: null,
    },
    additional_rate_limits: [
      { limit_name: 'x', rate_limit: { primary_window: { used_percent: 40, limit_window_seconds: 3600 } } },
    ],
  }
  expect(quotasInFrame(frame, now)).toEqual([
    { what: 'percent', limit: 100, left: 88, resetAt: 1_893_456_000_000, windowMs: 60 * minuteMs },
    { what: 'percent', limit: 100, left: 60, resetAt: now + 60 * minuteMs, windowMs: 60 * minuteMs },
  ])
})

test('[RADMIT-20] what makes no sense says nothing', () => {
  const odd = {
    'x-ratelimit-remaining-tokens': 'plenty',
    'x-ratelimit-remaining-images': '3',
    'x-ratelimit-remaining-requests': '-4',
    'x-codex-primary-used-percent': '',
  }
  expect(quotasIn(odd, now)).toEqual([{ what: 'requests', left: 0, resetAt: now + minuteMs }])
  for (const frame of [
    undefined,
    {},
    { rate_limits: null },
    { rate_limits: { primary: { used_percent: 'x' } } },
  ]) {
    expect(quotasInFrame(frame, now)).toEqual([])
  }
})
