import { Check, CornerDownRight, FileMinus2, FilePen, FilePlus2, Undo2 } from 'lucide-react'
import { memo } from 'react'
import { may } from '../../client/store/selectors.ts'
import { placeOf } from '../../client/store/turn-slice.ts'
import { isReplaced } from '../../core/lib/moved-path.ts'
import type { FileEdit, Hunk, Item } from '../../core/protocol/item.ts'
import { currentPathOf } from '../../core/state/current-path.ts'
import { reviewStateOf } from '../../core/state/review.ts'
import { IconButton } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { LineCounts } from '../workbench/line-counts.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { FailedEdit } from './failed-edit.tsx'

type FileChange = Extract<Item, { type: 'fileChange' }>

const icons = { add: FilePlus2, update: FilePen, delete: FileMinus2 } as const
const statusTone = { writing: 'text-author-1', failed: 'text-danger', undone: 'text-n10' } as const

/** The files one edit touches, each a small card. */
export const FileCards = memo(function FileCards(props: {
  readonly item: FileChange
  /** One can go on from its edits. */
  readonly live: boolean
  /** Taken over from another thread, where it is judged. */
  readonly copied: boolean
}) {
  const t = useTranslate()
  const { item, live, copied } = props
  if (item.files.length === 0) {
    const under = item.status === 'streaming' || item.status === 'running'
    return <p className="text-n10">{t(under ? 'edit.preparing' : 'edit.none')}</p>
  }
  return (
    <ul className="overflow-hidden rounded-md border border-n6 bg-n3">
      {item.files.map((file) => (
        <FileRow key={file.path} file={file} live={live} copied={copied} />
      ))}
    </ul>
  )
})

const FileRow = memo(function FileRow(props: {
  readonly file: FileEdit
  readonly live: boolean
  readonly copied: boolean
}) {
  const { file, live, copied } = props
  const t = useTranslate()
  const store = useWorkbenchStore()
  const { path, kind, status } = file
  const { added, removed } = countLines(file)
  const replaced = isReplaced(currentPathOf(file))
  const slash = path.lastIndexOf('/')
  const Icon = icons[kind]
  const hunks = file.hunks.filter((hunk) => hunk.status !== 'dropped')
  const open = (hunk: Hunk | undefined) => {
    const { openFile, showPhonePane, replay, chooseReplayFile } = store.getState()
    const place = currentPathOf(file)
    if (replay) chooseReplayFile(place)
    else openFile(place, hunk ? { line: hunk.startLine, hunkId: hunk.id } : {})
    showPhonePane('editor')
  }
  return (
    <li className="border-n6 border-b last:border-0">
      <div className="flex items-center">
        <button
          type="button"
          aria-label={t('edit.open', { path })}
          disabled={replaced || (kind === 'delete' && status === 'written')}
          onClick={() => open(hunks[0])}
          className="row-h flex w-full min-w-0 items-center gap-2 px-2 text-left transition-colors enabled:hover:bg-n4"
        >
          <Icon size={14} aria-hidden className="shrink-0 text-n10" />
          <span className={cx('flex min-w-0 items-baseline gap-1.5', status === 'undone' && 'line-through')}>
            <span className="min-w-0 truncate text-n12">{path.slice(slash + 1)}</span>
            <span className="min-w-0 shrink-[99] truncate text-n10 text-small">
              {path.slice(0, Math.max(0, slash))}
            </span>
          </span>
          <span className="tabular ml-auto flex shrink-0 items-center gap-2 text-small">
            {status !== 'written' && <span className={statusTone[status]}>{t(`edit.${status}`)}</span>}
            {kind !== 'update' && <span className="text-n10">{t(`edit.${kind}`)}</span>}
            {!file.error && <LineCounts added={added} removed={removed} />}
          </span>
        </button>
        {live && (
          <IconButton label={t('from.edit')} onClick={() => store.getState().pointAt(placeOf(file))}>
            <CornerDownRight size={13} aria-hidden />
          </IconButton>
        )}
        {!copied && !replaced && <Judgement file={file} />}
      </div>
      {hunks.length > 1 && kind !== 'delete' && !replaced && (
        <Places path={path} hunks={hunks} onOpen={open} />
      )}
      {file.movedTo && (
        <p className="px-2 pb-1.5 text-n10 text-small">{t('edit.moved', { path: file.movedTo })}</p>
      )}
      {replaced && <p className="px-2 pb-1.5 text-n10 text-small">{t('edit.replaced')}</p>}
      {file.error && <FailedEdit error={file.error} />}
    </li>
  )
})

/** Each change by its line: a way straight to it, wherever it has moved since. */
function Places(props: {
  readonly path: string
  readonly hunks: readonly Hunk[]
  readonly onOpen: (hunk: Hunk) => void
}) {
  const { path, hunks, onOpen } = props
  const t = useTranslate()
  return (
    <ul
      aria-label={t('edit.places', { path })}
      className="tabular flex max-h-28 flex-wrap gap-1 overflow-y-auto px-2 pb-1.5 text-small"
    >
      {hunks.map((hunk) => (
        <li key={hunk.id}>
          <button
            type="button"
            onClick={() => onOpen(hunk)}
            className={cx(
              'hit flex h-6 items-center gap-1.5 rounded-sm px-1.5 text-n11 transition-colors hover:bg-n4 hover:text-n12',
              hunk.status === 'undone' && 'line-through',
            )}
          >
            {t('edit.line', { line: hunk.startLine })}
            <LineCounts added={hunk.addedLines} removed={hunk.removedLines} />
          </button>
        </li>
      ))}
    </ul>
  )
}

/** Keep and Undo for the file's changes as long as there are any to judge; then what became of them. */
function Judgement({ file }: { readonly file: FileEdit }) {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const judges = useWorkbench((state) => state.replay === undefined && may(state, 'review/keep'))
  if (!judges || file.status !== 'written' || file.hunks.length === 0) return null
  const open = file.hunks.filter((hunk) => reviewStateOf(hunk) === 'unreviewed').map(({ id }) => id)
  if (open.length === 0)
    return <span className="shrink-0 pr-2 text-n10 text-small">{t('review.state.kept')}</span>
  const { path } = file
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring its own look
    <span role="group" aria-label={t('review.inFile', { path })} className="flex shrink-0 items-center pr-1">
      <IconButton label={t('review.keepFile')} onClick={() => store.getState().keepHunks(open)}>
        <Check size={14} aria-hidden />
      </IconButton>
      <IconButton label={t('review.undoFile')} onClick={() => store.getState().undoHunks(open)}>
        <Undo2 size={13} aria-hidden />
      </IconButton>
    </span>
  )
}

function countLines(file: FileEdit): { readonly added: number; readonly removed: number } {
  let added = 0
  let removed = 0
  for (const hunk of file.hunks) {
    if (hunk.status === 'dropped') continue
    added += hunk.addedLines
    removed += hunk.removedLines
  }
  return { added, removed }
}
