import { Command as Palette } from 'cmdk'
import { Dialog } from 'radix-ui'
import type { ReactNode } from 'react'
import { useWorkbench } from './store-provider.tsx'

export const paletteItemClass =
  'row-h flex select-none items-center gap-3 rounded-sm px-2 text-n11 data-[selected=true]:bg-n5 data-[selected=true]:text-n12'

/** A field with a list under it, over the workbench. */
export function PaletteFrame(props: {
  readonly title: string
  readonly placeholder: string
  readonly empty: string
  /** Given when the list is searched elsewhere. */
  readonly search?: {
    readonly text: string
    readonly onChange: (text: string) => void
    /** The entry Enter takes. */
    readonly chosen: string
    readonly onChoose: (value: string) => void
  }
  readonly children: ReactNode
}) {
  const showOverlay = useWorkbench((state) => state.showOverlay)
  const { search } = props
  return (
    <Dialog.Root open onOpenChange={(open) => !open && showOverlay(undefined)}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          className="pop fade-in fixed top-[12vh] left-1/2 z-50 w-140 max-w-[calc(100vw-24px)] -translate-x-1/2 overflow-hidden"
        >
          <Dialog.Title className="sr-only">{props.title}</Dialog.Title>
          <Palette
            label={props.title}
            shouldFilter={!search}
            loop
            {...(search && { value: search.chosen, onValueChange: search.onChoose })}
          >
            <Palette.Input
              placeholder={props.placeholder}
              {...(search && { value: search.text, onValueChange: search.onChange })}
              className="h-10 w-full border-n6 border-b bg-transparent px-3 text-n12 outline-none placeholder:text-n10"
            />
            <Palette.List className="max-h-[50vh] overflow-y-auto p-1">
              <Palette.Empty className="px-2 py-3 text-n10">{props.empty}</Palette.Empty>
              {props.children}
            </Palette.List>
          </Palette>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
