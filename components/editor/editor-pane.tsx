import './editor.css'
import { useEffect } from 'react'
import { bindEditorKeys } from '../../client/editor/editor-keys.ts'
import { ReplayFiles } from '../replay/replay-files.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { CodeView } from './code-view.tsx'
import { DiskNotice } from './disk-notice.tsx'
import { DocumentNotice } from './document-notice.tsx'
import { EditorEmpty } from './editor-empty.tsx'
import { EditorTabs } from './editor-tabs.tsx'
import { EditorToolbar } from './editor-toolbar.tsx'
import { RecoveredNotice } from './recovered-notice.tsx'

/** The open files and the one in view. */
export function EditorPane() {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const workspaceId = useWorkbench((state) => state.workspaceId)
  const activePath = useWorkbench((state) => state.activePath)
  const isText = useWorkbench(
    (state) => activePath !== undefined && state.documents[activePath]?.phase === 'text',
  )

  useEffect(() => {
    if (!workspaceId) return
    store.getState().restoreTabs(workspaceId)
    store.getState().restoreInline(workspaceId)
  }, [store, workspaceId])
  useEffect(() => bindEditorKeys(store, window), [store])

  return (
    <section aria-label={t('editor.title')} className="relative flex min-h-0 flex-1 flex-col bg-n3">
      <EditorTabs />
      {activePath !== undefined && <EditorToolbar path={activePath} />}
      {activePath !== undefined && <RecoveredNotice path={activePath} />}
      <div className="relative isolate min-h-0 flex-1 [anchor-name:--code]">
        {/* The editor stays mounted behind notices: coming back to a text costs nothing. */}
        <div className={isText ? 'absolute inset-0' : 'invisible absolute inset-0'}>
          <CodeView />
        </div>
        {activePath === undefined && <EditorEmpty />}
        {activePath !== undefined && !isText && <DocumentNotice path={activePath} />}
      </div>
      {activePath !== undefined && isText && <DiskNotice path={activePath} />}
      <ReplayCover />
    </section>
  )
}

/** Drawn anew with each frame of a replay; the editor beneath is not. */
function ReplayCover() {
  const replay = useWorkbench((state) => state.replay)
  return replay ? <ReplayFiles replay={replay} /> : null
}
