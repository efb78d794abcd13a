import { useTranslate } from '../workbench/use-translate.ts'

/** Shown when the link a guest came by has ended. */
export function LinkEnded() {
  const t = useTranslate()
  return (
    <main className="grid h-dvh place-items-center p-6">
      <div role="alert" className="max-w-110">
        <h1 className="font-strong text-n12 text-title">{t('guest.ended')}</h1>
        <p className="mt-2">{t('guest.endedWhat')}</p>
        <p className="text-n10">{t('guest.endedHow')}</p>
      </div>
    </main>
  )
}
