import { CornerDownRight } from 'lucide-react'
import type { MessageKey } from '../../client/i18n/messages.ts'
import { modelName } from '../../client/store/selectors.ts'
import type { ModelFailureCode, MovedOn } from '../../core/protocol/model.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

const reasons: Partial<Record<ModelFailureCode, MessageKey>> = {
  noBackend: 'moved.unreachable',
  cut: 'moved.unreachable',
  overloaded: 'moved.overloaded',
  rateLimited: 'moved.limited',
  quotaExceeded: 'moved.limited',
  timedOut: 'moved.silent',
  notWaitedFor: 'moved.chosen',
  wrongKey: 'moved.refused',
  modelNotFound: 'moved.refused',
}

/** Another model answers than the one that was to. */
export function MovedOnNote({ moved: { from, to, failure } }: { readonly moved: MovedOn }) {
  const t = useTranslate()
  const first = useWorkbench((state) => modelName(state, from))
  const next = useWorkbench((state) => modelName(state, to))
  const why = t(reasons[failure.code] ?? 'moved.broken', { from: first })
  return (
    <p className="mb-1 flex gap-1.5 text-n10 text-small" title={failure.detail}>
      <CornerDownRight size={13} aria-hidden className="mt-0.5 shrink-0" />
      {t('moved.note', { to: next, why })}
    </p>
  )
}
