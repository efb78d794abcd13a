import { type DiffRow, diffRows, type Mark } from '../../core/document/diff-rows.ts'
import { cx } from '../ui/cx.ts'
import type { HunkText } from './use-hunk-text.ts'

const tones = { same: '', removed: 'bg-removed-soft', added: 'bg-added-soft' } as const
const markTones = { same: '', removed: 'bg-removed/25', added: 'bg-added/25' } as const
const signs = { same: ' ', removed: '−', added: '+' } as const

/** What stood there against what stands there now. */
export function HunkDiff(props: {
  readonly removed: string
  readonly now: HunkText
  readonly sideBySide: boolean
  readonly ignoreWhitespace: boolean
}) {
  const { removed, now, sideBySide, ignoreWhitespace } = props
  const context = (lines: readonly string[]): DiffRow[] =>
    lines.map((text) => ({ kind: 'same', text, marks: [] }))
  const rows = [
    ...context(now.above),
    ...diffRows(removed, now.text, { ignoreWhitespace }),
    ...context(now.below),
  ]
  if (!sideBySide) return <Lines rows={rows} />
  return (
    <div className="grid grid-cols-2 divide-x divide-n6">
      <Lines rows={balanced(rows, 'removed')} />
      <Lines rows={balanced(rows, 'added')} />
    </div>
  )
}

/** One side: its own lines, with empty ones where the other side has more. */
function balanced(rows: readonly DiffRow[], side: 'removed' | 'added'): (DiffRow | undefined)[] {
  const result: (DiffRow | undefined)[] = []
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

function Lines({ rows }: { readonly rows: readonly (DiffRow | undefined)[] }) {
  return (
    <pre className="min-w-0 overflow-x-auto py-1 font-mono">
      {rows.map((row, index) => (
        <div key={index} className={cx('flex min-h-5 pr-3', row ? tones[row.kind] : 'bg-n4')}>
          <span aria-hidden className="w-6 shrink-0 select-none text-center text-n10">
            {row ? signs[row.kind] : ''}
          </span>
          {row && (
            <code className={cx('whitespace-pre', row.kind === 'same' && 'text-n10')}>
              <Marked text={row.text} marks={row.marks} tone={markTones[row.kind]} />
            </code>
          )}
        </div>
      ))}
    </pre>
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
