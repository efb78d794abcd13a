import { Tooltip as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { KeyHint } from './key-hint.tsx'

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
          {props.keys && <KeyHint>{props.keys}</KeyHint>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
