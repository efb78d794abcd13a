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
