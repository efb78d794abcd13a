import {
  ChevronUp,
  CircleAlert,
  CircleCheck,
  CircleDot,
  CirclePause,
  CircleStop,
  GitFork,
  History,
  Hourglass,
  Redo2,
  RotateCw,
  ScanText,
  Undo2,
} from 'lucide-react'
import { canGoBack } from '../../client/store/history-slice.ts'
import { isPaused, isRunning, may } from '../../client/store/selectors.ts'
import type { ModelFailure } from '../../core/protocol/model.ts'
import type { Turn, TurnStatus } from '../../core/protocol/turn.ts'
import { isPlanning } from '../../core/state/plans.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { formatCount } from '../workbench/format.ts'
import { IfMay } from '../workbench/if-may.tsx'
import { LimitsPopover } from '../workbench/limits-popover.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useSecondsUntil } from '../workbench/use-seconds-until.ts'
import { useTimeUntil } from '../workbench/use-time-until.ts'
import { useLanguage, useTranslate } from '../workbench/use-translate.ts'
import { MovedOnNote } from './moved-on-note.tsx'
import { TurnCheck } from './turn-check.tsx'

const marks: Record<TurnStatus, { readonly Icon: typeof CircleDot; readonly tone: string }> = {
  running: { Icon: CircleDot, tone: 'text-author-1' },
  retrying: { Icon: RotateCw, tone: 'text-attention' },
  completed: { Icon: CircleCheck, tone: 'text-n10' },
  interrupted: { Icon: CircleStop, tone: 'text-attention' },
  failed: { Icon: CircleAlert, tone: 'text-danger' },
}

const waitingMark = { Icon: Hourglass, tone: 'text-attention' } as const
const pausedMark = { Icon: CirclePause, tone: 'text-attention' } as const

/** How the turn stands, and what can be done about it. */
export function TurnFooter({ turn, last }: { readonly turn: Turn; readonly last: boolean }) {
  const t = useTranslate()
  const paused = useWorkbench((state) => (state.replay ? turn.paused === true : last && isPaused(state)))
  const { Icon, tone } = paused ? pausedMark : turn.waiting ? waitingMark : marks[turn.status]
  const undone = turn.undone !== undefined
  const planning = turn.status === 'running' && isPlanning(turn)
  // What was can't be acted on.
  const replaying = useWorkbench((state) => state.replay !== undefined)
  return (
    <footer className="mt-2">
      {turn.movedOn?.map((moved, index) => (
        // They only ever grow.
        <MovedOnNote key={index} moved={moved} />
      ))}
      {turn.failure && <FailureNote turn={turn} failure={turn.failure} />}
      {turn.status === 'interrupted' && !turn.failure && (
        <p className="mb-1 text-n10">{t('turn.interruptedHelp')}</p>
      )}
      <div className="flex min-h-6 flex-wrap items-center gap-x-3 gap-y-1 text-n10 text-small">
        <span className={cx('flex items-center gap-1.5', tone)}>
          <Icon size={13} aria-hidden />
          {turn.waiting ? (
            <WaitingPlace {...turn.waiting} />
          ) : (
            t(
              undone
                ? 'turn.undone'
                : paused
                  ? 'pause.paused'
                  : planning
                    ? 'plan.running'
                    : `turn.${turn.status}`,
            )
          )}
        </span>
        <Figures turn={turn} />
        {!replaying && (
          <>
            <InspectButton turn={turn} />
            <TurnButtons turn={turn} last={last} />
          </>
        )}
      </div>
      {turn.check && <TurnCheck turn={turn} check={turn.check} />}
    </footer>
  )
}

function Figures({ turn }: { readonly turn: Turn }) {
  const t = useTranslate()
  const language = useLanguage()
  if (turn.settledAt === undefined) return null
  const seconds = Math.max(0, turn.settledAt - turn.startedAt) / 1000
  const tokens = turn.usage?.outputTokens ?? 0
  return (
    <span className="tabular flex gap-3">
      <span>{t('turn.took', { seconds: seconds < 10 ? seconds.toFixed(1) : Math.round(seconds) })}</span>
      {tokens > 0 && (
        <span title={turn.usageEstimated && t('turn.tokensCut')}>
          {turn.usageEstimated && '≈ '}
          {t('turn.tokens', { count: tokens, shown: formatCount(tokens, language) })}
        </span>
      )}
    </span>
  )
}

function InspectButton({ turn }: { readonly turn: Turn }) {
  const t = useTranslate()
  const inspect = useWorkbench((state) => state.inspectPrompt)
  return (
    <IfMay action="thread/inspect">
      <IconButton label={t('inspector.turn')} onClick={() => inspect(turn.id)} side="top">
        <ScanText size={13} aria-hidden />
      </IconButton>
    </IfMay>
  )
}

