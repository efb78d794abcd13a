import { Check, Copy } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { type CalledTurn, wayOf } from '../../client/store/latency-slice.ts'
import {
  betweenOf,
  firstCall,
  type Hop,
  relayPerToken,
  spread,
  spreadOf,
  tokensPerSecond,
} from '../../core/state/latency.ts'
import { Button } from '../ui/button.tsx'
import { DialogFrame } from '../ui/dialog-frame.tsx'
import { formatCount, formatUs } from './format.ts'
import { IfMay } from './if-may.tsx'
import { LatencyComparison } from './latency-comparison.tsx'
import { latencyText } from './latency-text.ts'
import { LatencyWaterfall } from './latency-waterfall.tsx'
import { useWorkbench } from './store-provider.tsx'
import { useLanguage, useTranslate } from './use-translate.ts'

export function LatencyPanel() {
  const t = useTranslate()
  const open = useWorkbench((state) => state.overlay === 'latency')
  const showOverlay = useWorkbench((state) => state.showOverlay)
  if (!open) return null
  return (
    <DialogFrame
      title={t('latency.title')}
      closeLabel={t('latency.close')}
      onClose={() => showOverlay(undefined)}
      className="top-[8vh] max-h-[84vh] w-150"
    >
      <Panel />
    </DialogFrame>
  )
}

function Panel() {
  const t = useTranslate()
  // A turn is another one with every frame of its answer; these are not.
  const ids = useWorkbench(useShallow((state) => (state.thread?.turns ?? []).map(({ id }) => id)))
  const calls = useWorkbench(useShallow((state) => (state.thread?.turns ?? []).map((turn) => turn.calls)))
  const turns = useMemo(() => ids.map((id, i): CalledTurn => ({ id, calls: calls[i] })), [ids, calls])
  const pageStamps = useWorkbench((state) => state.pageStamps)
  const promptStamps = useWorkbench((state) => state.promptStamps)
  const measured = useMemo(
    () => turns.flatMap((turn) => measure(turn, wayOf(turn, { pageStamps, promptStamps }))),
    [turns, pageStamps, promptStamps],
  )
  const last = measured.at(-1)
  const spreads = useMemo(() => spreadOf(measured.map(({ hops }) => hops)), [measured])
  const facts = useFacts(last?.turn, turns)
  if (!last) return <p className="py-4 text-n11">{t('latency.none')}</p>
  return (
    <div className="tabular">
      <LatencyWaterfall hops={last.hops} spreads={spreads} />
      {!last.hops.some(({ name }) => name === 'apply') && (
        <p className="mt-2 text-n10">{t('latency.partial')}</p>
      )}
      <dl className="mt-3 grid grid-cols-[minmax(9rem,1fr)_minmax(0,auto)] gap-x-4 gap-y-1 border-n6 border-t pt-3">
        {facts.map(({ name, value }) => (
          <div key={name} className="contents">
            <dt className="text-n11">{name}</dt>
            <dd className="text-right text-n12">{value}</dd>
          </div>
        ))}
      </dl>
      <div className="mt-3 flex">
        <CopyButton text={() => latencyText(t, { hops: last.hops, spreads, facts })} />
      </div>
      <IfMay action="turn/compare">
        <LatencyComparison />
      </IfMay>
    </div>
  )
}

function measure(turn: CalledTurn, hops: readonly Hop[] | undefined) {
  return hops ? [{ turn, hops }] : []
}

/** What goes with the hops: how the answer streamed, and how the relay worked meanwhile. */
function useFacts(turn: CalledTurn | undefined, turns: readonly CalledTurn[]) {
  const t = useTranslate()
  const language = useLanguage()
  const call = turn && firstCall(turn)
  const isLocal = useWorkbench(
    ({ models }) => models.find(({ id }) => id === call?.modelId)?.transport === 'local',
  )
  if (!call) return []
  const speed = tokensPerSecond(call)
  const own = relayPerToken(call)
  const between = spread(turns.flatMap(({ calls = [] }) => calls.flatMap((one) => betweenOf(one) ?? [])))
  return [
    {
      name: t('latency.connection'),
      value: isLocal
        ? t('latency.noConnection')
        : t('latency.connectionValue', {
            how: t(`latency.${call.connection ?? 'opened'}`),
            over: t(call.http ? 'latency.http' : 'latency.websocket'),
          }),
    },
    ...(speed === undefined
      ? []
      : [
          {
            name: t('latency.speed'),
            value: t('latency.speedValue', { speed: formatCount(speed, language) }),
          },
        ]),
    ...(own === undefined
      ? []
      : [
          {
            name: t('latency.perToken'),
            value: t('latency.perTokenValue', { us: formatCount(own, language) }),
          },
        ]),
    ...(between
      ? [
          {
            name: t('latency.between'),
            value: t('latency.betweenValue', {
              p50: formatUs(between.p50),
              p95: formatUs(between.p95),
              count: between.count,
            }),
          },
        ]
      : []),
  ]
}

function CopyButton({ text }: { readonly text: () => string }) {
  const t = useTranslate()
  const notify = useWorkbench((state) => state.notify)
  const [copied, setCopied] = useState(false)
  const copy = () =>
    navigator.clipboard?.writeText(text()).then(
      () => setCopied(true),
      () => notify({ tone: 'danger', key: 'latency.copyFailed' }),
    )
  return (
    <Button onClick={copy} onBlur={() => setCopied(false)}>
      {copied ? <Check size={13} aria-hidden /> : <Copy size={13} aria-hidden />}
      <span aria-live="polite">{t(copied ? 'latency.copied' : 'latency.copy')}</span>
    </Button>
  )
}
