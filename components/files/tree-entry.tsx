import { ChevronRight } from 'lucide-react'
import type { ComponentPropsWithRef } from 'react'
import { writingNow } from '../../client/editor/model-writing.ts'
import type { TreeRow } from '../../client/store/tree-rows.ts'
import { cx } from '../ui/cx.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { FileIcon, FolderIcon } from './file-icon.tsx'

interface TreeEntryProps extends ComponentPropsWithRef<'div'> {
  readonly id: string
  readonly row: Extract<TreeRow, { type: 'entry' }>
  readonly focused: boolean
  readonly onChoose: () => void
}

export function TreeEntry({ id, row, focused, onChoose, ...rest }: TreeEntryProps) {
  const t = useTranslate()
  const { entry, depth, expanded } = row
  const folder = entry.kind === 'folder'
  const active = useWorkbench((state) => state.activePath === entry.path)
  const written = useWorkbench(
    (state) => !folder && writingNow(state.thread, state.openPaths)?.path === entry.path,
  )
  const errors = useWorkbench((state) => state.problems[entry.path]?.errors ?? 0)
  const toggleFolder = useWorkbench((state) => state.toggleFolder)
  const openFile = useWorkbench((state) => state.openFile)
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree hears the keys for its items
    <div
      {...rest}
      id={id}
      role="treeitem"
      aria-level={depth + 1}
      aria-selected={active}
      aria-expanded={folder ? expanded : undefined}
      tabIndex={-1}
      title={entry.ignored ? `${entry.path} (${t('files.ignored')})` : entry.path}
      onClick={() => {
        onChoose()
        if (folder) toggleFolder(entry.path, !expanded)
        else openFile(entry.path, { quietly: true })
      }}
      onDoubleClick={() => {
        if (!folder) openFile(entry.path)
      }}
      className={cx(
        'mx-1.5 flex h-full select-none items-center gap-1.5 rounded-sm pr-2 outline-none',
        active ? 'bg-n5 text-n12' : 'hover:bg-n4',
        !active && (entry.ignored ? 'text-n9' : 'text-n11'),
        focused && 'group-focus/tree:ring-1 group-focus/tree:ring-accent group-focus/tree:ring-inset',
      )}
      style={{ paddingLeft: 4 + depth * 12 }}
    >
      <ChevronRight
        size={13}
        aria-hidden
        className={cx('shrink-0 text-n9', expanded && 'rotate-90', !folder && 'invisible')}
      />
      {folder ? <FolderIcon open={expanded} /> : <FileIcon path={entry.path} />}
      <span className="min-w-0 flex-1 truncate">{entry.name}</span>
      {written && (
        <span className="size-1.5 shrink-0 rounded-full bg-author-1">
          <span className="sr-only">{t('files.changed')}</span>
        </span>
      )}
      {errors > 0 && (
        <span className="tabular shrink-0 text-danger text-small">
          {errors}
          <span className="sr-only"> {t('status.errors', { count: errors })}</span>
        </span>
      )}
    </div>
  )
}
