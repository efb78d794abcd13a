import { estimateTokens } from '../lib/token-estimate.ts'
import { limits } from '../protocol/limits.ts'
import { type ModelDescription, type TierName, tierNameOf } from '../protocol/model.ts'
import type { ThreadState } from '../protocol/thread.ts'
import { isSaid } from '../state/steers.ts'

/** Turns at the end of a thread that tell how long its answers are. */
const tellingTurns = 3
/** Of what they took, so much may the next one take. */
const growth = 4
/** Of the lines an edit in place is asked for: removed and added lines, and what thinking it over takes. */
const inlineGrowth = 3
const patientTiers: ReadonlySet<TierName | undefined> = new Set(['deep', 'background'])

/** The longest answer a model can be asked for: it still has to be asked something. */
export function largestOutput({ maxOutputTokens, contextWindow }: ModelDescription): number {
  return Math.min(maxOutputTokens, Math.floor(contextWindow / 2))
}

/**
 * How many tokens the next answer is likely to need at most. Backends take them from the quota up front, so that a small
 * edit should ask for little; an answer that grows beyond goes on in another request.
 */
export function outputTokens(thread: ThreadState, model: ModelDescription): number {
  return Math.min(largestOutput(model), need(thread))
}

function need({ turns, mode, modelId }: ThreadState): number {
  // Who thinks for long is not hurried: a thought that is cut off is lost.
  if (patientTiers.has(tierNameOf(modelId))) return Number.POSITIVE_INFINITY
  const asked = turns.at(-1)?.items.findLast(isSaid)
  const places = asked?.context?.inline
  const taken = turns
    .filter(({ usage, settledAt }) => usage && settledAt !== undefined)
    .slice(-tellingTurns)
    .map(({ usage }) => usage?.outputTokens ?? 0)
  const usual = growth * Math.max(0, ...taken)
  if (places) {
    const lines = places.reduce((sum, { text }) => sum + estimateTokens(text), 0)
    return Math.max(usual, limits.inlineAnswerTokens + inlineGrowth * lines)
  }
  if (taken.length > 0) return Math.max(usual, limits.leastAnswerTokens)
  return mode === 'plan' ? limits.planAnswerTokens : limits.firstAnswerTokens
}
