import { FilePlus2, FolderPlus } from 'lucide-react'
import { useEffect } from 'react'
import { Button, IconButton } from '../ui/button.tsx'
import { IfMay } from '../workbench/if-may.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { FileTree } from './file-tree.tsx'

/** The workspace's files. */
export function FilesPane() {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const workspaceId = useWorkbench((state) => state.workspaceId)
  const startNewEntry = useWorkbench((state) => state.startNewEntry)
  const empty = useWorkbench(
    ({ folders, naming }) => folders['']?.entries.length === 0 && naming === undefined,
  )

  useEffect(() => {
    if (workspaceId) store.getState().openTree(workspaceId)
  }, [store, workspaceId])

  return (
    <section aria-label={t('files.title')} className="flex min-h-0 flex-1 flex-col">
      <div className="toolbar-h flex shrink-0 items-center gap-1 pr-2 pl-4">
        <h2 className="flex-1 font-strong text-n12">{t('files.title')}</h2>
        <IfMay action="file/create">
          <IconButton label={t('files.newFile')} onClick={() => startNewEntry('file')}>
            <FilePlus2 size={15} strokeWidth={1.75} aria-hidden />
          </IconButton>
          <IconButton label={t('files.newFolder')} onClick={() => startNewEntry('folder')}>
            <FolderPlus size={15} strokeWidth={1.75} aria-hidden />
          </IconButton>
        </IfMay>
      </div>
      {empty ? (
        <div className="flex flex-col items-start gap-3 px-4 py-2">
          <IfMay action="file/create" otherwise={<p className="text-n10">{t('guest.noFiles')}</p>}>
            <p className="text-n10">{t('files.empty')}</p>
            <Button onClick={() => startNewEntry('file', '')}>{t('files.newFile')}</Button>
          </IfMay>
        </div>
      ) : (
        <FileTree />
      )}
    </section>
  )
}
