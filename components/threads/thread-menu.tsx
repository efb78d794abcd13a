import { Ellipsis } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { useRef } from 'react'
import { toSearch } from '../../client/store/location.ts'
import type { ExportFormat } from '../../client/store/threads-slice.ts'
import type { ThreadSummary } from '../../core/protocol/thread.ts'
import { KeyHint } from '../ui/key-hint.tsx'
import { useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** What can be done with one thread. */
export function ThreadMenu(props: {
  readonly thread: ThreadSummary
  readonly title: string
  readonly onRename: () => void
}) {
  const { thread, title, onRename } = props
  const t = useTranslate()
  const store = useWorkbenchStore()
  /** What takes the focus itself is begun when the menu has given it up. */
  const afterClose = useRef<() => void>(undefined)
  const { id: threadId, pinned = false, archived = false } = thread
  const save = (format: ExportFormat) => void store.getState().exportThread(threadId, format)
  const copyLink = () => {
    const { workspaceId } = store.getState()
    const link = new URL(`/${toSearch({ workspaceId, threadId })}`, window.location.origin)
    void navigator.clipboard.writeText(link.href)
  }
  const replay = () => {
    const { openThread, openReplay, showPhonePane } = store.getState()
    openThread(threadId)
    openReplay()
    showPhonePane('chat')
  }
  const items = [
    {
      label: t('threads.rename'),
      keys: 'F2',
      run: () => {
        afterClose.current = onRename
      },
    },
    {
      label: pinned ? t('threads.unpin') : t('threads.pin'),
      run: () => store.getState().pinThread(threadId, !pinned),
    },
    {
      label: archived ? t('threads.unarchive') : t('threads.archive'),
      ...(!archived && { keys: 'Del' }),
      run: () => void store.getState().archiveThread(threadId, !archived),
    },
    {
      label: t('replay.start'),
      run: () => {
        afterClose.current = replay
      },
    },
    { label: t('threads.copyLink'), run: copyLink },
    { label: t('threads.exportMarkdown'), run: () => save('markdown') },
    { label: t('threads.exportJson'), run: () => save('json') },
  ]
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger
        aria-label={t('threads.menuOf', { title })}
        className="hit inline-flex size-6 shrink-0 items-center justify-center rounded-sm text-n10 opacity-0 hover:bg-n5 hover:text-n12 focus-visible:opacity-100 group-hover:opacity-100 data-[state=open]:opacity-100 pointer-coarse:opacity-100"
      >
        <Ellipsis size={14} aria-hidden />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className="pop fade-in z-50 min-w-48 p-1"
          onCloseAutoFocus={(event) => {
            const run = afterClose.current
            if (!run) return
            afterClose.current = undefined
            event.preventDefault()
            run()
          }}
        >
          {items.map(({ label, keys, run }) => (
            <DropdownMenu.Item
              key={label}
              onSelect={run}
              className="row-h flex select-none items-center gap-6 rounded-sm px-2 text-n11 outline-none data-highlighted:bg-n5 data-highlighted:text-n12"
            >
              <span className="flex-1">{label}</span>
              {keys && <KeyHint>{keys}</KeyHint>}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}
