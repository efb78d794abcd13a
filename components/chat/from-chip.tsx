import { CornerDownRight, X } from 'lucide-react'
import { IconButton } from '../ui/button.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** The line the next message wants the model to go on from. */
export function FromChip() {
  const t = useTranslate()
  const line = useWorkbench((state) => state.goOnFrom?.line)
  const pointAt = useWorkbench((state) => state.pointAt)
  if (line === undefined) return null
  return (
    <div className="flex px-2 pt-2">
      <span
        title={line}
        className="flex h-6 min-w-0 items-center gap-1.5 rounded-sm border border-attention bg-attention-soft pl-1.5 text-n12 text-small"
      >
        <CornerDownRight size={12} aria-hidden className="shrink-0 text-attention" />
        <span className="truncate">{t('from.chip', { line })}</span>
        <IconButton label={t('from.remove')} onClick={() => pointAt(undefined)} className="size-5!">
          <X size={11} aria-hidden />
        </IconButton>
      </span>
    </div>
  )
}
