import { X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import type { ReactNode } from 'react'
import { IconButton } from './button.tsx'
import { cx } from './cx.ts'

/** A dialog with a title, further buttons beside it, and one to close it. */
export function DialogFrame(props: {
  readonly title: string
  readonly closeLabel: string
  readonly onClose: () => void
  readonly actions?: ReactNode
  /** Place and width. */
  readonly className: string
  readonly children: ReactNode
  /** What stays in view below while the rest scrolls: the buttons that end it. */
  readonly footer?: ReactNode
}) {
  return (
    <Dialog.Root open onOpenChange={(next) => !next && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          tabIndex={-1}
          // Focus on the close button would open its label, which would take the first Escape.
          onOpenAutoFocus={(event) => {
            event.preventDefault()
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus()
          }}
          className={cx(
            'pop fade-in fixed left-1/2 z-50 flex max-w-[calc(100vw-24px)] -translate-x-1/2 flex-col outline-none',
            props.className,
          )}
        >
          <div className="flex shrink-0 items-center gap-2 border-n6 border-b px-4 py-2">
            <Dialog.Title className="flex-1 font-strong text-n12">{props.title}</Dialog.Title>
            {props.actions}
            <Dialog.Close asChild>
              <IconButton label={props.closeLabel}>
                <X size={15} aria-hidden />
              </IconButton>
            </Dialog.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-4 pb-4">{props.children}</div>
          {props.footer && (
            <div className="flex shrink-0 items-center justify-end gap-2 border-n6 border-t px-4 py-2">
              {props.footer}
            </div>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
