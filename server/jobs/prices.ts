import type { Job } from '../../core/protocol/job.ts'
import type { Usage } from '../../core/protocol/model.ts'

/** US dollars for a million tokens, by model. */
export type Prices = Readonly<
  Record<string, { readonly input: number; readonly cached?: number; readonly output: number }>
>

/** In millionths of a US dollar; `undefined`: the model has no price. */
export function costOf(prices: Prices, modelId: string, usage: Usage): number | undefined {
  const price = prices[modelId]
  if (!price) return undefined
  const { inputTokens, cachedTokens, outputTokens } = usage
  const { input, cached = input, output } = price
  return Math.round((inputTokens - cachedTokens) * input + cachedTokens * cached + outputTokens * output)
}

/** What a job has used after one more answer of a model. */
export function billed(
  used: Job['used'],
  { prices, modelId, usage }: { readonly prices: Prices; readonly modelId: string; readonly usage: Usage },
): Job['used'] {
  const cost = costOf(prices, modelId, usage)
  const tokens = used.tokens + usage.inputTokens + usage.outputTokens
  return cost === undefined
    ? { ...used, tokens, unpriced: true }
    : { ...used, tokens, cost: (used.cost ?? 0) + cost }
}
