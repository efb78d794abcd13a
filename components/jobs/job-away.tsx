import { useLanguage, useTranslate } from '../workbench/use-translate.ts'

/** The model of a job cannot be had: when it is asked again, and what it said. */
export function JobAway({ until, detail }: { readonly until: number; readonly detail: string }) {
  const t = useTranslate()
  const language = useLanguage()
  const time = new Intl.DateTimeFormat(language, { timeStyle: 'medium' }).format(until)
  return (
    <div className="mt-2 rounded-sm border-attention border-l-2 bg-attention-soft px-3 py-2 text-n12">
      <p>{t('jobs.waits', { time })}</p>
      {detail !== '' && <p className="break-words text-n11 text-small">{detail}</p>}
    </div>
  )
}
