import { CircleX, Gauge, GitBranch } from 'lucide-react'
import {
  currentMode,
  currentModel,
  currentWorkspace,
  runningTurn,
  unreviewedOf,
} from '../../client/store/selectors.ts'
import { cx } from '../ui/cx.ts'
import { Tooltip } from '../ui/tooltip.tsx'
import { ConnectionFact } from './connection-fact.tsx'
import { ContextFact } from './context-fact.tsx'
import { IfMay } from './if-may.tsx'
import { LatencyFact } from './latency-fact.tsx'
import { LimitsPopover } from './limits-popover.tsx'
import { useWorkbench } from './store-provider.tsx'
import { useTranslate } from './use-translate.ts'

/** Facts one glances at: never in the way, never moving. */
export function StatusBar() {
  return (
    <footer className="tabular flex h-(--statusbar) shrink-0 items-center gap-4 overflow-hidden whitespace-nowrap border-n6 border-t bg-n1 px-3 text-n10 text-small">
      <ConnectionFact />
      <Branch />
      <Model />
      <span className="flex-1" />
      <IfMay action="review/keep">
        <Unreviewed />
      </IfMay>
      <LatencyFact />
      <IfMay action="thread/limits">
        <Limits />
      </IfMay>
      <ContextFact />
      <Errors />
    </footer>
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

function Limits() {
  const t = useTranslate()
  const waits = useWorkbench((state) => runningTurn(state)?.waiting !== undefined)
  return (
    <LimitsPopover
      align="end"
      trigger={
        <button
          type="button"
          aria-label={t('limits.open')}
          className={cx('hit rounded-sm px-1 hover:bg-n4 hover:text-n12', waits && 'text-attention')}
        >
          <Gauge size={12} aria-hidden />
        </button>
      }
    />
  )
}

function Unreviewed() {
  const t = useTranslate()
  const count = useWorkbench((state) => unreviewedOf(state).length)
  const open = useWorkbench((state) => state.openReview)
  if (count === 0) return null
  return (
    <Tooltip label={t('review.open')} keys="Alt+R" side="top">
      <button type="button" onClick={open} className="hit rounded-sm px-1 text-attention hover:bg-n4">
        {t('review.unreviewed', { count })}
      </button>
    </Tooltip>
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
