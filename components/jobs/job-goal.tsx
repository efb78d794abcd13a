import { CircleCheck, CircleDashed, CircleX } from 'lucide-react'
import type { Job } from '../../core/protocol/job.ts'
import { CommandOutput } from '../chat/command-output.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** The command that has to pass before the job is done, and what it said last. */
export function JobGoal({ job }: { readonly job: Job }) {
  const t = useTranslate()
  const written = useWorkbench((state) => state.jobOutput.get(job.id))
  const { goal } = job
  if (!goal) return null
  const running = written?.what === 'goal' ? written.text : undefined
  const stands =
    running !== undefined ? 'checking' : goal.met === undefined ? 'open' : goal.met ? 'met' : 'missed'
  const Icon = { checking: CircleDashed, open: CircleDashed, met: CircleCheck, missed: CircleX }[stands]
  const tone = { checking: 'text-author-1', open: 'text-n10', met: 'text-added', missed: 'text-danger' }[
    stands
  ]
  return (
    <section aria-label={t('jobs.goal')} className="mt-1.5">
      <p className="flex min-w-0 items-center gap-1.5 text-n11">
        <Icon size={13} aria-hidden className={`shrink-0 ${tone}`} />
        <span className="truncate" title={goal.command}>
          {t('jobs.until', { command: goal.command })}
        </span>
        <span className={`shrink-0 text-small ${tone}`}>
          · {t(`jobs.goal.${stands}`, { count: goal.checks })}
        </span>
      </p>
      {running !== undefined && (
        <CommandOutput
          text={goal.command}
          output={running}
          className="mt-1 max-h-40 rounded-md border border-n6"
        />
      )}
    </section>
  )
}
