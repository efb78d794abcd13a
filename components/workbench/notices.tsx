import { CircleAlert, CircleHelp, Info, X } from 'lucide-react'
import { useEffect } from 'react'
import type { Notice } from '../../client/store/notice-slice.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { useWorkbench } from './store-provider.tsx'
import { useTranslate } from './use-translate.ts'

/** What asks for nothing goes by itself; what went wrong, or needs somebody, stays until it is read. */
const shownMs = 8000

const marks = {
  info: { Icon: Info, tint: 'text-n10' },
  attention: { Icon: CircleHelp, tint: 'text-attention' },
  danger: { Icon: CircleAlert, tint: 'text-danger' },
} as const

/** `className`: where they are. */
export function Notices({ className }: { readonly className: string }) {
  const t = useTranslate()
  const notices = useWorkbench((state) => state.notices)
  if (notices.length === 0) return null
  return (
    <section
      aria-label={t('notices.title')}
      className={cx('pointer-events-none z-40 flex w-90 max-w-[calc(100vw-24px)] flex-col gap-2', className)}
    >
      {notices.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </section>
  )
}

function NoticeCard({ notice }: { readonly notice: Notice }) {
  const t = useTranslate()
  const dismiss = useWorkbench((state) => state.dismissNotice)
  const { id, tone, action } = notice
  const { Icon, tint } = marks[tone]
  useEffect(() => {
    if (tone !== 'info') return
    const timer = setTimeout(() => dismiss(id), shownMs)
    return () => clearTimeout(timer)
  }, [id, tone, dismiss])
  return (
    <div
      role={tone === 'info' ? 'status' : 'alert'}
      className="pop fade-in pointer-events-auto flex items-start gap-2 p-2.5"
    >
      <span className="flex h-5 items-center">
        <Icon size={15} aria-hidden className={tint} />
      </span>
      <p className="min-w-0 flex-1 text-n12">{t(notice.key, notice.params)}</p>
      {action && (
        <Button
          onClick={() => {
            action.run()
            dismiss(id)
          }}
        >
          {t(action.key)}
        </Button>
      )}
      <IconButton label={t('notice.dismiss')} onClick={() => dismiss(id)}>
        <X size={14} aria-hidden />
      </IconButton>
    </div>
  )
}
