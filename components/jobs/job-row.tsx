import { toSearch } from '../../client/store/location.ts'
import type { Job } from '../../core/protocol/job.ts'
import { cx } from '../ui/cx.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { JobCost, JobLines, JobProgress } from './job-facts.tsx'
import { JobStateMark } from './job-state.tsx'

/** One job of the list; a link, so that it opens in a tab of its own too. */
export function JobRow({ job }: { readonly job: Job }) {
  const workspaceId = useWorkbench((state) => state.workspaceId)
  const current = useWorkbench((state) => state.threadId === job.threadId)
  const open = useWorkbench((state) => state.openJob)
  return (
    <li>
      <a
        href={`/${toSearch({ workspaceId, threadId: job.threadId })}`}
        aria-current={current ? 'page' : undefined}
        title={job.task}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return
          event.preventDefault()
          open(job.id)
        }}
        className={cx('block cursor-default rounded-sm px-1.5 py-1.5', current ? 'bg-n5' : 'hover:bg-n4')}
      >
        <span className="flex items-baseline gap-2">
          <span className="min-w-0 flex-1 truncate text-n12">{job.title}</span>
          <JobStateMark job={job} className="text-small" />
        </span>
        <span className="tabular mt-0.5 flex items-center gap-2 text-n10 text-small">
          <JobProgress job={job} short />
          <span className="ml-auto" />
          <JobLines job={job} />
          <span className="flex shrink-0 gap-2 [&>*:not(:first-child)]:hidden">
            <JobCost job={job} />
          </span>
        </span>
      </a>
    </li>
  )
}
