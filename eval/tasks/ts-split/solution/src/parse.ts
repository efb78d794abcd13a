export interface Sale {
  readonly day: string
  readonly shop: string
  readonly cents: number
}

export function parseSales(text: string): readonly Sale[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return []
    return [parseSale(line, index + 1)]
  })
}

function parseSale(line: string, number: number): Sale {
  const [day = '', shop = '', amount = ''] = line.split(';').map((part) => part.trim())
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new Error(`line ${number}: no day`)
  if (shop === '') throw new Error(`line ${number}: no shop`)
  const match = /^(-?)(\d+)(?:\.(\d{1,2}))?$/.exec(amount)
  if (!match) throw new Error(`line ${number}: no amount`)
  const whole = Number(match[2]) * 100 + Number((match[3] ?? '').padEnd(2, '0'))
  return { day, shop, cents: match[1] === '-' ? -whole : whole }
}
