import { EditorPane } from '../editor/editor-pane.tsx'
import { FilesPane } from '../files/files-pane.tsx'
import { PreviewPane } from '../preview/preview-pane.tsx'

/** Places the panes; nothing else. */
export function Workbench() {
  return (
    <main>
      <FilesPane />
      <EditorPane />
      <PreviewPane />
    </main>
  )
}
