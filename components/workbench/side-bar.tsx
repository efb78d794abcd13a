import { FilesPane } from '../files/files-pane.tsx'
import { JobsPane } from '../jobs/jobs-pane.tsx'
import { ThreadsPane } from '../threads/threads-pane.tsx'
import { useWorkbench } from './store-provider.tsx'
import { useMediaQuery } from './use-media-query.ts'

/** Files, threads or jobs; on a phone files and threads, one above the other. */
export function SideBar() {
  const phone = useMediaQuery('(max-width: 640px)')
  const view = useWorkbench((state) => state.sidebarView)
  if (!phone && view === 'jobs') return <JobsPane />
  if (!phone) return view === 'files' ? <FilesPane /> : <ThreadsPane />
  return (
    <>
      <div className="flex min-h-0 flex-1 flex-col">
        <FilesPane />
      </div>
      <div className="flex max-h-2/5 min-h-0 flex-col border-n6 border-t">
        <ThreadsPane />
      </div>
    </>
  )
}
