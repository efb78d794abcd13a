import { CornerLeftUp } from 'lucide-react'
import { agentsOf, usedInAll } from '../../core/job/agents.ts'
import type { Job } from '../../core/protocol/job.ts'
import { formatCount } from '../workbench/format.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useLanguage, useTranslate } from '../workbench/use-translate.ts'
import { JobCost, JobLines, JobProgress } from './job-facts.tsx'
import { JobLink } from './job-link.tsx'
import { JobStateMark } from './job-state.tsx'

/** The job an agent works for. */
export function AgentParent({ job }: { readonly job: Job }) {
  const t = useTranslate()
  const parent = useWorkbench((state) => state.jobs.find(({ id }) => id === job.parentId))
  if (!parent) return null
  return (
    <p className="mb-1 flex min-w-0 items-center gap-1.5 text-n10 text-small">
      <CornerLeftUp size={12} aria-hidden className="shrink-0" />
      <span className="shrink-0">{t('agents.of')}</span>
      <JobLink job={parent} className="min-w-0 truncate text-n11 hover:text-n12 hover:underline">
        {parent.title}
      </JobLink>
      {job.sight === 'shared' && <span className="shrink-0">· {t('agents.reads')}</span>}
    </p>
  )
}

/** Who does which part of the job, how far, since when and with how many tokens. */
export function JobAgents({ job }: { readonly job: Job }) {
  const t = useTranslate()
  const language = useLanguage()
  const jobs = useWorkbench((state) => state.jobs)
  const agents = agentsOf(job.id, jobs)
  if (agents.length === 0) return null
  const { tokens } = usedInAll(job, jobs)
  return (
    <section aria-label={t('agents.title')} className="mt-2">
      <h3 className="flex items-baseline gap-2 text-n10 text-small">
        {t('agents.count', { count: agents.length })}
        <span className="tabular ml-auto">
          {t('agents.together', { shown: formatCount(tokens, language) })}
        </span>
      </h3>
      <ul className="mt-1 flex flex-col">
        {agents.map((agent) => (
          <li key={agent.id}>
            <JobLink job={agent} className="block rounded-sm px-1.5 py-1 hover:bg-n4">
              <span className="flex items-baseline gap-2">
                <span className="min-w-0 flex-1 truncate text-n12">{agent.title}</span>
                <JobStateMark job={agent} className="text-small" />
              </span>
              <span className="tabular flex items-center gap-3 text-n10 text-small">
                <JobProgress job={agent} short />
                <span className="ml-auto" />
                <JobLines job={agent} />
                <span className="flex shrink-0 gap-3">
                  <JobCost job={agent} />
                </span>
              </span>
            </JobLink>
          </li>
        ))}
      </ul>
    </section>
  )
}
