import { type Hop, type HopName, type Spread, sumOf } from '../../core/state/latency.ts'
import { cx } from '../ui/cx.ts'
import { formatUs } from './format.ts'
import { useTranslate } from './use-translate.ts'

type Place = 'page' | 'network' | 'relay' | 'model'

const places: Record<HopName, Place> = {
  press: 'page',
  up: 'network',
  prepare: 'relay',
  queue: 'model',
  connect: 'network',
  send: 'relay',
  model: 'model',
  relay: 'relay',
  down: 'network',
  parse: 'page',
  apply: 'page',
  paint: 'page',
}
const tones: Record<Place, string> = {
  page: 'bg-author-2',
  network: 'bg-author-3',
  relay: 'bg-author-1',
  model: 'bg-n9',
}

export type Spreads = Partial<Readonly<Record<HopName | 'whole', Spread>>>

/** The hops of one turn one below the other, each where it began, beside what they are for the thread. */
export function LatencyWaterfall({
  hops,
  spreads,
}: {
  readonly hops: readonly Hop[]
  readonly spreads: Spreads
}) {
  const t = useTranslate()
  const whole = sumOf(hops)
  const rows = hops.map((hop, index) => ({ hop, before: sumOf(hops.slice(0, index)) }))
  return (
    <table className="w-full border-collapse">
      <caption className="pt-3 pb-2 text-left text-n10">
        <span className="flex flex-wrap items-baseline justify-between gap-x-4">
          {t('latency.caption')}
          <Legend />
        </span>
      </caption>
      <thead className="text-n10 text-small">
        <tr>
          <th scope="col" className="pb-1 text-left font-normal">
            {t('latency.hop')}
          </th>
          <td className="w-2/5 max-sm:hidden" />
          <Head>{t('latency.last')}</Head>
          <Head>{t('latency.p50')}</Head>
          <Head>{t('latency.p95')}</Head>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ hop: { name, us }, before }) => (
          <tr key={name} className="border-n5 border-t">
            <th scope="row" className="py-0.5 text-left font-normal text-n11">
              <span className="flex items-center gap-2">
                <span aria-hidden className={cx('size-2 shrink-0 rounded-full', tones[places[name]])} />
                {t(`latency.hop.${name}`)}
              </span>
            </th>
            <td aria-hidden className="px-3 max-sm:hidden">
              <span className="relative block h-2">
                <span
                  className={cx('absolute inset-y-0 min-w-0.5 rounded-sm', tones[places[name]])}
                  style={{ left: `${share(before, whole)}%`, width: `${share(us, whole)}%` }}
                />
              </span>
            </td>
            <Figure us={us} strong />
            <Figure us={spreads[name]?.p50} />
            <Figure us={spreads[name]?.p95} />
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr className="border-n7 border-t">
          <th scope="row" className="py-1 text-left font-strong text-n12">
            {t('latency.whole')}
          </th>
          <td className="max-sm:hidden" />
          <Figure us={whole} strong />
          <Figure us={spreads.whole?.p50} />
          <Figure us={spreads.whole?.p95} />
        </tr>
      </tfoot>
    </table>
  )
}

/** The head of a column of figures. */
export function Head({ children }: { readonly children: string }) {
  return (
    <th scope="col" className="pb-1 pl-3 text-right font-normal">
      {children}
    </th>
  )
}

function Figure({ us, strong = false }: { readonly us: number | undefined; readonly strong?: boolean }) {
  return (
    <td className={cx('pl-3 text-right', strong ? 'text-n12' : 'text-n10')}>
      {us === undefined ? '–' : formatUs(us)}
    </td>
  )
}

function Legend() {
  const t = useTranslate()
  return (
    <span className="flex gap-x-3 text-small">
      {(['page', 'network', 'relay', 'model'] as const).map((place) => (
        <span key={place} className="flex items-center gap-1">
          <span aria-hidden className={cx('size-2 rounded-full', tones[place])} />
          {t(`latency.${place}`)}
        </span>
      ))}
    </span>
  )
}

function share(us: number, whole: number): number {
  return whole > 0 ? (us / whole) * 100 : 0
}
