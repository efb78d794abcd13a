import { ChevronLeft, ChevronRight, GitFork, Link, Pause, Play } from 'lucide-react'
import { Slider } from 'radix-ui'
import { type KeyboardEvent, memo, useEffect, useRef } from 'react'
import { scheduleFrame } from '../../client/store/frame-schedule.ts'
import { toSearch } from '../../client/store/location.ts'
import { lastSettled, type Replay, replaySpeeds } from '../../client/store/replay-slice.ts'
import type { TurnMark } from '../../core/state/timeline.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { Tooltip } from '../ui/tooltip.tsx'
import { IfMay } from '../workbench/if-may.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** One press of an arrow key, in milliseconds of the replay. */
const arrowMs = 1000

/** Where in the replay one is, and how to move. */
export function ReplayBar({ replay }: { readonly replay: Replay }) {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const thumb = useRef<HTMLSpanElement>(null)
  const { timeMs, durationMs, playing, speed, marks, read } = replay
  const turn = replay.view?.turns.length ?? 0
  const [time, total] = [clockTime(timeMs), clockTime(durationMs)]
  // Keys work at once; the thumb is drawn only when it knows its place.
  useEffect(() => scheduleFrame(() => thumb.current?.focus()), [])

  const keys = new Map([
    ['ArrowLeft', () => store.getState().seekReplay(timeMs - arrowMs)],
    ['ArrowDown', () => store.getState().seekReplay(timeMs - arrowMs)],
    ['ArrowRight', () => store.getState().seekReplay(timeMs + arrowMs)],
    ['ArrowUp', () => store.getState().seekReplay(timeMs + arrowMs)],
    ['PageUp', () => store.getState().stepReplay(-1)],
    ['PageDown', () => store.getState().stepReplay(1)],
    ['Home', () => store.getState().seekReplay(0)],
    ['End', () => store.getState().seekReplay(durationMs)],
    [' ', () => store.getState().toggleReplay()],
  ])
  const onKeyDown = (event: KeyboardEvent) => {
    const run = keys.get(event.key)
    if (!run || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    run()
  }
  const fork = () => {
    const title = t('history.forkOf', { title: replay.view?.title || t('threads.untitled') })
    void store.getState().forkReplay(title.slice(0, 300))
  }
  const copyLink = () => {
    const { workspaceId, notify } = store.getState()
    const place = toSearch({ workspaceId, threadId: replay.threadId, seq: replay.seq })
    void navigator.clipboard.writeText(new URL(`/${place}`, window.location.origin).href)
    notify({ tone: 'info', key: 'replay.copied' })
  }

  return (
    <section aria-label={t('replay.title')} className="shrink-0 border-n6 border-t bg-n1 px-3 pt-2 pb-1.5">
      <div className="flex items-center gap-2">
        <IconButton
          label={t(playing ? 'replay.pause' : 'replay.play')}
          keys="Space"
          side="top"
          onClick={() => store.getState().toggleReplay()}
        >
          {playing ? <Pause size={15} aria-hidden /> : <Play size={15} aria-hidden />}
        </IconButton>
        <Slider.Root
          min={0}
          max={Math.max(1, durationMs)}
          value={[timeMs]}
          onValueChange={([value]) => value !== undefined && store.getState().seekReplay(value)}
          onKeyDownCapture={onKeyDown}
          className="relative flex h-6 min-w-0 flex-1 touch-none select-none items-center pointer-coarse:h-11"
        >
          <Slider.Track className="relative h-1 flex-1 rounded-full bg-n6">
            <Slider.Range className="absolute h-full rounded-full bg-accent-solid" />
          </Slider.Track>
          <TurnMarks marks={marks} durationMs={durationMs} />
          <Slider.Thumb
            ref={thumb}
            aria-label={t('replay.position')}
            aria-valuetext={
              turn === 0 ? t('replay.beforeTurns', { time, total }) : t('replay.at', { time, total, turn })
            }
            className="relative block size-3.5 rounded-full border border-n1 bg-accent-solid outline-offset-2"
          />
        </Slider.Root>
        <span className="tabular min-w-22 shrink-0 text-right text-n10 text-small">
          {time} / {total}
        </span>
      </div>
      <div className="mt-1 flex flex-wrap items-center gap-1">
        <Speeds speed={speed} />
        <span className="flex-1" />
        <IconButton
          label={t('replay.previous')}
          keys="PgUp"
          side="top"
          onClick={() => store.getState().stepReplay(-1)}
        >
          <ChevronLeft size={15} aria-hidden />
        </IconButton>
        <IconButton
          label={t('replay.next')}
          keys="PgDn"
          side="top"
          onClick={() => store.getState().stepReplay(1)}
        >
          <ChevronRight size={15} aria-hidden />
        </IconButton>
        <IconButton label={t('replay.copyLink')} side="top" onClick={copyLink}>
          <Link size={14} aria-hidden />
        </IconButton>
      </div>
      <div className="mt-1 flex items-center justify-between gap-1">
        <IfMay action="thread/fork">
          <Tooltip label={t('replay.forkHelp')} side="top">
            <Button className="h-6" disabled={lastSettled(replay) === undefined} onClick={fork}>
              <GitFork size={13} aria-hidden />
              {t('replay.fork')}
            </Button>
          </Tooltip>
        </IfMay>
        <Button className="h-6" onClick={() => store.getState().closeReplay()}>
          {t('replay.exit')}
        </Button>
      </div>
      <p role="status" className="mt-1 truncate text-n10 text-small">
        {read < 1 ? t('replay.reading', { percent: Math.round(read * 100) }) : t('replay.note')}
      </p>
    </section>
  )
}

function Speeds({ speed }: Pick<Replay, 'speed'>) {
  const t = useTranslate()
  const choose = useWorkbench((state) => state.setReplaySpeed)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring its own look
    <span role="group" aria-label={t('replay.speed')} className="tabular flex text-small">
      {replaySpeeds.map((value) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === speed}
          onClick={() => choose(value)}
          className={cx(
            'hit h-6 min-w-7 rounded-sm px-1 transition-colors pointer-coarse:h-11 pointer-coarse:min-w-9',
            value === speed ? 'bg-n5 text-n12' : 'text-n10 hover:bg-n4 hover:text-n12',
          )}
        >
          {value}×
        </button>
      ))}
    </span>
  )
}

/** Where turns begin; two that would touch are one. */
const TurnMarks = memo(function TurnMarks(props: {
  readonly marks: readonly TurnMark[]
  readonly durationMs: number
}) {
  const { marks, durationMs } = props
  const shown: TurnMark[] = []
  for (const mark of marks) {
    const last = shown.at(-1)
    if (!last || mark.time - last.time > durationMs / 150) shown.push(mark)
  }
  return (
    <span aria-hidden className="pointer-events-none absolute inset-x-[7px] inset-y-0">
      {shown.map(({ turnId, time }) => (
        <span
          key={turnId}
          style={{ left: `${(time / Math.max(1, durationMs)) * 100}%` }}
          className="-translate-x-1/2 absolute top-1/2 mt-1 h-1.5 w-px bg-n9"
        />
      ))}
    </span>
  )
})

/** `1:05`, `1:02:09` */
function clockTime(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}
