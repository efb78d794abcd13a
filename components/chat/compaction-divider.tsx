import { ChevronRight, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { may, runningTurn } from '../../client/store/selectors.ts'
import type { Compaction } from '../../core/protocol/compaction.ts'
import { Button } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { formatCount } from '../workbench/format.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useLanguage, useTranslate } from '../workbench/use-translate.ts'
import { Answer } from './answer.tsx'

/** Between the turns a summary stands for and those after it. `latest`: it is in force and can be undone. */
export function CompactionDivider(props: {
  readonly compaction: Compaction
  readonly pinned: number
  readonly latest: boolean
}) {
  const { compaction, pinned, latest } = props
  const t = useTranslate()
  const language = useLanguage()
  const [open, setOpen] = useState(false)
  const undo = useWorkbench((state) => state.uncompact)
  const undoes = useWorkbench(
    (state) => latest && !state.replay && !runningTurn(state) && may(state, 'thread/uncompact'),
  )
  const { summary, turns, saved, modelId, sealed } = compaction
  return (
    <section aria-label={t('compact.divider')} className="my-2 border-n6 border-y text-small">
      <div className="flex min-h-8 flex-wrap items-center gap-x-3">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="hit flex h-6 items-center gap-1 rounded-sm pr-1 text-n11 hover:text-n12"
        >
          <ChevronRight size={13} aria-hidden className={cx('transition-transform', open && 'rotate-90')} />
          {t('compact.divider')}
        </button>
        <span className="tabular text-n10">
          {t('compact.saved', { turns, tokens: formatCount(saved, language) })}
        </span>
        {undoes && (
          <Button look="quiet" className="ml-auto h-6" onClick={() => undo(compaction.id)}>
            <Undo2 size={13} aria-hidden />
            {t('compact.undo')}
          </Button>
        )}
      </div>
      {open && (
        <div className="space-y-2 pb-3 text-n11">
          {summary === '' ? (
            <p>{t('compact.hidden')}</p>
          ) : (
            <>
              <p>
                {modelId
                  ? t(sealed ? 'compact.sealed' : 'compact.byModel', { turns, model: modelId })
                  : t('compact.plain', { turns })}
              </p>
              <div className="border-n7 border-l pl-3">
                <Answer text={summary} />
              </div>
            </>
          )}
          <p>{t('compact.kept', { count: pinned })}</p>
          <p>{t('compact.dropped')}</p>
        </div>
      )}
    </section>
  )
}
