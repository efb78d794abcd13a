import { ChevronRight, Plus } from 'lucide-react'
import { useMemo, useState } from 'react'
import { commands } from '../../client/store/commands.ts'
import { may } from '../../client/store/selectors.ts'
import { arrangeThreads } from '../../client/store/threads-slice.ts'
import { IconButton } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { IfMay } from '../workbench/if-may.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { ThreadHits } from './thread-hits.tsx'
import { ThreadRow } from './thread-row.tsx'

/** The workspace's threads: pinned ones first, then the newest; archived ones folded away. */
export function ThreadsPane() {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const threads = useWorkbench((state) => state.threads)
  const loaded = useWorkbench((state) => state.workspaceLoaded)
  const searches = useWorkbench((state) => may(state, 'thread/search'))
  const query = useWorkbench((state) => state.threadQuery)
  const search = useWorkbench((state) => state.searchThreads)
  const create = () => commands.find(({ id }) => id === 'newThread')?.run(store.getState())
  return (
    <section aria-label={t('threads.title')} className="flex min-h-0 flex-1 flex-col">
      <header className="toolbar-h flex shrink-0 items-center justify-between pr-1.5 pl-3">
        <h2 className="font-strong text-n11">{t('threads.title')}</h2>
        <IfMay action="thread/create">
          <IconButton label={t('threads.new')} onClick={create}>
            <Plus size={16} aria-hidden />
          </IconButton>
        </IfMay>
      </header>
      {loaded && threads.length === 0 && <p className="px-3 text-n10">{t('threads.empty')}</p>}
      {threads.length > 0 && searches && (
        <div className="shrink-0 px-1.5 pb-1.5">
          <input
            type="search"
            aria-label={t('threads.search')}
            placeholder={t('threads.search')}
            value={query}
            maxLength={200}
            onChange={(event) => search(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Escape' || event.nativeEvent.isComposing || query === '') return
              event.stopPropagation()
              search('')
            }}
            className="h-7 w-full rounded-sm border border-n6 bg-n3 px-2 text-n12 outline-none placeholder:text-n10 focus:border-accent"
          />
        </div>
      )}
      {query.trim() === '' ? <ThreadList /> : <ThreadHits />}
    </section>
  )
}

function ThreadList() {
  const t = useTranslate()
  const threads = useWorkbench((state) => state.threads)
  const [unfolded, setUnfolded] = useState(false)
  const { shown, archived } = useMemo(() => arrangeThreads(threads), [threads])
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-1.5 pb-2">
      <ul>
        {shown.map((thread) => (
          <ThreadRow key={thread.id} thread={thread} />
        ))}
      </ul>
      {archived.length > 0 && (
        <button
          type="button"
          aria-expanded={unfolded}
          onClick={() => setUnfolded(!unfolded)}
          className="row-h mt-1 flex w-full items-center gap-1 rounded-sm px-1 text-n10 hover:bg-n4 hover:text-n12"
        >
          <ChevronRight size={13} aria-hidden className={cx(unfolded && 'rotate-90')} />
          {t('threads.archived', { count: archived.length })}
        </button>
      )}
      {unfolded && (
        <ul>
          {archived.map((thread) => (
            <ThreadRow key={thread.id} thread={thread} />
          ))}
        </ul>
      )}
    </div>
  )
}
