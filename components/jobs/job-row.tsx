import { ChevronRight } from 'lucide-react'
import { memo } from 'react'
import { isSameRow, type JobTreeRow } from '../../client/store/job-tree.ts'
import type { JobId } from '../../core/protocol/ids.ts'
import { cx } from '../ui/cx.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { JobCost, JobLines, JobProgress } from './job-facts.tsx'
import { JobLink } from './job-link.tsx'
import { JobStateMark } from './job-state.tsx'

const indent = 14

interface JobRowProps {
  readonly row: JobTreeRow
  readonly onFold: (id: JobId, isOpen: boolean) => void
}

/**
 * One job of the list, further in when it is an agent of the one above. Scrolling draws only those that come into view,
 * and news of one job only that one.
 */
export const JobRow = memo(function JobRow(props: JobRowProps) {
  const { row, onFold } = props
  const t = useTranslate()
  const { job, depth, agents, isOpen } = row
  const current = useWorkbench((state) => state.threadId === job.threadId)
  return (
    <li className="@container relative" style={{ paddingLeft: depth * indent }}>
      {depth > 0 && (
        <span
          aria-hidden
          className="absolute inset-y-1 border-n6 border-l"
          style={{ left: depth * indent - indent / 2 }}
        />
      )}
      <JobLink
        job={job}
        className={cx(
          'block cursor-default rounded-sm py-1.5 pr-1.5',
          agents > 0 ? 'pl-6' : 'pl-1.5',
          current ? 'bg-n5' : 'hover:bg-n4',
        )}
      >
        <span className="block truncate text-n12" title={job.title}>
          {job.title}
        </span>
        <span className="tabular mt-0.5 flex items-center gap-2 overflow-hidden whitespace-nowrap text-n10 text-small">
          <JobStateMark job={job} className="text-small" />
          <JobProgress job={job} short />
          {job.candidate && <span className="truncate">{t('candidates.nth', { n: job.candidate.n })}</span>}
          {job.judges && <span className="truncate">{t('candidates.judgeRow')}</span>}
          {agents > 0 && !job.candidate && (
            <span className="truncate">{t('agents.count', { count: agents })}</span>
          )}
          <span className="ml-auto" />
          <JobLines job={job} />
          <span className="flex shrink-0 gap-2 [&>*:not(:first-child)]:hidden">
            <JobCost job={job} />
          </span>
        </span>
      </JobLink>
      {agents > 0 && (
        <button
          type="button"
          aria-expanded={isOpen}
          aria-label={`${t(isOpen ? 'agents.hide' : 'agents.show')}: ${job.title}`}
          onClick={() => onFold(job.id, !isOpen)}
          className="absolute top-1.5 flex size-5 items-center justify-center rounded-sm text-n10 hover:bg-n6 hover:text-n12"
          style={{ left: depth * indent + 2 }}
        >
          <ChevronRight size={13} aria-hidden className={cx(isOpen && 'rotate-90')} />
        </button>
      )}
    </li>
  )
}, isSame)

function isSame(a: JobRowProps, b: JobRowProps): boolean {
  return isSameRow(a.row, b.row) && a.onFold === b.onFold
}
