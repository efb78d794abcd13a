import { Button } from '../ui/button.tsx'
import { useWorkbench } from './store-provider.tsx'
import { useTranslate } from './use-translate.ts'

/** The server speaks a newer protocol than this page. */
export function OutdatedBar() {
  const t = useTranslate()
  const outdated = useWorkbench((state) => state.status === 'outdated')
  if (!outdated) return null
  return (
    <div
      role="alert"
      className="flex shrink-0 items-center gap-3 bg-attention-soft px-3 py-1.5 text-attention"
    >
      {t('app.outdated')}
      <Button onClick={() => window.location.reload()}>{t('app.reload')}</Button>
    </div>
  )
}
