import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { parentOf } from '../../client/store/files-slice.ts'
import { may } from '../../client/store/selectors.ts'
import { findByTyping, stepInTree, type TreeRow, treeRows } from '../../client/store/tree-rows.ts'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { FileMenu } from './file-menu.tsx'
import { NameField } from './name-field.tsx'
import { TreeEntry } from './tree-entry.tsx'
import { useRowHeight } from './use-row-height.ts'

/** How long typed letters belong to one name, in milliseconds. */
const typingMs = 700

/** The open part of the tree; only what is in view is drawn. */
export function FileTree() {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const folders = useWorkbench((state) => state.folders)
  const expanded = useWorkbench((state) => state.expandedFolders)
  const naming = useWorkbench((state) => state.naming)
  const activePath = useWorkbench((state) => state.activePath)
  const rows = useMemo(() => treeRows({ folders, expanded, naming }), [folders, expanded, naming])
  /** The entry last gone to; another file in the editor takes its place. */
  const [chosen, setChosen] = useState<{ readonly key: string; readonly beside: string | undefined }>()
  const focused =
    chosen && (chosen.beside === activePath || chosen.key === activePath)
      ? chosen.key
      : (activePath ?? rows.find((row) => row.type === 'entry')?.key)
  const choose = (key: string) => setChosen({ key, beside: activePath })
  const scroller = useRef<HTMLDivElement>(null)
  const typed = useRef({ text: '', at: 0 })
  const rowHeight = useRowHeight()
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 12,
  })

  function moveTo(key: string | undefined): void {
    const index = rows.findIndex((row) => row.key === key)
    if (key === undefined || index < 0) return
    choose(key)
    virtual.scrollToIndex(index)
  }

  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    if (event.target !== event.currentTarget || event.nativeEvent.isComposing) return
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const row = rows.find(({ key }) => key === focused)
    const pageRows = Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight)
    const step = stepInTree(rows, focused, event.key, pageRows)
    if (step !== undefined) moveTo(step)
    else if (row?.type !== 'entry' || !actOn(row, event.key)) return
    event.preventDefault()
  }

  function actOn(row: Extract<TreeRow, { type: 'entry' }>, key: string): boolean {
    const { toggleFolder, openFile, startRename, deleteEntry } = store.getState()
    const { path, kind } = row.entry
    const folder = kind === 'folder'
    if (key === 'Enter' || key === ' ') {
      if (folder) toggleFolder(path, !row.expanded)
      else openFile(path, { quietly: key === ' ' })
    } else if (key === 'ArrowRight') {
      if (folder && !row.expanded) toggleFolder(path, true)
      else if (folder) moveTo(stepInTree(rows, path, 'ArrowDown', 1))
    } else if (key === 'ArrowLeft') {
      if (row.expanded) toggleFolder(path, false)
      else moveTo(parentOf(path))
    } else if (!may(store.getState(), 'file/rename')) return false
    else if (key === 'F2') startRename(path)
    else if (key === 'Delete') {
      moveTo(stepInTree(rows, path, 'ArrowDown', 1))
      void deleteEntry(path)
    } else if (key.length === 1) typeAhead(key)
    else return false
    return true
  }

  function typeAhead(letter: string): void {
    const now = performance.now()
    const text = now - typed.current.at < typingMs ? typed.current.text + letter : letter
    typed.current = { text, at: now }
    moveTo(findByTyping(rows, focused, text))
  }

  const focusTree = () => scroller.current?.querySelector<HTMLElement>('[role=tree]')?.focus()
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto pb-4">
      <div
        role="tree"
        aria-label={t('files.title')}
        tabIndex={0}
        aria-activedescendant={focused === undefined ? undefined : rowId(focused)}
        onKeyDown={onKeyDown}
        className="group/tree relative outline-none"
        style={{ height: virtual.getTotalSize() }}
      >
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const row = rows[index]
          if (!row) return null
          return (
            <div
              key={key}
              className="absolute inset-x-0 top-0"
              style={{ height: rowHeight, transform: `translateY(${start}px)` }}
              role="none"
            >
              {row.type === 'note' && (
                <p
                  className="truncate text-n10 text-small leading-(--row)"
                  style={{ paddingLeft: 32 + row.depth * 12 }}
                >
                  {t(`files.${row.note}`)}
                </p>
              )}
              {row.type === 'new' && <NameField depth={row.depth} naming={row} onDone={focusTree} />}
              {row.type === 'entry' &&
                (naming?.type === 'rename' && naming.path === row.entry.path ? (
                  <NameField
                    depth={row.depth}
                    naming={{ type: 'rename', entry: row.entry }}
                    onDone={focusTree}
                  />
                ) : (
                  <FileMenu entry={row.entry}>
                    <TreeEntry
                      id={rowId(row.key)}
                      row={row}
                      focused={row.key === focused}
                      onChoose={() => {
                        choose(row.key)
                        focusTree()
                      }}
                    />
                  </FileMenu>
                ))}
            </div>
          )
        })}
      </div>
    </div>
  )
}

function rowId(key: string): string {
  return `file:${key}`
}
