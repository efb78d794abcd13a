import { useEffect, useState } from 'react'
import { choosePage } from '../../client/preview/choose-page.ts'
import { Button } from '../ui/button.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { PreviewFrame } from './preview-frame.tsx'
import { type Device, PreviewToolbar } from './preview-toolbar.tsx'

interface Site {
  /** Where the workspace's files are served. */
  readonly base: string
  readonly pages: readonly string[]
}

/** The workspace's web page beside the code. */
export function PreviewPane() {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const workspaceId = useWorkbench((state) => state.workspaceId)
  const epoch = useWorkbench((state) => state.epoch)
  const [site, setSite] = useState<Site | 'unavailable'>()
  const [page, setPage] = useState<string>()
  /** What the frame was last told to load; another `load` loads again. */
  const [wish, setWish] = useState<{ readonly path: string; readonly load: number }>()
  const [device, setDevice] = useState<Device>('desktop')
  const [following, setFollowing] = useState(true)
  const [attempt, setAttempt] = useState(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: another epoch or attempt is why it asks again
  useEffect(() => {
    if (!workspaceId || epoch === undefined) return
    let gone = false
    store
      .getState()
      .openPreview(workspaceId)
      .then(
        (opened) => {
          if (gone) return
          setSite(opened)
          const path = choosePage(opened.pages, store.getState().activePath)
          setPage((present) => present ?? path)
          if (path !== undefined) setWish((present) => present ?? { path, load: 0 })
        },
        () => {
          if (!gone) setSite('unavailable')
        },
      )
    return () => {
      gone = true
    }
  }, [store, workspaceId, epoch, attempt])

  const load = (path: string) => {
    setPage(path)
    setWish((present) => ({ path, load: (present?.load ?? 0) + 1 }))
  }
  return (
    <section aria-label={t('preview.title')} className="flex min-h-0 flex-1 flex-col bg-n2">
      <PreviewToolbar
        page={page}
        pages={typeof site === 'object' ? site.pages : []}
        device={device}
        following={following}
        onDevice={setDevice}
        onFollowing={setFollowing}
        onLoad={load}
        onClose={() => store.getState().setPreferences({ previewOpen: false })}
      />
      {site === 'unavailable' && (
        <div role="alert" className="flex flex-1 flex-col items-center justify-center gap-3 p-6 text-center">
          <p>{t('preview.unavailable')}</p>
          <Button onClick={() => setAttempt(attempt + 1)}>{t('editor.retry')}</Button>
        </div>
      )}
      {typeof site === 'object' && workspaceId && wish && (
        <PreviewFrame
          key={`${workspaceId} ${wish.load}`}
          workspaceId={workspaceId}
          src={site.base + wish.path.split('/').map(encodeURIComponent).join('/')}
          page={page ?? wish.path}
          device={device}
          following={following}
          onPage={setPage}
        />
      )}
      {typeof site === 'object' && !wish && (
        <p className="m-auto max-w-64 p-6 text-center text-n10">{t('preview.none')}</p>
      )}
    </section>
  )
}
