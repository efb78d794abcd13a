import { useState } from 'react'
import type { EffectDecision, Job } from '../../core/protocol/job.ts'
import { Button } from '../ui/button.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

const decisions: readonly EffectDecision[] = ['done', 'again', 'skip']

/** Something outside may have been done or not: a person says which, and it is not done twice. */
export function JobDoubt({ job, detail }: { readonly job: Job; readonly detail: string }) {
  const t = useTranslate()
  const settle = useWorkbench((state) => state.settleEffect)
  const [isSent, setSent] = useState(false)
  const decide = async (decision: EffectDecision) => {
    setSent(true)
    await settle(job.id, decision)
    setSent(false)
  }
  return (
    <section
      aria-label={t('jobs.doubt')}
      className="mt-2 rounded-sm border-attention border-l-2 bg-attention-soft px-3 py-2 text-n12"
    >
      <h3 className="font-strong">{t('jobs.doubt')}</h3>
      <p>{t('jobs.doubtHelp')}</p>
      {detail !== '' && <p className="break-words text-n11 text-small">{detail}</p>}
      <div className="mt-1.5 flex flex-wrap gap-1.5">
        {decisions.map((decision) => (
          <Button key={decision} disabled={isSent} onClick={() => void decide(decision)}>
            {t(`jobs.doubt.${decision}`)}
          </Button>
        ))}
      </div>
    </section>
  )
}
