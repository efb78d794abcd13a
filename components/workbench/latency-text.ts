import type { Translate } from '../../client/i18n/messages.ts'
import { type Hop, sumOf } from '../../core/state/latency.ts'
import { formatUs } from './format.ts'
import type { Spreads } from './latency-waterfall.tsx'

/** The panel as lines of text, for a message to somebody else. */
export function latencyText(
  t: Translate,
  {
    hops,
    spreads,
    facts,
  }: {
    readonly hops: readonly Hop[]
    readonly spreads: Spreads
    readonly facts: readonly { readonly name: string; readonly value: string }[]
  },
): string {
  const figure = (us: number | undefined) => (us === undefined ? '–' : formatUs(us))
  const rows = [
    [t('latency.hop'), t('latency.last'), t('latency.p50'), t('latency.p95')],
    ...hops.map(({ name, us }) => [
      t(`latency.hop.${name}`),
      figure(us),
      figure(spreads[name]?.p50),
      figure(spreads[name]?.p95),
    ]),
    [t('latency.whole'), figure(sumOf(hops)), figure(spreads.whole?.p50), figure(spreads.whole?.p95)],
  ]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  )
  return [t('latency.caption'), ...lines, ...facts.map(({ name, value }) => `${name}: ${value}`), ''].join(
    '\n',
  )
}
