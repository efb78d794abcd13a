import { useTranslate } from './use-translate.ts'

/** How many lines were added and taken out, each with its sign; read out in words. */
export function LineCounts({ added, removed }: { readonly added: number; readonly removed: number }) {
  const t = useTranslate()
  return (
    <>
      <span className="text-added">
        <span aria-hidden>+{added}</span>
        <span className="sr-only">{t('edit.added', { count: added })}</span>
      </span>
      <span className="text-removed">
        <span aria-hidden>−{removed}</span>
        <span className="sr-only">{t('edit.removed', { count: removed })}</span>
      </span>
    </>
  )
}
