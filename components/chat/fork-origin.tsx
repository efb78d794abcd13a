import { GitFork } from 'lucide-react'
import { toSearch } from '../../client/store/location.ts'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** Where a forked thread comes from, by its name of today. */
export function ForkOrigin() {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const origin = useWorkbench((state) => state.thread?.origin)
  const workspaceId = useWorkbench((state) => state.workspaceId)
  const known = useWorkbench((state) => state.threads.find(({ id }) => id === origin?.threadId)?.title)
  if (!origin) return null
  const { threadId, turnId } = origin
  return (
    <p className="flex items-center gap-1.5 pt-3 text-n10 text-small">
      <GitFork size={12} aria-hidden className="shrink-0" />
      <span className="shrink-0">{t('history.forkedFrom')}</span>
      <a
        href={`/${toSearch({ workspaceId, threadId, turnId })}`}
        className="truncate rounded-sm text-accent hover:underline"
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return
          event.preventDefault()
          const { openThread, showTurn } = store.getState()
          openThread(threadId)
          showTurn(turnId)
        }}
      >
        {known || origin.title || t('threads.untitled')}
      </a>
    </p>
  )
}
