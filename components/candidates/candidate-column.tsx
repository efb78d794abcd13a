import { Check, ExternalLink, Sparkles } from 'lucide-react'
import { useState } from 'react'
import { modelName } from '../../client/store/selectors.ts'
import { isSettled } from '../../core/job/ledger.ts'
import type { Job } from '../../core/protocol/job.ts'
import { tierNameOf } from '../../core/protocol/model.ts'
import { JobStateMark } from '../jobs/job-state.tsx'
import { Button, IconButton } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { Tooltip } from '../ui/tooltip.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { CandidateActivity } from './candidate-activity.tsx'
import { CandidateBadges } from './candidate-badges.tsx'
import { CandidateChanges } from './candidate-changes.tsx'
import type { Chosen } from './use-chosen.ts'

/** One candidate among the others: how it stands, what it does, what it changed. */
export function CandidateColumn(props: {
  readonly job: Job
  readonly recommended: boolean
  readonly chosen: Chosen
}) {
  const { job, recommended, chosen } = props
  const t = useTranslate()
  const store = useWorkbenchStore()
  const { n = 0, strategy = 'plain' } = job.candidate ?? {}
  const modelId = job.modelId ?? ''
  const tier = tierNameOf(modelId)
  const model = useWorkbench((state) => (tier ? t(`tier.${tier}`) : modelName(state, modelId)))
  const settled = isSettled(job)
  // What it does is worth watching, what it did is worth reading.
  const [view, setView] = useState<'activity' | 'changes'>()
  const shown = view ?? (settled && job.files.length > 0 ? 'changes' : 'activity')
  const open = () => {
    store.getState().closeCandidates()
    store.getState().openJob(job.id)
  }
  const canTake = job.state === 'done' && job.files.length > 0 && job.outcome !== 'applied'
  return (
    <section
      aria-label={t('candidates.nth', { n })}
      className={cx(
        'flex min-h-0 min-w-0 flex-col bg-n2',
        recommended && 'shadow-[inset_0_2px_0_var(--accent)]',
      )}
    >
      <header className="shrink-0 border-n6 border-b px-3 py-2">
        <div className="flex items-center gap-2">
          <kbd className="tabular rounded-sm border border-n7 bg-n4 px-1 text-n11 text-small">{n}</kbd>
          <h3 className="min-w-0 flex-1 truncate font-strong text-n12">
            {t(`candidates.strategy.${strategy}`)}
            <span className="font-normal text-n10"> · {model}</span>
          </h3>
          {recommended && <Sparkles size={13} aria-hidden className="shrink-0 text-accent" />}
          <JobStateMark job={job} className="text-small" />
        </div>
        <div className="mt-1">
          <CandidateBadges job={job} />
        </div>
        <div className="mt-1.5 flex items-center gap-1.5">
          <fieldset aria-label={t('candidates.show')} className="flex gap-1">
            {(['activity', 'changes'] as const).map((name) => (
              <Button
                key={name}
                look={shown === name ? 'plain' : 'quiet'}
                aria-pressed={shown === name}
                onClick={() => setView(name)}
                className="h-6!"
              >
                {t(`candidates.${name}`)}
              </Button>
            ))}
          </fieldset>
          <span className="flex-1" />
          <IconButton label={t('candidates.page')} onClick={open}>
            <ExternalLink size={13} aria-hidden />
          </IconButton>
          {settled ? (
            <Tooltip label={t('candidates.takeHelp')} side="bottom">
              <Button
                look={recommended ? 'primary' : 'plain'}
                disabled={!canTake}
                onClick={() => void store.getState().pickCandidate(job.id)}
                className="h-6!"
              >
                <Check size={13} aria-hidden />
                {t('candidates.take')}
              </Button>
            </Tooltip>
          ) : (
            <Tooltip label={t('candidates.keepOnlyHelp')} side="bottom">
              <Button onClick={() => void store.getState().pickCandidate(job.id)} className="h-6!">
                {t('candidates.keepOnly')}
              </Button>
            </Tooltip>
          )}
        </div>
      </header>
      {shown === 'activity' ? (
        <CandidateActivity threadId={job.threadId} />
      ) : (
        <CandidateChanges job={job} chosen={chosen} />
      )}
    </section>
  )
}
