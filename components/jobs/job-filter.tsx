import { type Job, type JobState, jobStateSchema } from '../../core/protocol/job.ts'
import { useTranslate } from '../workbench/use-translate.ts'

export interface JobFilterValue {
  readonly query: string
  readonly state: JobState | 'all'
}

export const noFilter: JobFilterValue = { query: '', state: 'all' }

const fieldClass =
  'h-7 rounded-sm border border-n6 bg-n3 px-2 text-n12 outline-none placeholder:text-n10 focus:border-accent'

/** Which jobs are listed: by what they are called, and by how they stand. */
export function JobFilter(props: {
  readonly value: JobFilterValue
  readonly onChange: (value: JobFilterValue) => void
}) {
  const t = useTranslate()
  const { value, onChange } = props
  return (
    <div className="flex shrink-0 gap-1.5 px-1.5 pb-1.5">
      <input
        type="search"
        aria-label={t('jobs.filter')}
        placeholder={t('jobs.filter')}
        value={value.query}
        maxLength={200}
        onChange={(event) => onChange({ ...value, query: event.currentTarget.value })}
        className={`${fieldClass} min-w-0 flex-1`}
      />
      <select
        aria-label={t('jobs.filterState')}
        value={value.state}
        onChange={(event) =>
          onChange({ ...value, state: jobStateSchema.safeParse(event.currentTarget.value).data ?? 'all' })
        }
        className={fieldClass}
      >
        <option value="all">{t('jobs.all')}</option>
        {jobStateSchema.options.map((state) => (
          <option key={state} value={state}>
            {t(`jobs.${state}`)}
          </option>
        ))}
      </select>
    </div>
  )
}

/** Agents go with the job they work for. */
export function inState(jobs: readonly Job[], state: JobFilterValue['state']): readonly Job[] {
  if (state === 'all') return jobs
  const byId = new Map(jobs.map((job) => [job.id, job]))
  const rootOf = (job: Job): Job => {
    const above = job.parentId === undefined ? undefined : byId.get(job.parentId)
    return above ? rootOf(above) : job
  }
  return jobs.filter((job) => rootOf(job).state === state)
}
