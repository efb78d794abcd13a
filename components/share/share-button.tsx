import { UserPlus } from 'lucide-react'
import { Button, IconButton } from '../ui/button.tsx'
import { IfMay } from '../workbench/if-may.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** Opens the links to the thread in view; a thread that has not begun has none. */
export function ShareButton({ phone }: { readonly phone: boolean }) {
  const t = useTranslate()
  // A job is steered by nobody else.
  const hasThread = useWorkbench((state) => state.threadId !== undefined && state.thread?.job === undefined)
  const open = useWorkbench((state) => state.openSharing)
  if (!hasThread) return null
  return (
    <IfMay action="share/create">
      {phone ? (
        <IconButton label={t('share.share')} onClick={open}>
          <UserPlus size={16} aria-hidden />
        </IconButton>
      ) : (
        <Button look="quiet" onClick={open}>
          <UserPlus size={14} aria-hidden />
          {t('share.share')}
        </Button>
      )}
    </IfMay>
  )
}
