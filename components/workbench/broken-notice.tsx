import { createTranslate, resolveLanguage } from '../../client/i18n/messages.ts'
import { Button } from '../ui/button.tsx'

/** The last resort: the page itself failed, so nothing of its state is trusted. */
export function BrokenNotice({ onReload }: { readonly onReload: () => void }) {
  const t = createTranslate(resolveLanguage('auto', navigator.languages))
  return (
    <main className="grid h-dvh place-items-center p-6">
      <div className="max-w-110">
        <p role="alert" className="text-n12">
          {t('app.broken')}
        </p>
        <Button look="primary" className="mt-4" onClick={onReload}>
          {t('app.reload')}
        </Button>
      </div>
    </main>
  )
}
