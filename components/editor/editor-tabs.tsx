import { X } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import { FileIcon } from '../files/file-icon.tsx'
import { cx } from '../ui/cx.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** One tab per open file; the middle button closes. */
export function EditorTabs() {
  const t = useTranslate()
  const paths = useWorkbench((state) => state.openPaths)
  const active = useWorkbench((state) => state.activePath)
  const openFile = useWorkbench((state) => state.openFile)
  if (paths.length === 0) return null

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (step === undefined || active === undefined) return
    event.preventDefault()
    const next = paths[(paths.indexOf(active) + step + paths.length) % paths.length]
    if (next === undefined) return
    openFile(next, { quietly: true })
    const tabs = event.currentTarget.querySelectorAll<HTMLElement>('[role=tab]')
    tabs[paths.indexOf(next)]?.focus()
  }
  return (
    <div
      role="tablist"
      aria-label={t('editor.tabs')}
      onKeyDown={onKeyDown}
      className="flex h-(--toolbar) shrink-0 overflow-x-auto bg-n1 [scrollbar-width:none]"
    >
      {paths.map((path) => (
        <Tab key={path} path={path} active={path === active} among={paths} />
      ))}
      <span className="min-w-0 flex-1 border-n6 border-b" />
    </div>
  )
}

function Tab(props: { readonly path: string; readonly active: boolean; readonly among: readonly string[] }) {
  const { path, active, among } = props
  const t = useTranslate()
  const openFile = useWorkbench((state) => state.openFile)
  const closeFile = useWorkbench((state) => state.closeFile)
  const state = useWorkbench(({ documents, diskProblems }) =>
    diskProblems[path] === undefined ? documents[path]?.sync : 'offline',
  )
  const unsaved = useWorkbench(({ documents }) => (documents[path]?.kept ?? 0) > 0)
  const name = path.slice(path.lastIndexOf('/') + 1)
  const twin = among.some((other) => other !== path && other.endsWith(`/${name}`)) || among.includes(name)
  const folder = twin
    ? path
        .slice(0, Math.max(0, path.lastIndexOf('/')))
        .split('/')
        .at(-1)
    : undefined
  const word = unsaved && state !== 'saved' ? t(state === 'offline' ? 'editor.offline' : 'editor.saving') : ''
  return (
    <div
      role="presentation"
      className={cx(
        'group relative flex max-w-56 shrink-0 items-center border-n6 border-r',
        active ? 'bg-n3 text-n12' : 'border-b text-n10 hover:bg-n2 hover:text-n11',
      )}
    >
      {active && <span aria-hidden className="absolute inset-x-0 top-0 h-0.5 bg-accent-solid" />}
      <button
        type="button"
        role="tab"
        aria-selected={active}
        tabIndex={active ? 0 : -1}
        title={path}
        ref={(element) => {
          if (active) element?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
        }}
        onClick={() => openFile(path)}
        onAuxClick={(event) => {
          if (event.button === 1) closeFile(path)
        }}
        onMouseDown={(event) => {
          // The middle button would start the browser's scrolling.
          if (event.button === 1) event.preventDefault()
        }}
        className="flex h-full min-w-0 items-center gap-1.5 pr-1 pl-3"
      >
        <FileIcon path={path} />
        <span className="truncate">{name}</span>
        {folder && <span className="truncate text-n10 text-small">{folder}</span>}
        {word && <span className="sr-only">, {word}</span>}
      </button>
      <span className="relative mr-1.5 grid size-5 place-items-center">
        {word && (
          <span
            aria-hidden
            className={cx(
              'tandem-late absolute size-2 rounded-full group-hover:hidden',
              state === 'offline' ? 'bg-attention' : 'bg-n9',
            )}
          />
        )}
        <button
          type="button"
          tabIndex={-1}
          aria-label={t('editor.close', { name })}
          title={`${t('editor.close', { name })} (Alt+W)`}
          onClick={() => closeFile(path)}
          className={cx(
            'hit grid size-5 place-items-center rounded-sm transition-colors hover:bg-n5 hover:text-n12 group-hover:opacity-100 focus-visible:opacity-100 pointer-coarse:opacity-100',
            active && !word ? 'opacity-100' : 'opacity-0',
          )}
        >
          <X size={13} aria-hidden />
        </button>
      </span>
    </div>
  )
}
