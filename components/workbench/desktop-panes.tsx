import type { ReactNode } from 'react'
import { Group, Panel, Separator, useDefaultLayout } from 'react-resizable-panels'
import { isPreviewOpen } from '../../client/store/selectors.ts'
import { EditorPane } from '../editor/editor-pane.tsx'
import { PreviewPane } from '../preview/preview-pane.tsx'
import { ActivityRail } from './activity-rail.tsx'
import { SideBar } from './side-bar.tsx'
import { useWorkbench } from './store-provider.tsx'
import { useMediaQuery } from './use-media-query.ts'
import { useTranslate } from './use-translate.ts'

/** Side bar, editor, preview and chat beside each other; sizes are remembered for each set of panes shown. */
export function DesktopPanes({ chat }: { readonly chat: ReactNode }) {
  const t = useTranslate()
  const roomy = useMediaQuery('(min-width: 1200px)')
  const narrow = useMediaQuery('(max-width: 1023px)')
  const previewOpen = useWorkbench(isPreviewOpen)
  const chatOpen = useWorkbench((state) => state.chatOpen)
  // On a narrow window the preview takes the side bar's room, so that the editor keeps its width.
  const sidebarOpen = useWorkbench((state) => state.sidebarOpen && (roomy || !isPreviewOpen(state)))
  const setPreferences = useWorkbench((state) => state.setPreferences)
  const panelIds = [
    ...(sidebarOpen ? ['sidebar'] : []),
    'editor',
    ...(previewOpen ? ['preview'] : []),
    ...(chatOpen ? ['chat'] : []),
  ]
  const { defaultLayout, onLayoutChanged } = useDefaultLayout({
    id: 'tandem.panes',
    panelIds,
    storage: localStorage,
  })

  return (
    <div className="flex min-h-0 flex-1">
      <ActivityRail />
      <Group
        className="min-w-0 flex-1"
        {...(defaultLayout && { defaultLayout })}
        onLayoutChanged={onLayoutChanged}
      >
        {sidebarOpen && (
          <>
            <Panel
              id="sidebar"
              defaultSize={roomy ? '240px' : '184px'}
              minSize="160px"
              maxSize="480px"
              groupResizeBehavior="preserve-pixel-size"
              className="flex flex-col bg-n2"
            >
              <SideBar />
            </Panel>
            <PaneSeparator
              label={t('pane.resizeSidebar')}
              onCollapse={() => setPreferences({ sidebarOpen: false })}
            />
          </>
        )}
        <Panel id="editor" minSize={narrow ? '320px' : '480px'} className="flex flex-col bg-n3">
          <EditorPane />
        </Panel>
        {previewOpen && (
          <>
            <PaneSeparator
              label={t('pane.resizePreview')}
              onCollapse={() => setPreferences({ previewOpen: false })}
            />
            <Panel
              id="preview"
              defaultSize={roomy ? '32%' : '30%'}
              minSize="200px"
              className="flex flex-col bg-n3"
            >
              <PreviewPane />
            </Panel>
          </>
        )}
        {chatOpen && (
          <>
            <PaneSeparator
              label={t('pane.resizeChat')}
              onCollapse={() => setPreferences({ chatOpen: false })}
            />
            <Panel
              id="chat"
              defaultSize={roomy ? '384px' : '312px'}
              minSize="280px"
              maxSize="720px"
              groupResizeBehavior="preserve-pixel-size"
              className="flex flex-col bg-n2"
            >
              {chat}
            </Panel>
          </>
        )}
      </Group>
    </div>
  )
}

/** A hairline to drag; a double click puts the pane away. */
function PaneSeparator({ label, onCollapse }: { readonly label: string; readonly onCollapse: () => void }) {
  return (
    <Separator
      aria-label={label}
      onDoubleClick={onCollapse}
      className="relative w-px bg-n6 outline-none transition-colors after:absolute after:inset-y-0 after:-left-0.5 after:w-1 after:bg-transparent after:transition-colors hover:after:bg-accent focus-visible:after:bg-accent data-[separator=active]:after:bg-accent"
    />
  )
}
