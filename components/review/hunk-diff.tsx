import { useVirtualizer } from '@tanstack/react-virtual'
import { type RefObject, useMemo } from 'react'
import { type DiffRow, diffRows, type Mark } from '../../core/document/diff-rows.ts'
import { cx } from '../ui/cx.ts'
import type { HunkText } from './use-hunk-text.ts'

const tones = { same: '', removed: 'bg-removed-soft', added: 'bg-added-soft' } as const
const markTones = { same: '', removed: 'bg-removed/25', added: 'bg-added/25' } as const
const signs = { same: ' ', removed: '−', added: '+' } as const

/** More rows than this are drawn only where they are looked at. */
const drawnAtMost = 400
const rowHeight = 20

/** With its place in the file as it is now, from 1. */
type NumberedRow = DiffRow & { readonly line: number | undefined }
type Side = readonly (NumberedRow | undefined)[]

/** What stood there against what stands there now. `scroller`: what it is scrolled in. */
export function HunkDiff(props: {
  readonly removed: string
  readonly now: HunkText
  readonly sideBySide: boolean
  readonly ignoreWhitespace: boolean
  readonly scroller: RefObject<HTMLElement | null>
}) {
  const { removed, now, sideBySide, ignoreWhitespace, scroller } = props
  const sides = useMemo((): readonly Side[] => {
    const context = (lines: readonly string[]): DiffRow[] =>
      lines.map((text) => ({ kind: 'same', text, marks: [] }))
    let line = now.line - now.above.length
    const rows = [
      ...context(now.above),
      ...diffRows(removed, now.text, { ignoreWhitespace }),
      ...context(now.below),
    ].map((row): NumberedRow => ({ ...row, line: row.kind === 'removed' ? undefined : line++ }))
    return sideBySide ? [balanced(rows, 'removed'), balanced(rows, 'added')] : [rows]
  }, [removed, now, sideBySide, ignoreWhitespace])
  const count = sides[0]?.length ?? 0
  if (count > drawnAtMost) return <LongDiff sides={sides} count={count} scroller={scroller} />
  return (
    <Sides sides={sides}>
      {(side) => (
        <pre className="min-w-0 overflow-x-auto py-1 font-mono">
          {side.map((row, index) => (
            <Row key={index} row={row} className="min-h-5" />
          ))}
        </pre>
      )}
    </Sides>
  )
}

function LongDiff(props: {
  readonly sides: readonly Side[]
  readonly count: number
  readonly scroller: RefObject<HTMLElement | null>
}) {
  const { sides, count, scroller } = props
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 40,
  })
  const drawn = rows.getVirtualItems()
  const from = drawn[0]?.index ?? 0
  const to = (drawn.at(-1)?.index ?? -1) + 1
  return (
    <Sides sides={sides}>
      {(side) => (
        <pre className="min-w-0 overflow-x-auto font-mono" style={{ height: count * rowHeight }}>
          {/* As wide as its longest line, so that it keeps its place when it is scrolled. */}
          <div style={{ paddingTop: from * rowHeight, minWidth: `${widest(side) + 12}ch` }}>
            {side.slice(from, to).map((row, index) => (
              <Row key={from + index} row={row} className="h-5" />
            ))}
          </div>
        </pre>
      )}
    </Sides>
  )
}

function widest(side: Side): number {
  return side.reduce((most, row) => Math.max(most, row?.text.length ?? 0), 0)
}

function Sides(props: {
  readonly sides: readonly Side[]
  readonly children: (side: Side) => React.ReactNode
}) {
  const { sides, children } = props
  if (sides.length === 1) return sides.map(children)
  return (
    <div className="grid grid-cols-2 divide-x divide-n6">
      {sides.map((side, index) => (
        <div key={index} className="min-w-0">
          {children(side)}
        </div>
      ))}
    </div>
  )
}

/** One side: its own lines, with empty ones where the other side has more. */
function balanced(rows: readonly NumberedRow[], side: 'removed' | 'added'): Side {
  const result: (NumberedRow | undefined)[] = []
  let own = 0
  let others = 0
  const even = () => {
    for (; own < others; own++) result.push(undefined)
    own = 0
    others = 0
  }
  for (const row of rows) {
    if (row.kind === 'same') {
      even()
      result.push(row)
    } else if (row.kind === side) {
      result.push(row)
      own++
    } else others++
  }
  even()
  return result
}

function Row({ row, className }: { readonly row: NumberedRow | undefined; readonly className: string }) {
  return (
    <div className={cx('flex pr-3', className, row ? tones[row.kind] : 'bg-n4')}>
      <span aria-hidden className="tabular w-11 shrink-0 select-none pr-1 text-right text-n10 max-sm:hidden">
        {row?.line}
      </span>
      <span aria-hidden className="w-6 shrink-0 select-none text-center text-n10">
        {row ? signs[row.kind] : ''}
      </span>
      {row && (
        <code className={cx('whitespace-pre', row.kind === 'same' && 'text-n10')}>
          <Marked text={row.text} marks={row.marks} tone={markTones[row.kind]} />
        </code>
      )}
    </div>
  )
}

function Marked(props: { readonly text: string; readonly marks: readonly Mark[]; readonly tone: string }) {
  const { text, marks, tone } = props
  let at = 0
  const pieces = marks.flatMap(({ from, to }) => {
    const plain = text.slice(at, from)
    at = to
    const changed = text.slice(from, to)
    return [
      plain,
      <mark key={from} className={cx('rounded-sm text-inherit', tone)}>
        {changed}
      </mark>,
    ]
  })
  return (
    <>
      {pieces}
      {text.slice(at)}
    </>
  )
}
