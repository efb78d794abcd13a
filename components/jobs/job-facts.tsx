import { useEffect, useState } from 'react'
import { isSettled } from '../../core/job/ledger.ts'
import type { Job } from '../../core/protocol/job.ts'
import { limits } from '../../core/protocol/limits.ts'
import { cx } from '../ui/cx.ts'
import { formatCount } from '../workbench/format.ts'
import { LineCounts } from '../workbench/line-counts.tsx'
import { useLanguage, useTranslate } from '../workbench/use-translate.ts'

/** How far the plan is done. Without a plan there is nothing to measure. */
export function JobProgress({ job, short = false }: { readonly job: Job; readonly short?: boolean }) {
  const t = useTranslate()
  const done = job.plan.filter((step) => step.done).length
  const count = job.plan.length
  if (count === 0) return isSettled(job) ? null : <span className="truncate">{t('jobs.noPlan')}</span>
  return (
    <span className={cx('flex items-center gap-2', short ? 'shrink-0' : 'min-w-0')}>
      <span
        role="progressbar"
        aria-label={t('jobs.progress')}
        aria-valuemin={0}
        aria-valuemax={count}
        aria-valuenow={done}
        className={cx('h-1 w-16 shrink-0 overflow-hidden rounded-full bg-n6', short && '@max-[19rem]:hidden')}
      >
        <span
          className={cx('block h-full', job.state === 'failed' ? 'bg-danger' : 'bg-author-1')}
          style={{ width: `${(done / count) * 100}%` }}
        />
      </span>
      {short && <span className="sr-only">{t('jobs.steps', { done, count })}</span>}
      <span className={short ? 'shrink-0' : 'truncate'} aria-hidden={short}>
        {t(short ? 'jobs.stepsShort' : 'jobs.steps', { done, count })}
      </span>
    </span>
  )
}

/** Lines it added and took out so far. */
export function JobLines({ job }: { readonly job: Job }) {
  const added = job.files.reduce((sum, file) => sum + file.added, 0)
  const removed = job.files.reduce((sum, file) => sum + file.removed, 0)
  if (job.files.length === 0) return null
  return (
    <span className="flex shrink-0 gap-2">
      <LineCounts added={added} removed={removed} />
    </span>
  )
}

/** What it has taken: time at work, requests to the model and tokens; and of how much, where people said that. */
export function JobCost({ job }: { readonly job: Job }) {
  const t = useTranslate()
  const language = useLanguage()
  const ms = useWorkedMs(job)
  const shown = formatCount(job.used.tokens, language)
  return (
    <>
      <span>{showTime(ms)}</span>
      <span>
        {job.budget.steps === limits.jobSteps
          ? t('jobs.requests', { count: job.used.steps })
          : t('jobs.requestsOf', { count: job.used.steps, bound: job.budget.steps })}
      </span>
      <JobMoney job={job} />
      {job.used.tokens > 0 && (
        <span>
          {job.budget.tokens === limits.jobTokens
            ? t('jobs.tokens', { shown })
            : t('jobs.tokensOf', { shown, bound: formatCount(job.budget.tokens, language) })}
        </span>
      )}
    </>
  )
}

/** As far as its models have a price; that some have none is said. */
function JobMoney({ job }: { readonly job: Job }) {
  const t = useTranslate()
  const language = useLanguage()
  const { cost, unpriced, tokens } = job.used
  const shown = cost === undefined ? undefined : formatMoney(cost, language)
  if (tokens === 0 || (shown === undefined && job.budget.cost === undefined)) return null
  const bound = job.budget.cost
  return (
    <span>
      {shown}
      {bound !== undefined && ` / ${formatMoney(bound, language)}`}
      {unpriced && <span title={t('jobs.unpricedHelp')}> {t('jobs.unpriced')}</span>}
    </span>
  )
}

/** Of millionths of a US dollar. */
function formatMoney(cost: number, language: string): string {
  const dollars = cost / 1_000_000
  const digits = dollars > 0 && dollars < 0.1 ? 4 : 2
  return new Intl.NumberFormat(language, {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: 2,
    maximumFractionDigits: digits,
  }).format(dollars)
}

/** Counted from when this page learned of it: its clock need not be the server's. */
function useWorkedMs({ used, runningSince }: Job): number {
  const [worked, setWorked] = useState(used.ms)
  useEffect(() => {
    setWorked(used.ms)
    if (runningSince === undefined) return
    const from = Date.now()
    const before = Math.max(used.ms, used.ms + (from - runningSince))
    const show = () => setWorked(before + Date.now() - from)
    show()
    const timer = setInterval(show, 1000)
    return () => clearInterval(timer)
  }, [used.ms, runningSince])
  return worked
}

function showTime(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  const two = (value: number) => String(value).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes % 60)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}
