import { formatMoment } from '../workbench/format.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useLanguage, useTranslate } from '../workbench/use-translate.ts'

/** Tells a guest who shared this with them, and what they may do. */
export function GuestBar() {
  const t = useTranslate()
  const language = useLanguage()
  const guest = useWorkbench((state) => state.guest)
  if (!guest) return null
  const { sharedBy: name, role, expiresAt } = guest
  const at = expiresAt !== undefined && formatMoment(expiresAt, language)
  return (
    <p
      role="note"
      className="flex shrink-0 flex-wrap gap-x-1.5 border-n6 border-b bg-accent-soft px-3 py-1 text-n11 text-small"
    >
      <span className="text-n12">{t('guest.who', { name })}</span> <span>{t(`guest.${role}`)}</span>{' '}
      {at && <span className="text-n10">{t('guest.until', { at })}</span>}
    </p>
  )
}
