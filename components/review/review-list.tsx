import { useVirtualizer } from '@tanstack/react-virtual'
import { Check, Circle, Undo2 } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { HunkId } from '../../core/protocol/ids.ts'
import type { ReviewHunk } from '../../core/state/review.ts'
import { IconButton } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

const icons = { unreviewed: Circle, kept: Check, undone: Undo2 } as const
const rowHeight = 28

/** All changes in the order of the deck; only those in view are drawn. */
export function ReviewList(props: {
  readonly entries: readonly ReviewHunk[]
  readonly current: HunkId
  readonly onChoose: (id: HunkId) => void
}) {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const { entries, current, onChoose } = props
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  })
  const at = entries.findIndex(({ hunk }) => hunk.id === current)
  useEffect(() => {
    if (at >= 0) rows.scrollToIndex(at)
  }, [at, rows])
  const open = entries.flatMap(({ hunk, state }) => (state === 'unreviewed' ? [hunk.id] : []))
  return (
    <aside className="flex w-64 shrink-0 flex-col border-n6 border-r bg-n2 max-sm:hidden">
      <div className="flex shrink-0 items-center gap-1 border-n6 border-b px-3 py-1">
        <span className="flex-1 text-n10 text-small">{t('review.order')}</span>
        <IconButton label={t('review.keepAll')} onClick={() => store.getState().keepHunks(open)}>
          <Check size={14} aria-hidden />
        </IconButton>
        <IconButton label={t('review.undoAll')} onClick={() => store.getState().undoHunks(open)}>
          <Undo2 size={13} aria-hidden />
        </IconButton>
      </div>
      <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
        <ul aria-label={t('review.list')} className="relative" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const entry = entries[index]
            if (!entry) return null
            return (
              <li
                key={entry.hunk.id}
                className="absolute inset-x-0"
                style={{ top: start, height: rowHeight }}
                aria-setsize={entries.length}
                aria-posinset={index + 1}
              >
                <Row entry={entry} current={entry.hunk.id === current} onChoose={onChoose} />
              </li>
            )
          })}
        </ul>
      </div>
    </aside>
  )
}

function Row(props: {
  readonly entry: ReviewHunk
  readonly current: boolean
  readonly onChoose: (id: HunkId) => void
}) {
  const t = useTranslate()
  const { entry, current, onChoose } = props
  const { hunk, path, state } = entry
  const Icon = icons[state]
  return (
    <button
      type="button"
      aria-current={current}
      title={path}
      onClick={() => onChoose(hunk.id)}
      className={cx(
        'flex h-full w-full items-center gap-2 px-3 text-left transition-colors hover:bg-n4',
        current && 'bg-n5',
      )}
    >
      <Icon
        size={12}
        aria-hidden
        className={cx('shrink-0', state === 'unreviewed' ? 'text-attention' : 'text-n10')}
      />
      <span className={cx('min-w-0 truncate', state === 'undone' ? 'text-n10 line-through' : 'text-n12')}>
        {path.slice(path.lastIndexOf('/') + 1)}
      </span>
      <span className="tabular text-n10 text-small">{hunk.startLine}</span>
      <span className="sr-only">{t(`review.state.${state}`)}</span>
      <span className="tabular ml-auto shrink-0 text-small">
        <span className="text-added">+{hunk.addedLines}</span>{' '}
        <span className="text-removed">−{hunk.removedLines}</span>
      </span>
    </button>
  )
}
