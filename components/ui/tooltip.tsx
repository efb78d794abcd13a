import { Tooltip as Radix } from 'radix-ui'
import type { ReactNode } from 'react'

/** What a control does and its key, on hover and focus. */
export function Tooltip(props: {
  readonly label: ReactNode
  readonly keys?: string | undefined
  readonly side?: 'top' | 'right' | 'bottom' | 'left'
  readonly children: ReactNode
}) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{props.children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={props.side ?? 'bottom'}
          sideOffset={6}
          collisionPadding={8}
          className="pop fade-in z-50 flex max-w-80 items-center gap-2 px-2 py-1 text-n11 text-small"
        >
          <span>{props.label}</span>
          {props.keys && <Kbd>{props.keys}</Kbd>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** A key as written on the keyboard. */
export function Kbd({ children }: { readonly children: ReactNode }) {
  return (
    <kbd className="whitespace-nowrap rounded-sm border border-n7 bg-n4 px-1 font-sans text-n10 text-small">
      {children}
    </kbd>
  )
}
