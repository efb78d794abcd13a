import { openBrowser } from '../browser/window.ts'
import type { Row } from '../lib/row.ts'
import { measureAttribution } from './attribution.ts'
import { measurePageCost, measureRelayCost } from './cost.ts'

/** Whether the panel tells the truth about where time goes, and what knowing it costs. */
export async function measureHud(options: {
  readonly quick: boolean
  readonly part?: string | undefined
}): Promise<readonly Row[]> {
  const { quick, part } = options
  const rows: Row[] = []
  if (part === undefined || part === 'cost') {
    rows.push(...measureRelayCost({ quick }), ...(await measurePageCost({ quick })))
  }
  if (part === undefined || part === 'attribution') {
    const browser = await openBrowser()
    try {
      rows.push(...(await measureAttribution({ browser, quick })))
    } finally {
      await browser.close()
    }
  }
  return rows
}
