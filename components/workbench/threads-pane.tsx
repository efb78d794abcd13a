import { Pencil, Plus } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { commands } from '../../client/store/commands.ts'
import { toSearch } from '../../client/store/location.ts'
import type { ThreadSummary } from '../../core/protocol/thread.ts'
import { IconButton } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { useWorkbench, useWorkbenchStore } from './store-provider.tsx'
import { useLanguage, useTranslate } from './use-translate.ts'

/** The workspace's threads, newest first. */
export function ThreadsPane() {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const threads = useWorkbench((state) => state.threads)
  const loaded = useWorkbench((state) => state.workspaceLoaded)
  const create = () => commands.find(({ id }) => id === 'newThread')?.run(store.getState())
  return (
    <section aria-label={t('threads.title')} className="flex min-h-0 flex-1 flex-col">
      <header className="toolbar-h flex shrink-0 items-center justify-between pr-1.5 pl-3">
        <h2 className="font-strong text-n11">{t('threads.title')}</h2>
        <IconButton label={t('threads.new')} onClick={create}>
          <Plus size={16} aria-hidden />
        </IconButton>
      </header>
      {loaded && threads.length === 0 && <p className="px-3 text-n10">{t('threads.empty')}</p>}
      <ul className="min-h-0 flex-1 overflow-y-auto px-1.5 pb-2">
        {threads.map((thread) => (
          <ThreadRow key={thread.id} thread={thread} />
        ))}
      </ul>
    </section>
  )
}

function ThreadRow({ thread }: { readonly thread: ThreadSummary }) {
  const t = useTranslate()
  const language = useLanguage()
  const workspaceId = useWorkbench((state) => state.workspaceId)
  const current = useWorkbench((state) => state.threadId === thread.id)
  const open = useWorkbench((state) => state.openThread)
  const rename = useWorkbench((state) => state.renameThread)
  const [naming, setNaming] = useState(false)
  const title = thread.title || t('threads.untitled')

  const finish = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return
    if (event.key !== 'Enter' && event.key !== 'Escape') return
    event.stopPropagation()
    const name = event.currentTarget.value.trim()
    if (event.key === 'Enter' && name !== '' && name !== thread.title) rename(thread.id, name)
    setNaming(false)
  }
  if (naming) {
    return (
      <li className="row-h flex items-center">
        <input
          aria-label={t('threads.newName')}
          defaultValue={thread.title}
          // biome-ignore lint/a11y/noAutofocus: the person has just asked to type here
          autoFocus
          onFocus={(event) => event.currentTarget.select()}
          onKeyDown={finish}
          onBlur={() => setNaming(false)}
          maxLength={200}
          className="h-6 w-full rounded-sm border border-accent bg-n3 px-1.5 text-n12 outline-none"
        />
      </li>
    )
  }
  return (
    <li className={cx('group row-h flex items-center rounded-sm pr-1', current ? 'bg-n5' : 'hover:bg-n4')}>
      <a
        href={`/${toSearch({ workspaceId, threadId: thread.id })}`}
        aria-current={current ? 'page' : undefined}
        title={new Date(thread.updatedAt).toLocaleString(language)}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return
          event.preventDefault()
          open(thread.id)
        }}
        onDoubleClick={() => setNaming(true)}
        className={cx(
          'flex h-full min-w-0 flex-1 cursor-default items-center gap-2 rounded-sm px-1.5',
          current && 'text-n12',
        )}
      >
        <span className="truncate">{title}</span>
        {thread.running && (
          <span className="ml-auto flex shrink-0 items-center gap-1 text-author-1 text-small">
            <span aria-hidden className="size-1.5 rounded-full bg-current" />
            {t('threads.running')}
          </span>
        )}
      </a>
      <IconButton
        label={t('threads.renameOf', { title })}
        onClick={() => setNaming(true)}
        className="opacity-0 focus-visible:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100"
      >
        <Pencil size={13} aria-hidden />
      </IconButton>
    </li>
  )
}
