import { useEffect, useRef, useState } from 'react'
import { createPreviewLink, type PreviewLink } from '../../client/preview/preview-link.ts'
import { scheduleFrame } from '../../client/store/frame-schedule.ts'
import type { WorkspaceId } from '../../core/protocol/ids.ts'
import { useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { type Device, devices } from './preview-toolbar.tsx'

interface PreviewFrameProps {
  readonly workspaceId: WorkspaceId
  readonly src: string
  readonly page: string
  readonly device: Device
  readonly following: boolean
  readonly onPage: (path: string) => void
}

/** The page on an origin of its own: it can run scripts and reach nothing of Tandem's. */
export function PreviewFrame({ workspaceId, src, page, device, following, onPage }: PreviewFrameProps) {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const frame = useRef<HTMLIFrameElement>(null)
  const room = useRef<HTMLDivElement>(null)
  const link = useRef<PreviewLink>(undefined)
  const [available, setAvailable] = useState(0)
  const width = devices[device].width

  useEffect(() => {
    const made = createPreviewLink({
      workspaceId,
      replicas: store.getState().replicas,
      schedule: scheduleFrame,
      after(ms, run) {
        const timer = setTimeout(run, ms)
        return () => clearTimeout(timer)
      },
      // The frame has no origin that could be named; what is sent is the workspace's own text.
      post: (message) => frame.current?.contentWindow?.postMessage(message, '*'),
      onPage,
      onExternal(url) {
        store.getState().notify({
          tone: 'info',
          key: 'preview.external',
          params: { host: new URL(url).host },
          action: {
            key: 'preview.openExternal',
            run: () => window.open(url, '_blank', 'noopener,noreferrer'),
          },
        })
      },
    })
    link.current = made
    const onMessage = (event: MessageEvent) => {
      if (frame.current && event.source === frame.current.contentWindow) made.receive(event.data)
    }
    window.addEventListener('message', onMessage)
    return () => {
      window.removeEventListener('message', onMessage)
      made.dispose()
    }
  }, [store, workspaceId, onPage])
  useEffect(() => link.current?.setFollowing(following), [following])
  useEffect(() => {
    if (!room.current) return
    const observer = new ResizeObserver(([entry]) => setAvailable(entry?.contentRect.width ?? 0))
    observer.observe(room.current)
    return () => observer.disconnect()
  }, [])

  // A device wider than the pane is drawn smaller, not cut off.
  const scale = width === undefined || available === 0 ? 1 : Math.min(1, available / width)
  return (
    <div ref={room} className="min-h-0 flex-1 overflow-hidden">
      <iframe
        ref={frame}
        title={t('preview.frame', { path: page })}
        src={src}
        sandbox="allow-scripts"
        referrerPolicy="no-referrer"
        className="origin-top-left border-0 bg-white"
        style={{
          width: width ?? '100%',
          height: `${100 / scale}%`,
          transform: scale === 1 ? undefined : `scale(${scale})`,
          marginLeft: width === undefined ? 0 : Math.max(0, (available - width * scale) / 2),
        }}
      />
    </div>
  )
}
