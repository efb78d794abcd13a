import { useWorkbench } from './store-provider.tsx'
import { useTranslate } from './use-translate.ts'

/** Stays for as long as commands run without a sandbox: nobody shall forget it. */
export function UnsafeBar() {
  const t = useTranslate()
  const unsafe = useWorkbench((state) => state.unsafeCommands)
  if (!unsafe) return null
  return (
    <p role="alert" className="shrink-0 bg-danger-soft px-3 py-1.5 text-danger">
      {t('command.unsafe')}
    </p>
  )
}
