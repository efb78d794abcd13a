import type { ReactNode } from 'react'
import { cx } from './cx.ts'

/** One of several, as a button that stays down. */
export function Choice(props: {
  /** Of the group: arrow keys go through those of one name. */
  readonly name: string
  readonly checked: boolean
  readonly disabled?: boolean
  readonly onChoose: () => void
  readonly children: ReactNode
}) {
  return (
    <label
      className={cx(
        'relative flex h-7 items-center rounded-md border px-2.5 transition-colors has-focus-visible:outline-2 has-focus-visible:outline-accent pointer-coarse:h-11',
        props.checked ? 'border-accent bg-n5 text-n12' : 'border-n7 text-n11 hover:bg-n4',
        props.disabled && 'text-n9',
      )}
    >
      <input
        type="radio"
        name={props.name}
        className="absolute inset-0 cursor-default opacity-0"
        checked={props.checked}
        disabled={props.disabled}
        onChange={props.onChoose}
      />
      {props.children}
    </label>
  )
}
