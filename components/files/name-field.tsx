import { type KeyboardEvent, useRef, useState } from 'react'
import { nameOf, parentOf } from '../../client/store/files-slice.ts'
import type { FileEntry } from '../../core/protocol/workspace.ts'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { FileIcon, FolderIcon } from './file-icon.tsx'

interface NameFieldProps {
  readonly depth: number
  readonly naming:
    | { readonly type: 'new'; readonly kind: FileEntry['kind']; readonly folder: string }
    | { readonly type: 'rename'; readonly entry: FileEntry }
  /** The tree takes the focus back. */
  readonly onDone: () => void
}

/** The name of a new entry, or a new name, typed where it will stand. Enter takes it, Escape leaves all as it was. */
export function NameField({ depth, naming, onDone }: NameFieldProps) {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const folder = naming.type === 'new' ? naming.folder : parentOf(naming.entry.path)
  const kind = naming.type === 'new' ? naming.kind : naming.entry.kind
  const before = naming.type === 'new' ? '' : nameOf(naming.entry.path)
  const [name, setName] = useState(before)
  const settled = useRef(false)
  const siblings = useWorkbench((state) => state.folders[folder]?.entries)
  const problem =
    name === before || name.trim() === ''
      ? undefined
      : siblings?.some((entry) => entry.name === name.trim())
        ? t('files.exists')
        : name
              .trim()
              .split('/')
              .some((part) => part === '' || part === '.' || part === '..')
          ? t('files.badName')
          : undefined

  function finish(take: boolean): void {
    if (settled.current) return
    settled.current = true
    const { stopNaming, createEntry, renameEntry } = store.getState()
    stopNaming()
    const given = name.trim()
    if (!take || given === '' || given === before || problem) return
    const path = folder === '' ? given : `${folder}/${given}`
    void (naming.type === 'new' ? createEntry(path, kind) : renameEntry(naming.entry.path, path))
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    event.stopPropagation()
    if (event.nativeEvent.isComposing || (event.key !== 'Enter' && event.key !== 'Escape')) return
    event.preventDefault()
    if (event.key === 'Enter' && problem) return
    finish(event.key === 'Enter')
    onDone()
  }

  return (
    <div
      role="treeitem"
      aria-level={depth + 1}
      tabIndex={-1}
      className="relative mx-1.5 flex h-full items-center gap-1.5 pr-1"
      style={{ paddingLeft: 23 + depth * 12 }}
    >
      {kind === 'folder' ? <FolderIcon open={false} /> : <FileIcon path={name} />}
      <input
        value={name}
        aria-label={t(
          naming.type === 'rename' ? 'files.rename' : kind === 'file' ? 'files.newFile' : 'files.newFolder',
        )}
        placeholder={t('files.newName')}
        aria-invalid={problem !== undefined}
        spellCheck={false}
        autoComplete="off"
        ref={(element) => {
          if (!element || element === document.activeElement) return
          element.focus()
          // The part before the extension is what people change.
          const dot = before.lastIndexOf('.')
          element.setSelectionRange(0, dot > 0 ? dot : before.length)
        }}
        onChange={(event) => setName(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => finish(true)}
        className="h-6 min-w-0 flex-1 rounded-sm border border-accent bg-n3 px-1 text-n12 outline-none placeholder:text-n9"
      />
      {problem && (
        <p
          role="alert"
          className="pop absolute top-full right-1 left-6 z-10 px-2 py-1 text-danger text-small"
        >
          {problem}
        </p>
      )}
    </div>
  )
}
