import { ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { isSettled } from '../../core/job/ledger.ts'
import type { Job } from '../../core/protocol/job.ts'
import { cx } from '../ui/cx.ts'
import { useTranslate } from '../workbench/use-translate.ts'
import { JobProgress } from './job-facts.tsx'

/** How far the plan is done and what is being done now; all of its steps behind that. */
export function JobPlan({ job }: { readonly job: Job }) {
  const t = useTranslate()
  const [open, setOpen] = useState(false)
  if (job.plan.length === 0) return null
  const now = isSettled(job) ? undefined : job.plan.find((step) => !step.done)
  return (
    <div className="mt-1">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="tabular -ml-1 flex max-w-full items-center gap-1 rounded-sm px-1 text-n11 hover:bg-n4 hover:text-n12"
      >
        <ChevronRight size={13} aria-hidden className={cx('shrink-0', open && 'rotate-90')} />
        <span className="shrink-0">
          <JobProgress job={job} />
        </span>
        {now && !open && (
          <span className="truncate text-n12" title={now.text}>
            · {now.text}
          </span>
        )}
      </button>
      {open && (
        <ol aria-label={t('jobs.plan')} className="mt-1 flex flex-col gap-0.5">
          {job.plan.map((step, index) => (
            <li
              key={index}
              aria-current={step === now ? 'step' : undefined}
              draggable
              onDragStart={(event) => event.dataTransfer.setData('text/plain', step.text)}
              className={cx('flex gap-2', step.done ? 'text-n10' : 'text-n12', step === now && 'font-strong')}
            >
              <span aria-hidden className={cx('shrink-0', step.done ? 'text-added' : 'text-n9')}>
                {step.done ? '✓' : step === now ? '▸' : '○'}
              </span>
              <span className="min-w-0 break-words">
                {step.text}
                {step.done && <span className="sr-only"> ({t('jobs.stepDone')})</span>}
              </span>
            </li>
          ))}
        </ol>
      )}
    </div>
  )
}
