import type { Total } from './totals.ts'

interface Row {
  readonly shop: string
  readonly days: string
  readonly amount: string
}

export function formatTable(totals: readonly Total[]): string {
  const head: Row = { shop: 'shop', days: 'days', amount: 'amount' }
  const rows = [
    head,
    ...totals.map(({ shop, cents, days }) => ({ shop, days: String(days), amount: money(cents) })),
  ]
  const widest = (column: keyof Row) => Math.max(...rows.map((row) => row[column].length))
  const [shop, days, amount] = [widest('shop'), widest('days'), widest('amount')]
  return rows
    .map((row) => [row.shop.padEnd(shop), row.days.padStart(days), row.amount.padStart(amount)].join('  '))
    .join('\n')
}

function money(cents: number): string {
  const size = Math.abs(cents)
  return `${cents < 0 ? '-' : ''}${Math.floor(size / 100)}.${String(size % 100).padStart(2, '0')}`
}
