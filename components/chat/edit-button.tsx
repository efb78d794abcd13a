import { Pencil } from 'lucide-react'
import { type RefObject, useCallback } from 'react'
import { canGoBack } from '../../client/store/history-slice.ts'
import { may } from '../../client/store/selectors.ts'
import type { TurnId } from '../../core/protocol/ids.ts'
import { IconButton } from '../ui/button.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** Over the message's corner, for whoever points at it or comes by keys. */
export function EditButton(props: {
  readonly turnId: TurnId
  readonly text: string
  /** After the words were left as they were. */
  readonly takesFocus: RefObject<boolean>
}) {
  const t = useTranslate()
  const { turnId, text, takesFocus } = props
  const idle = useWorkbench((state) => canGoBack(state) && may(state, 'turn/rerun'))
  const edit = useWorkbench((state) => state.editPrompt)
  const attach = useCallback(
    (button: HTMLButtonElement | null) => {
      if (button && takesFocus.current) button.focus()
      takesFocus.current = false
    },
    [takesFocus],
  )
  if (!idle) return null
  return (
    <IconButton
      ref={attach}
      label={t('history.edit')}
      className="absolute top-1 right-1 bg-n4 opacity-0 focus-visible:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100"
      onClick={() => edit({ turnId, text })}
    >
      <Pencil size={13} aria-hidden />
    </IconButton>
  )
}
