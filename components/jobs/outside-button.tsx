import { Bell, BellRing } from 'lucide-react'
import { askToNotify } from '../../client/store/outside-notices.ts'
import { IconButton } from '../ui/button.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** Whether jobs are told of by the browser while the page is hidden. */
export function OutsideButton() {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const on = useWorkbench((state) => state.notifyOutside)
  const set = useWorkbench((state) => state.setPreferences)
  return (
    <IconButton
      label={t(on ? 'outside.off' : 'outside.on')}
      active={on}
      onClick={() => (on ? set({ notifyOutside: false }) : void askToNotify(store.getState()))}
    >
      {on ? <BellRing size={14} aria-hidden /> : <Bell size={14} aria-hidden />}
    </IconButton>
  )
}
