import { isSettled } from '../../core/job/ledger.ts'
import type { Job } from '../../core/protocol/job.ts'
import { useTranslate } from '../workbench/use-translate.ts'

/** In place of a conversation that has not begun: what was handed off, and what it waits for. */
export function JobTask({ job }: { readonly job: Job }) {
  const t = useTranslate()
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3">
      <h3 className="text-n10 text-small">{t('jobs.task')}</h3>
      <p className="mt-1 whitespace-pre-wrap break-words text-n12">{job.task}</p>
      {!isSettled(job) && (
        <p className="mt-3 text-n10">
          {t(job.state === 'queued' ? 'jobs.waitsForPlace' : 'jobs.waitsForCopy')}
        </p>
      )}
    </div>
  )
}
