interface Sale {
  readonly day: string
  readonly shop: string
  readonly cents: number
}

/** A table of what each shop sold, the best first. */
export function report(text: string): string {
  const sales: Sale[] = []
  const lines = text.split('\n')
  for (let number = 0; number < lines.length; number++) {
    const line = lines[number] ?? ''
    if (line.trim() === '' || line.startsWith('#')) continue
    const [day = '', shop = '', amount = ''] = line.split(';').map((part) => part.trim())
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new Error(`line ${number + 1}: no day`)
    if (shop === '') throw new Error(`line ${number + 1}: no shop`)
    const match = /^(-?)(\d+)(?:\.(\d{1,2}))?$/.exec(amount)
    if (!match) throw new Error(`line ${number + 1}: no amount`)
    const whole = Number(match[2]) * 100 + Number((match[3] ?? '').padEnd(2, '0'))
    sales.push({ day, shop, cents: match[1] === '-' ? -whole : whole })
  }
  const totals = new Map<string, { cents: number; days: Set<string> }>()
  for (const { day, shop, cents } of sales) {
    const total = totals.get(shop) ?? { cents: 0, days: new Set<string>() }
    total.cents += cents
    total.days.add(day)
    totals.set(shop, total)
  }
  const sorted = [...totals].sort(
    ([a, { cents: left }], [b, { cents: right }]) => right - left || a.localeCompare(b),
  )
  const rows = sorted.map(([shop, { cents, days }]) => {
    const sign = cents < 0 ? '-' : ''
    const size = Math.abs(cents)
    const amount = `${sign}${Math.floor(size / 100)}.${String(size % 100).padStart(2, '0')}`
    return { shop, days: String(days.size), amount }
  })
  const widest = (column: 'shop' | 'days' | 'amount') =>
    Math.max(column.length, ...rows.map((row) => row[column].length))
  const line = (row: { shop: string; days: string; amount: string }) =>
    [
      row.shop.padEnd(widest('shop')),
      row.days.padStart(widest('days')),
      row.amount.padStart(widest('amount')),
    ].join('  ')
  return [line({ shop: 'shop', days: 'days', amount: 'amount' }), ...rows.map(line)].join('\n')
}