function TurnButtons({ turn, last }: { readonly turn: Turn; readonly last: boolean }) {
  const t = useTranslate()
  const undo = useWorkbench((state) => state.undoTurn)
  const redo = useWorkbench((state) => state.redoTurn)
  const resume = useWorkbench((state) => state.resumeTurn)
  const edits = useWorkbench((state) => may(state, 'turn/undo'))
  const steers = useWorkbench((state) => may(state, 'turn/resume'))
  const isJob = useWorkbench((state) => state.thread?.job !== undefined)
  if (isRunning(turn) || isJob) return null
  const hunks = turn.items.flatMap((item) =>
    item.type === 'fileChange' ? item.files.flatMap((file) => file.hunks) : [],
  )
  const goesOn = last && steers
  const continues = turn.status === 'interrupted' || continued.has(turn.failure?.code)
  return (
    <span className="ml-auto flex items-center gap-1">
      {edits && turn.undone !== undefined && !turn.copied && (
        <Button look="quiet" className="h-6" onClick={() => redo(turn.id)}>
          <Redo2 size={13} aria-hidden />
          {t('turn.redo')}
        </Button>
      )}
      {edits &&
        turn.undone === undefined &&
        !turn.copied &&
        hunks.some(({ status }) => status === 'written') && (
          <Button look="quiet" className="h-6" onClick={() => undo(turn.id)}>
            <Undo2 size={13} aria-hidden />
            {t('turn.undo')}
          </Button>
        )}
      <HistoryButtons turn={turn} />
      {goesOn && (turn.status === 'failed' || turn.status === 'interrupted') && (
        <Button className="h-6" onClick={() => resume(turn.id)}>
          <RotateCw size={12} aria-hidden />
          {t(continues ? 'turn.continue' : 'turn.retry')}
        </Button>
      )}
    </span>
  )
}

/** From here back, or on in a thread of its own. */
function HistoryButtons({ turn }: { readonly turn: Turn }) {
  const t = useTranslate()
  const goesBack = useWorkbench((state) => canGoBack(state) && may(state, 'thread/rewind'))
  const forks = useWorkbench((state) => may(state, 'thread/fork'))
  const title = useWorkbench((state) => state.thread?.title)
  const rewind = useWorkbench((state) => state.askRewind)
  const fork = useWorkbench((state) => state.forkThread)
  const forkTitle = t('history.forkOf', { title: title || t('threads.untitled') })
  return (
    <>
      {goesBack && (
        <IconButton label={t('history.rewind')} onClick={() => void rewind(turn.id)}>
          <History size={13} aria-hidden />
        </IconButton>
      )}
      {forks && (
        <IconButton label={t('history.fork')} onClick={() => void fork(turn.id, forkTitle)}>
          <GitFork size={13} aria-hidden />
        </IconButton>
      )}
    </>
  )
}

/** Failures after which the model goes on instead of beginning again. */
const continued: ReadonlySet<string | undefined> = new Set(['outputLimit', 'serverRestarted'])

function FailureNote({ turn, failure }: { readonly turn: Turn; readonly failure: ModelFailure }) {
  const t = useTranslate()
  const retrying = turn.status === 'retrying'
  return (
    <div
      className={cx(
        'mb-1.5 rounded-sm border-l-2 px-3 py-2 text-n12',
        retrying ? 'border-attention bg-attention-soft' : 'border-danger bg-danger-soft',
      )}
    >
      <p>{t(`failure.${failure.code}`)}</p>
      {retrying && turn.retryAt !== undefined && <Countdown until={turn.retryAt} />}
      {failure.detail !== '' && (
        <p className="mt-1 break-words text-n11 text-small">{t('turn.detail', { detail: failure.detail })}</p>
      )}
    </div>
  )
}

/** Others are before it at the model. */
function WaitingPlace({ position, readyAt }: NonNullable<Turn['waiting']>) {
  const t = useTranslate()
  const place = t('turn.waiting', { position, time: useTimeUntil(readyAt) })
  const opens = useWorkbench((state) => may(state, 'thread/limits') && state.replay === undefined)
  if (!opens) return <span className="tabular">{place}</span>
  return (
    <LimitsPopover
      align="start"
      trigger={
        <button
          type="button"
          className="hit tabular flex items-center gap-1 rounded-sm px-1 hover:bg-n4 hover:text-n12 pointer-coarse:min-h-11"
        >
          <span>{place}</span>
          <ChevronUp size={12} aria-hidden />
        </button>
      }
    />
  )
}

function Countdown({ until }: { readonly until: number }) {
  const t = useTranslate()
  const seconds = useSecondsUntil(until)
  return <p className="tabular mt-1">{seconds > 0 ? t('turn.retryIn', { seconds }) : t('turn.retryNow')}</p>
}
