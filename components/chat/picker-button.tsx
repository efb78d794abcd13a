import { ChevronDown } from 'lucide-react'
import type { ComponentPropsWithRef } from 'react'
import { cx } from '../ui/cx.ts'

/** Opens a menu; shows what is chosen. Radix hands it the rest of its attributes. */
export function PickerButton(
  props: ComponentPropsWithRef<'button'> & { readonly label: string; readonly keys?: string },
) {
  const { label, keys, className, children, ...rest } = props
  return (
    <button
      type="button"
      aria-label={label}
      title={keys ? `${label} (${keys})` : label}
      className={cx(
        'flex h-7 min-w-0 items-center gap-1 whitespace-nowrap rounded-md px-1.5 text-n10 transition-colors hover:bg-n4 hover:text-n12 pointer-coarse:h-11',
        className,
      )}
      {...rest}
    >
      {children}
      <ChevronDown size={12} aria-hidden className="shrink-0" />
    </button>
  )
}
