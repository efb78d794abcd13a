import { formatTable } from './format.ts'
import { parseSales } from './parse.ts'
import { totalsOf } from './totals.ts'

/** A table of what each shop sold, the best first. */
export function report(text: string): string {
  return formatTable(totalsOf(parseSales(text)))
}
