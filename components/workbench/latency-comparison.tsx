import { Switch } from 'radix-ui'
import { useId, useState } from 'react'
import { isRunning, modelName } from '../../client/store/selectors.ts'
import type { Call } from '../../core/protocol/call.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { tokensPerSecond } from '../../core/state/latency.ts'
import { Button } from '../ui/button.tsx'
import { formatCount, formatUs } from './format.ts'
import { Head } from './latency-waterfall.tsx'
import { useWorkbench } from './store-provider.tsx'
import { useLanguage, useTranslate } from './use-translate.ts'

/** The last request once more, as one that keeps no connection and no history at the model would send it. */
export function LatencyComparison() {
  const t = useTranslate()
  const id = useId()
  const compared = useWorkbench((state) => state.thread?.turns.at(-1)?.comparison !== undefined)
  const [on, setOn] = useState(compared)
  return (
    <section className="mt-3 border-n6 border-t pt-3">
      <div className="flex items-center gap-3">
        <label htmlFor={id} className="flex-1 text-n12">
          {t('latency.compare')}
        </label>
        <Switch.Root
          id={id}
          checked={on}
          onCheckedChange={setOn}
          className="hit relative h-4 w-7 shrink-0 rounded-full border border-n8 bg-n5 transition-colors data-[state=checked]:border-accent-solid data-[state=checked]:bg-accent-solid"
        >
          <Switch.Thumb className="block size-3 translate-x-px rounded-full bg-n12 transition-transform data-[state=checked]:translate-x-[13px] data-[state=checked]:bg-accent-ink" />
        </Switch.Root>
      </div>
      {on && <LastTurn />}
    </section>
  )
}

function LastTurn() {
  const turn = useWorkbench((state) => state.thread?.turns.at(-1))
  return turn && <Comparison turn={turn} />
}

function Comparison({ turn }: { readonly turn: Turn }) {
  const t = useTranslate()
  const language = useLanguage()
  const model = useWorkbench((state) => state.models.find(({ id }) => id === turn.modelId))
  const name = useWorkbench((state) => modelName(state, turn.modelId))
  const comparing = useWorkbench((state) => state.comparing === turn.id)
  const compare = useWorkbench((state) => state.compareLatency)
  const { comparison, contextTokens = 0 } = turn
  const call = turn.calls?.findLast(({ firstToken }) => firstToken !== undefined)
  if (model?.transport === 'local')
    return <p className="mt-2 text-n10">{t('latency.compareLocal', { model: name })}</p>
  return (
    <div className="mt-2">
      <p className="text-n10">
        {t('latency.compareWhat', { tokens: formatCount(contextTokens, language), model: name })}
      </p>
      <div className="mt-2 flex items-center gap-3">
        <Button disabled={comparing || isRunning(turn)} onClick={() => void compare()}>
          {t(comparison ? 'latency.compareAgain' : 'latency.compareRun')}
        </Button>
        <p role="status" className="text-n10">
          {comparing ? t('latency.comparing') : isRunning(turn) ? t('latency.compareBusy') : ''}
        </p>
      </div>
      {comparison?.failure !== undefined && (
        <p role="alert" className="mt-2 text-danger">
          {t('latency.compareFailed', { failure: comparison.failure })}
        </p>
      )}
      {comparison && comparison.failure === undefined && call && (
        <Figures here={call} fresh={comparison.call} />
      )}
    </div>
  )
}

function Figures({ here, fresh }: { readonly here: Call; readonly fresh: Call }) {
  const t = useTranslate()
  const language = useLanguage()
  const rows = [
    { name: t('latency.hop.connect'), of: (call: Call) => since(call.connected, call.admitted) },
    { name: t('latency.hop.model'), of: (call: Call) => since(call.firstToken, call.sent) },
    { name: t('latency.toFirst'), of: (call: Call) => since(call.firstToken, call.admitted) },
    { name: t('latency.toEnd'), of: (call: Call) => since(call.ended, call.admitted) },
  ]
  const speed = (call: Call) => {
    const figure = tokensPerSecond(call)
    return figure === undefined ? '–' : formatCount(figure, language)
  }
  return (
    <table className="mt-3 w-full border-collapse">
      <caption className="pb-1 text-left text-n10">{t('latency.compareCaption')}</caption>
      <thead className="text-n10 text-small">
        <tr>
          <td />
          <Head>{t('latency.here')}</Head>
          <Head>{t('latency.fresh')}</Head>
          <Head>{t('latency.difference')}</Head>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, of }) => (
          <tr key={name} className="border-n5 border-t">
            <th scope="row" className="py-0.5 text-left font-normal text-n11">
              {name}
            </th>
            <Cell>{figure(of(here))}</Cell>
            <Cell>{figure(of(fresh))}</Cell>
            <Cell>{difference(of(here), of(fresh))}</Cell>
          </tr>
        ))}
        <tr className="border-n5 border-t">
          <th scope="row" className="py-0.5 text-left font-normal text-n11">
            {t('latency.speedUnit')}
          </th>
          <Cell>{speed(here)}</Cell>
          <Cell>{speed(fresh)}</Cell>
          <Cell>{''}</Cell>
        </tr>
      </tbody>
    </table>
  )
}

function Cell({ children }: { readonly children: string }) {
  return <td className="pl-3 text-right text-n12">{children}</td>
}

function since(to: number | undefined, from: number | undefined): number | undefined {
  return to === undefined || from === undefined ? undefined : to - from
}

function figure(us: number | undefined): string {
  return us === undefined ? '–' : formatUs(us)
}

/** What this turn took more or less than the new request. */
function difference(here: number | undefined, fresh: number | undefined): string {
  if (here === undefined || fresh === undefined || fresh === 0) return '–'
  const percent = Math.round((here / fresh - 1) * 100)
  return percent > 0 ? `+${percent}%` : percent < 0 ? `−${-percent}%` : '±0%'
}
