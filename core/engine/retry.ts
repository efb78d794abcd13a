import type { Random } from '../lib/random.ts'
import { limits } from '../protocol/limits.ts'
import type { ModelFailure } from '../protocol/model.ts'

/**
 * Milliseconds until the next attempt after `failure`, or `undefined` when there shall be none by itself.
 * `attempt` counts from 1. Full jitter, so that clients do not return together; what the backend asked for is kept to.
 */
export function retryDelay(failure: ModelFailure, attempt: number, random: Random): number | undefined {
  if (!failure.retriable || attempt > limits.retryAttempts) return undefined
  if (failure.retryAfterMs !== undefined) {
    return failure.retryAfterMs > limits.retryCeilingMs ? undefined : failure.retryAfterMs
  }
  const ceiling = Math.min(limits.retryCeilingMs, limits.retryBaseMs * 2 ** attempt)
  return Math.round(ceiling / 2 + random.next() * (ceiling / 2))
}
