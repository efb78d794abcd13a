import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** The person's own version of a text the server no longer knows. */
export function RecoveredNotice({ path }: { readonly path: string }) {
  const t = useTranslate()
  const text = useWorkbench((state) => state.recovered[path])
  const dismiss = useWorkbench((state) => state.dismissRecovered)
  const [copied, setCopied] = useState(false)
  if (text === undefined) return null
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-2 border-n6 border-b bg-attention-soft px-4 py-2"
    >
      <p className="min-w-48 flex-1 text-n12">{t('editor.recovered')}</p>
      <Button onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}>
        {t(copied ? 'editor.copied' : 'editor.copyRecovered')}
      </Button>
      <Button look="quiet" onClick={() => dismiss(path)}>
        {t('editor.dismiss')}
      </Button>
    </div>
  )
}
