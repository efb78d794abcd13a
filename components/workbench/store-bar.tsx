import { useWorkbench } from './store-provider.tsx'
import { useTranslate } from './use-translate.ts'

/** Stays for as long as the server's disk takes nothing. */
export function StoreBar() {
  const t = useTranslate()
  const refuses = useWorkbench((state) => state.storeRefuses)
  if (!refuses) return null
  return (
    <p role="alert" className="shrink-0 bg-danger-soft px-3 py-1.5 text-danger">
      {t('store.refuses')}
    </p>
  )
}
