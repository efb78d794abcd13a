import { jobInView } from '../../client/store/jobs-slice.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { JobBar } from '../jobs/job-bar.tsx'
import { JobTask } from '../jobs/job-task.tsx'
import { ReplayBar } from '../replay/replay-bar.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { Composer } from './composer.tsx'
import { FirstRun } from './first-run.tsx'
import { Transcript } from './transcript.tsx'

/** A replay draws fewer turns: each jump draws them anew. */
const replayedTurns = 3

/** The thread and where one answers it. */
export function ChatPane() {
  const t = useTranslate()
  return (
    <section aria-label={t('chat.title')} className="flex min-h-0 flex-1 flex-col bg-n2">
      <JobBar />
      <Conversation />
      <ReplayControls />
      <Composer />
    </section>
  )
}

function ReplayControls() {
  const replay = useWorkbench((state) => state.replay)
  return replay ? <ReplayBar replay={replay} /> : null
}

function Conversation() {
  const t = useTranslate()
  const thread = useWorkbench((state) => state.thread)
  const missing = useWorkbench((state) => state.threadMissing)
  const replay = useWorkbench((state) => state.replay)
  const isNew = useWorkbench((state) => state.threadId === undefined && state.workspaceLoaded)
  const job = useWorkbench(jobInView)
  if (missing) return <p className="flex-1 p-4 text-n10">{t('chat.missing')}</p>
  if (replay) return <Replayed view={replay.view} />
  if (thread && (thread.turns.length > 0 || thread.rewound || thread.commands))
    return <Transcript key={thread.id} thread={thread} />
  if (job) return <JobTask job={job} />
  // Nothing is drawn while the thread is on its way: it takes milliseconds.
  return isNew || thread ? <FirstRun /> : <div className="flex-1" />
}

/** The thread as it was. */
function Replayed({ view }: { readonly view: ThreadState | undefined }) {
  const t = useTranslate()
  if (view && view.turns.length > 0) return <Transcript key="replay" thread={view} page={replayedTurns} />
  return <p className="flex-1 p-4 text-n10">{view && t('replay.empty')}</p>
}
