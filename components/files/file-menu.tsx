import { ContextMenu } from 'radix-ui'
import type { ReactNode } from 'react'
import { parentOf } from '../../client/store/files-slice.ts'
import { may } from '../../client/store/selectors.ts'
import type { FileEntry } from '../../core/protocol/workspace.ts'
import { KeyHint } from '../ui/key-hint.tsx'
import { useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** What can be done with one entry, on the right button. */
export function FileMenu({ entry, children }: { readonly entry: FileEntry; readonly children: ReactNode }) {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const folder = entry.kind === 'folder' ? entry.path : parentOf(entry.path)
  const items = [
    { label: t('files.newFile'), run: () => store.getState().startNewEntry('file', folder) },
    { label: t('files.newFolder'), run: () => store.getState().startNewEntry('folder', folder) },
    { label: t('files.rename'), keys: 'F2', run: () => store.getState().startRename(entry.path) },
    { label: t('files.delete'), keys: 'Del', run: () => void store.getState().deleteEntry(entry.path) },
  ]
  if (!may(store.getState(), 'file/create')) return children
  return (
    <ContextMenu.Root>
      <ContextMenu.Trigger asChild>{children}</ContextMenu.Trigger>
      <ContextMenu.Portal>
        {/* The field that appears takes the focus, not what had it before. */}
        <ContextMenu.Content
          className="pop fade-in z-50 min-w-44 p-1"
          onCloseAutoFocus={(event) => event.preventDefault()}
        >
          {items.map(({ label, keys, run }) => (
            <ContextMenu.Item
              key={label}
              onSelect={run}
              className="row-h flex select-none items-center gap-6 rounded-sm px-2 text-n11 outline-none data-highlighted:bg-n5 data-highlighted:text-n12"
            >
              <span className="flex-1">{label}</span>
              {keys && <KeyHint>{keys}</KeyHint>}
            </ContextMenu.Item>
          ))}
        </ContextMenu.Content>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  )
}
