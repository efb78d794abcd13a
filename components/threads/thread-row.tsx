import { Pin } from 'lucide-react'
import { type KeyboardEvent, useCallback, useRef, useState } from 'react'
import { toSearch } from '../../client/store/location.ts'
import { may } from '../../client/store/selectors.ts'
import type { ThreadSummary } from '../../core/protocol/thread.ts'
import { cx } from '../ui/cx.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useLanguage, useTranslate } from '../workbench/use-translate.ts'
import { ThreadMenu } from './thread-menu.tsx'

/** One thread of the list. F2 renames it where it stands, Delete archives it. */
export function ThreadRow({ thread }: { readonly thread: ThreadSummary }) {
  const t = useTranslate()
  const language = useLanguage()
  const workspaceId = useWorkbench((state) => state.workspaceId)
  const current = useWorkbench((state) => state.threadId === thread.id)
  const owns = useWorkbench((state) => may(state, 'thread/rename'))
  const open = useWorkbench((state) => state.openThread)
  const rename = useWorkbench((state) => state.renameThread)
  const archive = useWorkbench((state) => state.archiveThread)
  const [naming, setNaming] = useState(false)
  const takesFocus = useRef(false)
  const attach = useCallback((link: HTMLAnchorElement | null) => {
    if (link && takesFocus.current) link.focus()
    takesFocus.current = false
  }, [])
  const title = thread.title || t('threads.untitled')

  const finish = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return
    if (event.key !== 'Enter' && event.key !== 'Escape') return
    event.stopPropagation()
    const name = event.currentTarget.value.trim()
    if (event.key === 'Enter' && name !== '' && name !== thread.title) rename(thread.id, name)
    takesFocus.current = true
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
    <li
      className={cx(
        'group @container relative row-h flex items-center rounded-sm',
        current ? 'bg-n5' : 'hover:bg-n4',
      )}
    >
      <a
        ref={attach}
        href={`/${toSearch({ workspaceId, threadId: thread.id })}`}
        aria-current={current ? 'page' : undefined}
        title={`${title}\n${new Date(thread.updatedAt).toLocaleString(language)}`}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return
          event.preventDefault()
          open(thread.id)
        }}
        onDoubleClick={() => owns && setNaming(true)}
        onKeyDown={(event) => {
          if (!owns) return
          if (event.key === 'F2') setNaming(true)
          else if (event.key === 'Delete' && !thread.archived) void archive(thread.id, true)
          else return
          event.preventDefault()
        }}
        className={cx(
          'flex h-full min-w-0 flex-1 cursor-default items-center gap-2 rounded-sm px-1.5',
          // The title gives way to the menu only while that is to be seen.
          owns && 'pointer-coarse:pr-10 group-focus-within:pr-8 group-hover:pr-8',
          current && 'text-n12',
        )}
      >
        {thread.pinned && (
          <Pin size={12} role="img" aria-label={t('threads.pinned')} className="shrink-0 text-n10" />
        )}
        <span className="truncate">{title}</span>
        {thread.running ? (
          <span className="ml-auto flex shrink-0 items-center gap-1 text-author-1 text-small">
            <span aria-hidden className="size-1.5 rounded-full bg-current" />
            {t('threads.running')}
          </span>
        ) : (
          <time
            dateTime={new Date(thread.updatedAt).toISOString()}
            className="@min-[18rem]:inline ml-auto hidden shrink-0 text-n10 text-small tabular-nums"
          >
            {showWhen(thread.updatedAt, language)}
          </time>
        )}
      </a>
      {owns && (
        <span className="absolute right-1 flex">
          <ThreadMenu thread={thread} title={title} onRename={() => setNaming(true)} />
        </span>
      )}
    </li>
  )
}

/** The time of today's, the day of others. */
function showWhen(at: number, language: string): string {
  const date = new Date(at)
  return date.toDateString() === new Date().toDateString()
    ? date.toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit' })
    : date.toLocaleDateString(language, { month: 'short', day: 'numeric' })
}
