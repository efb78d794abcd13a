import { Check } from 'lucide-react'
import { DropdownMenu as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { cx } from './cx.ts'

/** A menu that opens from `trigger`; with `open` it is told from outside whether it is. */
export function Menu(props: {
  readonly trigger: ReactNode
  readonly align?: 'start' | 'end'
  readonly side?: 'top' | 'bottom'
  readonly width?: string
  readonly open?: boolean
  readonly onOpenChange?: (open: boolean) => void
  readonly children: ReactNode
}) {
  return (
    <Radix.Root
      {...(props.open !== undefined && { open: props.open })}
      {...(props.onOpenChange && { onOpenChange: props.onOpenChange })}
    >
      <Radix.Trigger asChild>{props.trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={props.align ?? 'start'}
          side={props.side ?? 'bottom'}
          sideOffset={4}
          collisionPadding={8}
          className={cx(
            'pop fade-in z-50 max-h-(--radix-dropdown-menu-content-available-height) max-w-[calc(100vw-16px)] overflow-y-auto p-1',
            props.width ?? 'min-w-48',
          )}
        >
          {props.children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

const itemClass =
  'row-h flex select-none items-center gap-2 rounded-sm px-2 text-n11 outline-none data-highlighted:bg-n5 data-highlighted:text-n12 data-disabled:text-n9'

export function MenuLabel({ children }: { readonly children: ReactNode }) {
  return <Radix.Label className="px-2 pt-1.5 pb-0.5 text-n10 text-small">{children}</Radix.Label>
}

export function MenuSeparator() {
  return <Radix.Separator className="-mx-1 my-1 h-px bg-n6" />
}

/** Turned on and off by itself; the menu stays open. */
export function MenuCheck(props: {
  readonly checked: boolean
  readonly disabled?: boolean
  readonly onChange: (checked: boolean) => void
  readonly children: ReactNode
}) {
  return (
    <Radix.CheckboxItem
      checked={props.checked}
      disabled={props.disabled === true}
      onCheckedChange={props.onChange}
      onSelect={(event) => event.preventDefault()}
      className={cx(itemClass, 'h-auto! items-start py-1.5')}
    >
      <span className="flex h-5 w-4 shrink-0 items-center">
        <Radix.ItemIndicator>
          <Check size={14} aria-hidden />
        </Radix.ItemIndicator>
      </span>
      <span className="min-w-0 flex-1">{props.children}</span>
    </Radix.CheckboxItem>
  )
}

/** One of several; a tick marks the one in force. */
export function MenuChoice<T extends string>(props: {
  readonly value: T
  readonly options: readonly { readonly value: T; readonly label: ReactNode; readonly disabled?: boolean }[]
  readonly onChoose: (value: T) => void
  readonly tall?: boolean
}) {
  return (
    <Radix.RadioGroup value={props.value}>
      {props.options.map(({ value, label, disabled }) => (
        <Radix.RadioItem
          key={value}
          value={value}
          disabled={disabled === true}
          onSelect={() => props.onChoose(value)}
          className={cx(itemClass, props.tall === true && 'h-auto! items-start py-1.5')}
        >
          <span className="flex h-5 w-4 shrink-0 items-center">
            <Radix.ItemIndicator>
              <Check size={14} aria-hidden />
            </Radix.ItemIndicator>
          </span>
          <span className="min-w-0 flex-1">{label}</span>
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  )
}
