import { useVirtualizer } from '@tanstack/react-virtual'
import { Check, Circle, GitMerge, Undo2 } from 'lucide-react'
import { memo, useCallback, useEffect, useMemo, useRef } from 'react'
import type { HunkId } from '../../core/protocol/ids.ts'
import type { ReviewHunk } from '../../core/state/review.ts'
import { type ReviewFile, riskOf } from '../../core/state/review-order.ts'
import { useRowHeight } from '../files/use-row-height.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { useTranslate } from '../workbench/use-translate.ts'
import type { ReviewConflict } from './use-conflicts.ts'
import type { Verdict } from './use-verdicts.ts'

const icons = { unreviewed: Circle, kept: Check, undone: Undo2 } as const

/** All changes by file, in the order of the deck; only rows in view are drawn. On a phone it lies over the card. */
export function ReviewList(props: {
  readonly files: readonly ReviewFile[]
  readonly conflicts: readonly ReviewConflict[]
  readonly current: string
  readonly shown: boolean
  readonly onChoose: (id: string) => void
  readonly onJudge: (verdict: Verdict, ids: readonly HunkId[]) => void
}) {
  const t = useTranslate()
  const { files, conflicts, current, shown, onChoose, onJudge } = props
  const scroller = useRef<HTMLDivElement>(null)
  const rowHeight = useRowHeight()
  const rows = useMemo(
    () => files.flatMap((file): (ReviewFile | ReviewHunk)[] => [file, ...file.entries]),
    [files],
  )
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  })
  const at = rows.findIndex((row) => 'hunk' in row && row.hunk.id === current)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a list that comes into view shows where one is
  useEffect(() => {
    const { scrollRect, scrollOffset } = list
    if (at < 0 || !scrollRect || scrollOffset === null) return
    const top = at * rowHeight
    // What is in view stays where it is; asking the page where that is would make it lay everything out.
    if (top >= scrollOffset && top + rowHeight <= scrollOffset + scrollRect.height) return
    list.scrollToIndex(at)
  }, [at, list, rowHeight, shown])
  // The same function for every row: moving on draws two rows again, not all of them.
  const latest = useRef(onChoose)
  latest.current = onChoose
  const chooseRow = useCallback((id: HunkId) => latest.current(id), [])
  const open = files.flatMap(unreviewed)
  return (
    <aside
      className={cx(
        'flex w-72 shrink-0 flex-col border-n6 border-r bg-n2',
        shown ? 'max-sm:absolute max-sm:inset-0 max-sm:z-10 max-sm:w-full' : 'max-sm:hidden',
      )}
    >
      <div className="flex shrink-0 flex-wrap items-center gap-1 border-n6 border-b px-2 py-1">
        <span className="min-w-0 flex-1 truncate px-1 text-n10 text-small">{t('review.order')}</span>
        <Button look="quiet" disabled={open.length === 0} onClick={() => onJudge('keep', open)}>
          {t('review.keepAll')}
        </Button>
        <Button look="quiet" disabled={open.length === 0} onClick={() => onJudge('undo', open)}>
          {t('review.undoAll')}
        </Button>
      </div>
      {conflicts.length > 0 && (
        <ul aria-label={t('jobs.conflicts')} className="max-h-40 shrink-0 overflow-y-auto border-n6 border-b">
          {conflicts.map(({ id, isKept, conflict: { path, startLine: line } }) => (
            <li key={id} className="row-h">
              <button
                type="button"
                aria-current={id === current}
                title={path}
                onClick={() => onChoose(id)}
                className={cx(
                  'flex h-full w-full items-center gap-2 px-3 text-left hover:bg-n4',
                  id === current && 'bg-n5',
                )}
              >
                {isKept ? (
                  <Check size={12} aria-hidden className="shrink-0 text-n10" />
                ) : (
                  <GitMerge size={12} aria-hidden className="shrink-0 text-attention" />
                )}
                <span className="min-w-0 truncate text-n12">{t('jobs.conflictPlace', { path, line })}</span>
                {isKept && <span className="sr-only">{t('review.conflictKept')}</span>}
              </button>
            </li>
          ))}
        </ul>
      )}
      <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto contain-strict">
        <ul aria-label={t('review.list')} className="relative" style={{ height: list.getTotalSize() }}>
          {list.getVirtualItems().map(({ index, start, key }) => {
            const row = rows[index]
            if (!row) return null
            return (
              <li
                key={key}
                className="absolute inset-x-0"
                style={{ top: start, height: rowHeight }}
                aria-setsize={rows.length}
                aria-posinset={index + 1}
              >
                {'hunk' in row ? (
                  <HunkRow entry={row} current={row.hunk.id === current} onChoose={chooseRow} />
                ) : (
                  <FileRow file={row} onJudge={onJudge} />
                )}
              </li>
            )
          })}
        </ul>
      </div>
    </aside>
  )
}

