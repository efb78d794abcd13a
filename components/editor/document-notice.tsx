import { FileQuestion, FileWarning } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useLanguage, useTranslate } from '../workbench/use-translate.ts'
import { formatBytes } from './format-bytes.ts'

/** Why a file is not shown, what became of it and what to do. */
export function DocumentNotice({ path }: { readonly path: string }) {
  const t = useTranslate()
  const language = useLanguage()
  const status = useWorkbench((state) => state.documents[path])
  const retry = useWorkbench((state) => state.retryDocument)
  const close = useWorkbench((state) => state.closeFile)
  const name = path.slice(path.lastIndexOf('/') + 1)
  const phase = status?.phase ?? 'opening'
  if (phase === 'text') return null
  if (phase === 'opening') {
    // Only for who waits: a file is there in milliseconds.
    return (
      <p role="status" className="tandem-late p-6 text-n10">
        {t('editor.opening', { name })}
      </p>
    )
  }
  const size = formatBytes(status?.size ?? 0, language)
  const limit = formatBytes(status?.limit ?? 0, language)
  const Icon = phase === 'missing' ? FileQuestion : FileWarning
  return (
    <div
      role="status"
      className="fade-in flex h-full flex-col items-center justify-center gap-3 p-6 text-center"
    >
      <Icon size={28} strokeWidth={1.25} aria-hidden className="text-n9" />
      <p className="max-w-md text-n11">{t(`editor.${phase}`, { size, limit })}</p>
      {phase === 'failed' ? (
        <Button onClick={() => retry(path)}>{t('editor.retry')}</Button>
      ) : (
        <Button onClick={() => close(path)}>{t('editor.closeTab')}</Button>
      )}
    </div>
  )
}
