import { toSearch } from '../../client/store/location.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** Where the words stand: each opens its thread at that turn. */
export function ThreadHits() {
  const t = useTranslate()
  const hits = useWorkbench((state) => state.threadHits)
  const workspaceId = useWorkbench((state) => state.workspaceId)
  const open = useWorkbench((state) => state.openThread)
  const showTurn = useWorkbench((state) => state.showTurn)
  if (!hits) return null
  if (hits.length === 0)
    return (
      <p role="status" className="px-3 text-n10">
        {t('threads.nothingFound')}
      </p>
    )
  return (
    <ul aria-label={t('threads.found')} className="min-h-0 flex-1 overflow-y-auto px-1.5 pb-2">
      {hits.map(({ threadId, turnId, title, before, match, after }, index) => (
        <li key={index}>
          <a
            href={`/${toSearch({ workspaceId, threadId, turnId })}`}
            onClick={(event) => {
              if (event.metaKey || event.ctrlKey || event.shiftKey) return
              event.preventDefault()
              open(threadId)
              showTurn(turnId)
            }}
            className="block cursor-default rounded-sm px-1.5 py-1 hover:bg-n4"
          >
            <span className="block truncate text-n12">{title || t('threads.untitled')}</span>
            {turnId && (
              <span className="line-clamp-2 break-words text-n10 text-small">
                {before}
                <mark className="bg-transparent font-strong text-n12">{match}</mark>
                {after}
              </span>
            )}
          </a>
        </li>
      ))}
    </ul>
  )
}
