import { CircleX, GitBranch } from 'lucide-react'
import type { ReactNode } from 'react'
import type { ConnectionStatus } from '../../client/connection/connection.ts'
import { currentMode, currentModel, currentWorkspace, lastMeasurement } from '../../client/store/selectors.ts'
import { cx } from '../ui/cx.ts'
import { Tooltip } from '../ui/tooltip.tsx'
import { formatCount, formatMs, formatWindow } from './format.ts'
import { useWorkbench } from './store-provider.tsx'
import { useLanguage, useTranslate } from './use-translate.ts'

const marks: Record<ConnectionStatus, string> = {
  open: 'bg-added',
  connecting: 'bg-attention',
  reconnecting: 'bg-attention',
  closed: 'bg-n9',
  outdated: 'bg-danger',
  unauthorized: 'bg-danger',
}

/** Facts one glances at: never in the way, never moving. */
export function StatusBar() {
  return (
    <footer className="tabular flex h-(--statusbar) shrink-0 items-center gap-4 overflow-hidden whitespace-nowrap border-n6 border-t bg-n1 px-3 text-n10 text-small">
      <Connection />
      <Branch />
      <Model />
      <span className="flex-1" />
      <Latency />
      <Context />
      <Errors />
    </footer>
  )
}

/** A named fact. Ticking numbers are there to be read, not read out. */
function Fact(props: {
  readonly label: string
  readonly help?: ReactNode
  readonly live?: 'polite'
  readonly children: ReactNode
}) {
  const fact = (
    <output aria-label={props.label} aria-live={props.live ?? 'off'} className="flex items-center gap-1.5">
      {props.children}
    </output>
  )
  if (!props.help) return fact
  return (
    <Tooltip label={props.help} side="top">
      {fact}
    </Tooltip>
  )
}

function Connection() {
  const t = useTranslate()
  const status = useWorkbench((state) => state.status)
  return (
    <Fact label={t('status.connection')} live="polite">
      <span aria-hidden className={cx('size-1.5 rounded-full', marks[status])} />
      {t(`status.${status}`)}
    </Fact>
  )
}

function Branch() {
  const t = useTranslate()
  const branch = useWorkbench((state) => currentWorkspace(state)?.branch)
  if (!branch) return null
  return (
    <span className="flex min-w-0 items-center gap-1">
      <GitBranch size={12} aria-hidden className="shrink-0" />
      <span className="sr-only">{t('status.branch')}: </span>
      <span className="truncate">{branch}</span>
    </span>
  )
}

function Model() {
  const t = useTranslate()
  const name = useWorkbench((state) => currentModel(state)?.name)
  const mode = useWorkbench(currentMode)
  if (!name) return null
  return (
    <span className="min-w-0 truncate">
      {t(`mode.${mode}`)}: {name}
    </span>
  )
}

function Latency() {
  const t = useTranslate()
  const language = useLanguage()
  const measured = useWorkbench(lastMeasurement)
  if (!measured) {
    return (
      <Fact label={t('status.latency')}>
        <span className="max-lg:sr-only">{t('status.noLatency')}</span>
      </Fact>
    )
  }
  const speed = formatCount(measured.tokensPerSecond, language)
  const firstToken = formatMs(measured.firstTokenMs)
  const relay = formatMs(measured.relayMs)
  return (
    <Fact
      label={t('status.latency')}
      help={t('status.latencyHelp', {
        firstToken,
        relay,
        tokens: formatCount(measured.outputTokens, language),
        speed,
      })}
    >
      <span>{t('status.firstToken', { ms: firstToken })}</span>
      <span className="text-n11">{t('status.speed', { speed })}</span>
      <span>{t('status.relay', { ms: relay })}</span>
    </Fact>
  )
}

function Context() {
  const t = useTranslate()
  const language = useLanguage()
  const contextWindow = useWorkbench((state) => currentModel(state)?.contextWindow)
  const tokens = useWorkbench((state) => state.thread?.contextTokens ?? 0)
  if (!contextWindow) return null
  const share = tokens / contextWindow
  const percent = tokens > 0 ? Math.max(1, Math.round(share * 100)) : 0
  return (
    <Fact
      label={t('status.context')}
      help={t('status.contextHelp', {
        tokens: formatCount(tokens, language),
        window: formatCount(contextWindow, language),
      })}
    >
      <span className={cx(share > 0.9 ? 'text-danger' : share > 0.7 && 'text-attention')}>
        {t('status.contextUse', { percent, window: formatWindow(contextWindow) })}
      </span>
    </Fact>
  )
}

function Errors() {
  const t = useTranslate()
  const count = useWorkbench((state) => state.errorCount)
  return (
    <span className={cx('flex items-center gap-1', count > 0 && 'text-danger')}>
      <CircleX size={12} aria-hidden />
      {t('status.errors', { count })}
    </span>
  )
}
