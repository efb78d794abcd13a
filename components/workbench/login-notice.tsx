import { Fragment } from 'react'
import { useTranslate } from './use-translate.ts'

/** Shown when the page lost its right to talk to the server. */
export function LoginNotice() {
  const t = useTranslate()
  return (
    <main className="grid h-dvh place-items-center p-6">
      <div className="max-w-110">
        <h1 className="font-strong text-n12 text-title">{t('login.title')}</h1>
        <p className="mt-2">{t('login.what')}</p>
        <p>
          {t('login.how')
            .split('`')
            .map((part, index) =>
              index % 2 === 1 ? <code key={part}>{part}</code> : <Fragment key={part}>{part}</Fragment>,
            )}
        </p>
        <pre className="mt-3 overflow-x-auto rounded-md border border-n6 bg-n3 px-3 py-2 text-n12">
          Tandem ready: {window.location.origin}/?token=…
        </pre>
        <p className="mt-3 text-n10">{t('login.again')}</p>
      </div>
    </main>
  )
}
