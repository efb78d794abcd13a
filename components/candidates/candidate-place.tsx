import { Columns3 } from 'lucide-react'
import type { Job } from '../../core/protocol/job.ts'
import { Button } from '../ui/button.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** On the page of a candidate: which of how many it is, and the way to all of them. */
export function CandidatePlace({ job }: { readonly job: Job }) {
  const t = useTranslate()
  const open = useWorkbench((state) => state.openCandidates)
  const group = job.candidate?.group ?? job.judges
  if (group === undefined) return null
  return (
    <p className="mb-1 flex items-center gap-2 text-n10 text-small">
      {job.candidate
        ? t('candidates.place', { n: job.candidate.n, of: job.candidate.of })
        : t('candidates.judgeRow')}
      <Button look="quiet" onClick={() => open(group)} className="h-6!">
        <Columns3 size={12} aria-hidden />
        {t('candidates.open')}
      </Button>
    </p>
  )
}
