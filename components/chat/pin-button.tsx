import { Pin } from 'lucide-react'
import { may } from '../../client/store/selectors.ts'
import type { ItemId } from '../../core/protocol/ids.ts'
import { IconButton } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** Keeps a message among what the model is sent. It shows when one is at the message, and while that is pinned. `beside`: another button stands in the corner. */
export function PinButton({
  itemId,
  beside = false,
}: {
  readonly itemId: ItemId
  readonly beside?: boolean
}) {
  const t = useTranslate()
  const pinned = useWorkbench((state) => state.thread?.pins?.includes(itemId) === true)
  const offered = useWorkbench((state) => !state.replay && may(state, 'message/pin'))
  const pin = useWorkbench((state) => state.pinMessage)
  if (!offered) return null
  return (
    <IconButton
      label={t(pinned ? 'pin.unpin' : 'pin.pin')}
      aria-pressed={pinned}
      active={pinned}
      side="top"
      onClick={() => pin(itemId, !pinned)}
      className={cx(
        'absolute top-1 bg-n4',
        beside ? 'right-8' : 'right-1',
        !pinned &&
          'opacity-0 focus-visible:opacity-100 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100',
      )}
    >
      <Pin size={13} aria-hidden className={cx(pinned && 'fill-current text-accent')} />
    </IconButton>
  )
}
