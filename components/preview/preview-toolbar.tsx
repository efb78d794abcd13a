import { Monitor, RotateCw, Smartphone, Tablet, X, Zap } from 'lucide-react'
import { useState } from 'react'
import { IconButton } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { Tooltip } from '../ui/tooltip.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

export const devices = {
  desktop: { width: undefined, Icon: Monitor },
  tablet: { width: 768, Icon: Tablet },
  phone: { width: 390, Icon: Smartphone },
} as const
export type Device = keyof typeof devices
const deviceNames: readonly Device[] = ['desktop', 'tablet', 'phone']

interface PreviewToolbarProps {
  readonly page: string | undefined
  readonly pages: readonly string[]
  readonly device: Device
  readonly following: boolean
  readonly onDevice: (device: Device) => void
  readonly onFollowing: (following: boolean) => void
  readonly onLoad: (path: string) => void
  readonly onClose: () => void
}

export function PreviewToolbar(props: PreviewToolbarProps) {
  const { page, pages, device, following, onDevice, onFollowing, onLoad, onClose } = props
  const t = useTranslate()
  return (
    <div className="toolbar-h flex shrink-0 items-center gap-1 border-n6 border-b bg-n1 px-2">
      <IconButton
        label={t('preview.reload')}
        disabled={page === undefined}
        onClick={() => page && onLoad(page)}
      >
        <RotateCw size={14} aria-hidden />
      </IconButton>
      <Address key={page} page={page} pages={pages} onLoad={onLoad} />
      <div className="flex">
        {deviceNames.map((name) => {
          const { Icon } = devices[name]
          return (
            <IconButton
              key={name}
              label={t(`preview.${name}`)}
              aria-pressed={device === name}
              active={device === name}
              className={device === name ? 'bg-n5' : undefined}
              onClick={() => onDevice(name)}
            >
              <Icon size={14} strokeWidth={1.75} aria-hidden />
            </IconButton>
          )
        })}
      </div>
      <Tooltip label={t('preview.followsHint')}>
        <button
          type="button"
          aria-pressed={following}
          aria-label={t('preview.follows')}
          onClick={() => onFollowing(!following)}
          className={cx(
            'hit grid size-6 shrink-0 place-items-center rounded-sm transition-colors hover:bg-n4',
            following ? 'text-author-1' : 'text-n9',
          )}
        >
          <Zap size={14} strokeWidth={1.75} fill={following ? 'currentColor' : 'none'} aria-hidden />
        </button>
      </Tooltip>
      <IconButton label={t('preview.close')} onClick={onClose}>
        <X size={14} aria-hidden />
      </IconButton>
    </div>
  )
}

/** The page's path; Enter loads another. */
function Address(props: {
  readonly page: string | undefined
  readonly pages: readonly string[]
  readonly onLoad: (path: string) => void
}) {
  const t = useTranslate()
  const [text, setText] = useState(props.page ?? '')
  return (
    <form
      className="min-w-0 flex-1"
      onSubmit={(event) => {
        event.preventDefault()
        const path = text.trim().replace(/^\/+/, '')
        if (path !== '') props.onLoad(path)
      }}
    >
      <input
        value={text}
        aria-label={t('preview.address')}
        list="preview-pages"
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
        className="h-6 w-full rounded-sm bg-n4 px-2 text-n11 outline-none focus-visible:ring-1 focus-visible:ring-accent"
      />
      <datalist id="preview-pages">
        {props.pages.map((path) => (
          <option key={path} value={path} />
        ))}
      </datalist>
    </form>
  )
}
