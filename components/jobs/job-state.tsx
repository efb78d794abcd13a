import { CircleAlert, CircleCheck, CircleDot, CircleHelp, CirclePause, CircleStop, Clock } from 'lucide-react'
import type { MessageKey } from '../../client/i18n/messages.ts'
import { isSettled } from '../../core/job/ledger.ts'
import type { Job, JobState } from '../../core/protocol/job.ts'
import { cx } from '../ui/cx.ts'
import { useTranslate } from '../workbench/use-translate.ts'

const marks: Record<JobState | 'paused', { readonly Icon: typeof CircleDot; readonly tone: string }> = {
  queued: { Icon: Clock, tone: 'text-n10' },
  running: { Icon: CircleDot, tone: 'text-author-1' },
  paused: { Icon: CirclePause, tone: 'text-attention' },
  needsInput: { Icon: CircleHelp, tone: 'text-attention' },
  done: { Icon: CircleCheck, tone: 'text-added' },
  failed: { Icon: CircleAlert, tone: 'text-danger' },
  stopped: { Icon: CircleStop, tone: 'text-n10' },
}

/** How a job stands: a mark, a colour and a word. */
export function JobStateMark({ job, className }: { readonly job: Job; readonly className?: string }) {
  const t = useTranslate()
  const stands = job.paused && job.state === 'running' ? 'paused' : job.state
  const { Icon, tone } = marks[stands]
  // One that goes on after that is told by what it does.
  const outcome = isSettled(job) ? job.outcome : undefined
  const key: MessageKey =
    outcome === 'merged' ? 'agents.merged' : outcome ? `jobs.${outcome}` : `jobs.${stands}`
  return (
    <span className={cx('flex shrink-0 items-center gap-1.5', outcome ? 'text-n10' : tone, className)}>
      <Icon size={13} aria-hidden />
      {t(key)}
    </span>
  )
}
