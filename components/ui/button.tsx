import type { ComponentPropsWithRef, ReactNode } from 'react'
import { cx } from './cx.ts'
import { Tooltip } from './tooltip.tsx'

type Look = 'primary' | 'plain' | 'quiet'

const looks: Record<Look, string> = {
  primary:
    'bg-accent-solid text-accent-ink font-strong hover:bg-accent-strong disabled:bg-n5 disabled:text-n10 disabled:font-normal',
  plain: 'bg-n4 text-n12 border border-n7 hover:bg-n5 disabled:text-n9',
  quiet: 'text-n10 hover:bg-n4 hover:text-n12 disabled:text-n9',
}

/** A button named by its outcome. */
export function Button({
  look = 'plain',
  className,
  ...rest
}: ComponentPropsWithRef<'button'> & { readonly look?: Look }) {
  return (
    <button
      type="button"
      className={cx(
        'inline-flex h-7 shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md px-2.5 transition-colors pointer-coarse:h-11',
        looks[look],
        className,
      )}
      {...rest}
    />
  )
}

/** An icon with a name for readers, a label on hover, and its key. */
export function IconButton(
  props: Omit<ComponentPropsWithRef<'button'>, 'aria-label'> & {
    readonly label: string
    readonly keys?: string | undefined
    readonly active?: boolean
    readonly side?: 'top' | 'right' | 'bottom' | 'left'
    readonly children: ReactNode
  },
) {
  const { label, keys, active, side, className, ...rest } = props
  return (
    <Tooltip label={label} keys={keys} {...(side && { side })}>
      <button
        type="button"
        aria-label={label}
        className={cx(
          'hit inline-flex size-6 shrink-0 items-center justify-center rounded-sm transition-colors hover:bg-n5 hover:text-n12 disabled:text-n8',
          active ? 'text-n12' : 'text-n10',
          className,
        )}
        {...rest}
      />
    </Tooltip>
  )
}
