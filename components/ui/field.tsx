import type { ReactNode } from 'react'

/** Whatever is written or chosen in a form looks like this. */
export const fieldClass =
  'w-full min-w-0 rounded-md border border-n7 bg-n3 px-2 py-1 text-n12 outline-none placeholder:text-n10 focus:border-accent max-sm:text-[16px] pointer-coarse:min-h-11'

/** A control with its name above it and, if need be, what it is for below. */
export function Field(props: {
  readonly label: string
  readonly help?: string
  readonly children: ReactNode
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is given
    <label className="block min-w-0">
      <span className="mb-1 block text-n11">{props.label}</span>
      {props.children}
      {props.help && <span className="mt-1 block text-n10 text-small">{props.help}</span>}
    </label>
  )
}

/** On or off, with what it means. */
export function CheckField(props: {
  readonly label: string
  readonly help: string
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
}) {
  return (
    <label className="flex items-start gap-2 text-n12 pointer-coarse:min-h-11">
      <input
        type="checkbox"
        checked={props.checked}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
        className="mt-0.75 size-3.5 shrink-0 accent-(--accent-solid)"
      />
      <span>
        {props.label}
        <span className="block text-n10 text-small">{props.help}</span>
      </span>
    </label>
  )
}
