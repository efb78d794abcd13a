import type { Job } from '../../core/protocol/job.ts'
import { CommandOutput } from '../chat/command-output.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** What the setup script writes while it makes the job's copy fit to work in. */
export function JobSetup({ job }: { readonly job: Job }) {
  const t = useTranslate()
  const written = useWorkbench((state) => state.jobOutput.get(job.id))
  if (written?.what !== 'setup') return null
  return (
    <section aria-label={t('jobs.setup')} className="mt-1.5">
      <p className="text-author-1">{t('jobs.setup')}</p>
      <CommandOutput
        text={t('jobs.setup')}
        output={written.text}
        className="mt-1 max-h-40 rounded-md border border-n6"
      />
    </section>
  )
}
