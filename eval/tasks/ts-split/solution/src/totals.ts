import type { Sale } from './parse.ts'

export interface Total {
  readonly shop: string
  readonly cents: number
  readonly days: number
}

/** The best first. */
export function totalsOf(sales: readonly Sale[]): readonly Total[] {
  const totals = new Map<string, { cents: number; days: Set<string> }>()
  for (const { day, shop, cents } of sales) {
    const total = totals.get(shop) ?? { cents: 0, days: new Set<string>() }
    total.cents += cents
    total.days.add(day)
    totals.set(shop, total)
  }
  return [...totals]
    .map(([shop, { cents, days }]) => ({ shop, cents, days: days.size }))
    .sort((a, b) => b.cents - a.cents || a.shop.localeCompare(b.shop))
}
