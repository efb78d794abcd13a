import { CircleSlash, RotateCw, ScanSearch, X } from 'lucide-react'
import { may, modelName } from '../../client/store/selectors.ts'
import type { Check } from '../../core/protocol/check.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { formatCount } from '../workbench/format.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useLanguage, useTranslate } from '../workbench/use-translate.ts'

/** What another model made of the turn's changes: quiet, as nobody has to do anything about it. */
export function TurnCheck({ turn, check }: { readonly turn: Turn; readonly check: Check }) {
  const t = useTranslate()
  const model = useWorkbench((state) => modelName(state, check.modelId))
  const acts = useWorkbench((state) => state.replay === undefined && may(state, 'turn/check'))
  const stop = useWorkbench((state) => state.stopCheck)
  const again = useWorkbench((state) => state.checkTurn)
  const { status, failure, left = [] } = check
  const isLate = status === 'corrected' && !turn.items.some(isCorrection)
  const Icon = status === 'failed' ? CircleSlash : ScanSearch
  return (
    <div className="mt-1 text-n10 text-small">
      <div className="flex min-h-6 flex-wrap items-center gap-x-3 gap-y-1">
        <span className="flex items-center gap-1.5">
          <Icon size={13} aria-hidden className="shrink-0" />
          {t(`check.${isLate ? 'late' : status}`, { model })}
        </span>
        <Cost check={check} />
        {acts && status === 'running' && (
          <IconButton label={t('check.stop')} onClick={() => stop(turn.id)} side="top">
            <X size={13} aria-hidden />
          </IconButton>
        )}
        {acts && status === 'failed' && (
          <Button look="quiet" className="h-6" onClick={() => again(turn.id)}>
            <RotateCw size={12} aria-hidden />
            {t('check.again')}
          </Button>
        )}
      </div>
      {failure && (
        <p className="break-words">
          {t(`failure.${failure.code}`)} {t('turn.detail', { detail: failure.detail })}
        </p>
      )}
      {isLate && check.reason && <p className="break-words text-n11">{check.reason}</p>}
      {left.map(({ path, startLine }) => (
        <p key={`${path}:${startLine}`} className="break-words text-attention">
          {t('check.left', { place: `${path}:${startLine}` })}
        </p>
      ))}
    </div>
  )
}

function Cost({ check: { usage } }: { readonly check: Check }) {
  const t = useTranslate()
  const language = useLanguage()
  if (!usage) return null
  const count = usage.inputTokens + usage.outputTokens
  return <span className="tabular">{t('check.tokens', { count, shown: formatCount(count, language) })}</span>
}

function isCorrection(item: Turn['items'][number]): boolean {
  return item.type === 'fileChange' && item.checkedBy !== undefined
}
