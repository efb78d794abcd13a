import type { ReactNode } from 'react'
import { toSearch } from '../../client/store/location.ts'
import type { Job } from '../../core/protocol/job.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'

/** To a job's own page; a link, so that it opens in a tab of its own too. */
export function JobLink(props: {
  readonly job: Job
  readonly className: string
  readonly children: ReactNode
}) {
  const { job, className, children } = props
  const workspaceId = useWorkbench((state) => state.workspaceId)
  const current = useWorkbench((state) => state.threadId === job.threadId)
  const open = useWorkbench((state) => state.openJob)
  return (
    <a
      href={`/${toSearch({ workspaceId, threadId: job.threadId })}`}
      aria-current={current ? 'page' : undefined}
      title={job.task}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return
        event.preventDefault()
        open(job.id)
      }}
      className={className}
    >
      {children}
    </a>
  )
}
