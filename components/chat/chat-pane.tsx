import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { Composer } from './composer.tsx'
import { FirstRun } from './first-run.tsx'
import { Transcript } from './transcript.tsx'

/** The thread and where one answers it. */
export function ChatPane() {
  const t = useTranslate()
  return (
    <section aria-label={t('chat.title')} className="flex min-h-0 flex-1 flex-col bg-n2">
      <Conversation />
      <Composer />
    </section>
  )
}

function Conversation() {
  const t = useTranslate()
  const thread = useWorkbench((state) => state.thread)
  const missing = useWorkbench((state) => state.threadMissing)
  const isNew = useWorkbench((state) => state.threadId === undefined && state.workspaceLoaded)
  if (missing) return <p className="flex-1 p-4 text-n10">{t('chat.missing')}</p>
  if (thread && thread.turns.length > 0) return <Transcript key={thread.id} thread={thread} />
  // Nothing is drawn while the thread is on its way: it takes milliseconds.
  return isNew || thread ? <FirstRun /> : <div className="flex-1" />
}
