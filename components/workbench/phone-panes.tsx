import { FileCode2, Files, Layers, MessageSquare, MonitorPlay } from 'lucide-react'
import { type ReactNode, useEffect } from 'react'
import type { PhonePane } from '../../client/store/layout-slice.ts'
import { may } from '../../client/store/selectors.ts'
import { EditorPane } from '../editor/editor-pane.tsx'
import { JobsPane } from '../jobs/jobs-pane.tsx'
import { PreviewPane } from '../preview/preview-pane.tsx'
import { cx } from '../ui/cx.ts'
import { SideBar } from './side-bar.tsx'
import { useWorkbench, useWorkbenchStore } from './store-provider.tsx'
import { useTranslate } from './use-translate.ts'

const panes = [
  { id: 'chat', title: 'rail.chat', Icon: MessageSquare },
  { id: 'editor', title: 'rail.editor', Icon: FileCode2 },
  { id: 'files', title: 'rail.files', Icon: Files },
  { id: 'jobs', title: 'jobs.title', Icon: Layers },
  { id: 'preview', title: 'rail.preview', Icon: MonitorPlay },
] as const

/** One pane at a time. Chat and editor stay alive behind the others, so that coming back costs nothing. */
export function PhonePanes({ chat }: { readonly chat: ReactNode }) {
  const t = useTranslate()
  const shown = useWorkbench((state) => state.phonePane)
  const show = useWorkbench((state) => state.showPhonePane)
  const store = useWorkbenchStore()
  const previews = useWorkbench((state) => may(state, 'preview/open'))
  const jobs = useWorkbench((state) => may(state, 'job/list'))
  // Choosing a file in the tree is asking to see it.
  useEffect(
    () =>
      store.subscribe((state, before) => {
        if (state.activePath !== before.activePath && state.phonePane === 'files')
          state.showPhonePane('editor')
      }),
    [store],
  )
  const place = (pane: PhonePane) => cx('min-h-0 flex-1 flex-col', shown === pane ? 'flex' : 'hidden')
  return (
    <>
      <div className="flex min-h-0 flex-1 flex-col bg-n2">
        <div className={place('chat')}>{chat}</div>
        <div className={cx(place('editor'), 'bg-n3')}>
          <EditorPane />
        </div>
        {shown === 'files' && (
          <div className={place('files')}>
            <SideBar />
          </div>
        )}
        {shown === 'jobs' && (
          <div className={place('jobs')}>
            <JobsPane />
          </div>
        )}
        {shown === 'preview' && (
          <div className={place('preview')}>
            <PreviewPane />
          </div>
        )}
      </div>
      <nav
        aria-label={t('phone.title')}
        className="grid shrink-0 auto-cols-fr grid-flow-col border-n6 border-t bg-n1 pb-[env(safe-area-inset-bottom)]"
      >
        {panes
          .filter(({ id }) => (id !== 'preview' || previews) && (id !== 'jobs' || jobs))
          .map(({ id, title, Icon }) => (
            <button
              key={id}
              type="button"
              aria-current={shown === id ? 'page' : undefined}
              onClick={() => show(id)}
              className={cx(
                'flex h-13 flex-col items-center justify-center gap-0.5 text-small',
                shown === id ? 'text-accent' : 'text-n10',
              )}
            >
              <Icon size={18} strokeWidth={1.75} aria-hidden />
              {t(title)}
            </button>
          ))}
      </nav>
    </>
  )
}
