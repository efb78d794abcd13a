import type { Job } from '../../core/protocol/job.ts'
import { ApprovalCard } from '../chat/approval-card.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'

/** What jobs ask leave for, above their list: it can be answered without going there. */
export function JobApprovals({ jobs }: { readonly jobs: readonly Job[] }) {
  const open = useWorkbench((state) => state.openJob)
  const asking = jobs.flatMap(({ id, title, threadId, needs }) =>
    needs?.kind === 'approval' ? [{ id, title, threadId, approval: needs.approval }] : [],
  )
  if (asking.length === 0) return null
  return (
    <ul className="max-h-3/4 shrink-0 overflow-y-auto border-n6 border-b px-1.5 pb-2">
      {asking.map(({ id, title, threadId, approval }) => (
        <li key={approval.id}>
          <button
            type="button"
            onClick={() => open(id)}
            className="block w-full truncate rounded-sm px-1.5 py-1 text-left text-n11 hover:text-n12"
          >
            {title}
          </button>
          <ApprovalCard approval={approval} threadId={threadId} />
        </li>
      ))}
    </ul>
  )
}
