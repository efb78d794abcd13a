import { Pause, Play, Square } from 'lucide-react'
import { useEffect, useState } from 'react'
import { isPaused, runningTurn } from '../../client/store/selectors.ts'
import { limits } from '../../core/protocol/limits.ts'
import { Button } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { Tooltip } from '../ui/tooltip.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** Holds the running turn up, lets it go on, stops it. What the first button says changes, its size does not. */
export function TurnControls() {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const running = useWorkbench((state) => runningTurn(state) !== undefined)
  const paused = useWorkbench(isPaused)
  // A job is held up and stopped as a whole, where it is shown.
  const isJob = useWorkbench((state) => state.thread?.job !== undefined)
  if (!running || isJob) return null
  return (
    <>
      <Tooltip label={t(paused ? 'pause.resume' : 'pause.pause')} keys={paused ? 'Enter' : 'Esc'} side="top">
        <Button
          className={cx(paused && 'border-attention! text-attention!')}
          onClick={() => (paused ? store.getState().unpause() : store.getState().pauseOrStop())}
        >
          {paused ? (
            <Play size={11} fill="currentColor" aria-hidden />
          ) : (
            <Pause size={11} fill="currentColor" aria-hidden />
          )}
          <span className="grid">
            <span className={cx('col-start-1 row-start-1 @max-[440px]:sr-only', paused && 'invisible')}>
              {t('pause.pause')}
            </span>
            <span className={cx('col-start-1 row-start-1 flex gap-1', !paused && 'invisible')}>
              <span className="@max-[440px]:sr-only">{t('pause.resume')}</span>
              {paused ? <SecondsLeft /> : <span className="tabular">0</span>}
            </span>
          </span>
        </Button>
      </Tooltip>
      <Tooltip label={t('composer.stop')} {...(paused && { keys: 'Esc' })} side="top">
        <Button onClick={() => store.getState().stop()}>
          <Square size={11} fill="currentColor" aria-hidden />
          <span className="@max-[440px]:sr-only">{t('composer.stop')}</span>
        </Button>
      </Tooltip>
    </>
  )
}

/** Counted from when this page learned of the pause: its clock need not be the server's. */
function SecondsLeft() {
  const t = useTranslate()
  const [left, setLeft] = useState(limits.pausedMs / 1000)
  useEffect(() => {
    const timer = setInterval(() => setLeft((seconds) => Math.max(0, seconds - 1)), 1000)
    return () => clearInterval(timer)
  }, [])
  return (
    <span className="tabular" title={t('pause.seconds', { count: left })}>
      {left}
    </span>
  )
}