function unreviewed({ entries }: ReviewFile): readonly HunkId[] {
  return entries.flatMap(({ hunk, state }) => (state === 'unreviewed' ? [hunk.id] : []))
}

function FileRow(props: {
  readonly file: ReviewFile
  readonly onJudge: (verdict: Verdict, ids: readonly HunkId[]) => void
}) {
  const t = useTranslate()
  const { file, onJudge } = props
  const { path, entries } = file
  const slash = path.lastIndexOf('/') + 1
  const name = path.slice(slash)
  const open = unreviewed(file)
  return (
    <div title={path} className="flex h-full items-center gap-2 border-n5 border-t pr-2 pl-3">
      <span className="flex min-w-0 flex-1 items-baseline gap-1.5">
        <span className="min-w-0 truncate font-strong text-n12">{name}</span>
        <span className="min-w-0 shrink-[9] truncate text-n10 text-small">
          {path.slice(0, Math.max(0, slash - 1))}
        </span>
      </span>
      <span className="tabular shrink-0 text-n10 text-small">
        <span aria-hidden>
          {open.length === entries.length ? open.length : `${open.length}/${entries.length}`}
        </span>
        <span className="sr-only">{t('review.left', { count: open.length, all: entries.length })}</span>
      </span>
      <IconButton
        label={t('review.keepIn', { name })}
        disabled={open.length === 0}
        onClick={() => onJudge('keep', open)}
      >
        <Check size={14} aria-hidden />
      </IconButton>
      <IconButton
        label={t('review.undoIn', { name })}
        disabled={open.length === 0}
        onClick={() => onJudge('undo', open)}
      >
        <Undo2 size={13} aria-hidden />
      </IconButton>
    </div>
  )
}

const HunkRow = memo(function HunkRow(props: {
  readonly entry: ReviewHunk
  readonly current: boolean
  readonly onChoose: (id: HunkId) => void
}) {
  const t = useTranslate()
  const { entry, current, onChoose } = props
  const { hunk, state } = entry
  const Icon = icons[state]
  return (
    <button
      type="button"
      aria-current={current}
      onClick={() => onChoose(hunk.id)}
      className={cx(
        'flex h-full w-full items-center gap-2 pr-3 pl-5 text-left hover:bg-n4',
        current && 'bg-n5',
      )}
    >
      <Icon
        size={12}
        aria-hidden
        className={cx('shrink-0', state === 'unreviewed' ? 'text-attention' : 'text-n10')}
      />
      <span className={cx('tabular', state === 'undone' ? 'text-n10 line-through' : 'text-n12')}>
        {t('review.line', { line: hunk.startLine })}
      </span>
      <span className="min-w-0 truncate text-n10 text-small">{t(`review.risk.${riskOf(entry)}`)}</span>
      <span className="sr-only">{t(`review.state.${state}`)}</span>
      <span className="tabular ml-auto shrink-0 text-small">
        <span className="text-added">+{hunk.addedLines}</span>{' '}
        <span className="text-removed">−{hunk.removedLines}</span>
      </span>
    </button>
  )
})
