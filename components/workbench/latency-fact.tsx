import { lastMeasurement } from '../../client/store/selectors.ts'
import { Tooltip } from '../ui/tooltip.tsx'
import { Fact } from './fact.tsx'
import { formatCount, formatMs } from './format.ts'
import { useWorkbench } from './store-provider.tsx'
import { useLanguage, useTranslate } from './use-translate.ts'

/** How quick the last turn was; behind it, where its time went. */
export function LatencyFact() {
  const t = useTranslate()
  const language = useLanguage()
  const measured = useWorkbench(lastMeasurement)
  const showOverlay = useWorkbench((state) => state.showOverlay)
  const speed = formatCount(measured?.tokensPerSecond ?? 0, language)
  const firstToken = formatMs(measured?.firstTokenMs ?? 0)
  const relay = formatMs(measured?.relayMs ?? 0)
  const tokens = formatCount(measured?.outputTokens ?? 0, language)
  const facts = measured
    ? [
        t('status.firstToken', { ms: firstToken }),
        ...(measured.streamMs > 0 ? [t('status.speed', { speed })] : []),
        t('status.relay', { ms: relay }),
      ]
    : [t('status.noLatency')]
  return (
    <Fact label={t('status.latency')}>
      <Tooltip
        label={
          measured ? t('status.latencyHelp', { firstToken, relay, tokens, speed }) : t('command.latency')
        }
        side="top"
      >
        <button
          type="button"
          aria-label={t('latency.open', { facts: facts.join(', ') })}
          aria-haspopup="dialog"
          onClick={() => showOverlay('latency')}
          className="hit flex items-center gap-1.5 rounded-sm px-1 hover:bg-n4 hover:text-n12"
        >
          {facts.map((fact) => (
            <span key={fact} className={measured ? undefined : 'max-lg:sr-only'}>
              {fact}
            </span>
          ))}
        </button>
      </Tooltip>
    </Fact>
  )
}
