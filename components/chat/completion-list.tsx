import { type ReactNode, useEffect, useRef } from 'react'
import { cx } from '../ui/cx.ts'

export interface CompletionRow {
  readonly key: string
  readonly label: ReactNode
  readonly detail: string
}

/** What can be written at the caret, over the message field; the field keeps the focus. */
export function CompletionList(props: {
  readonly id: string
  readonly label: string
  readonly rows: readonly CompletionRow[]
  readonly active: number
  readonly onChoose: (index: number) => void
}) {
  const { id, rows, active } = props
  const shown = useRef<HTMLDivElement>(null)
  useEffect(() => {
    shown.current?.querySelectorAll('[role=option]')[active]?.scrollIntoView({ block: 'nearest' })
  }, [active])
  return (
    <div
      ref={shown}
      id={id}
      role="listbox"
      aria-label={props.label}
      className="pop fade-in absolute right-0 bottom-full left-0 z-30 mb-1 max-h-60 overflow-y-auto p-1"
    >
      {rows.map((row, index) => (
        <div
          key={row.key}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          // Before the field would lose the focus.
          onPointerDown={(event) => {
            event.preventDefault()
            props.onChoose(index)
          }}
          className={cx(
            'row-h flex select-none items-center gap-3 rounded-sm px-2 text-n11',
            index === active && 'bg-n5 text-n12',
          )}
        >
          <span className="flex shrink-0 items-center gap-2">{row.label}</span>
          <span className="min-w-0 flex-1 truncate text-n10 text-small">{row.detail}</span>
        </div>
      ))}
    </div>
  )
}
