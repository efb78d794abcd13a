import { type Job, type JobState, jobStateSchema } from '../../core/protocol/job.ts'
import { fieldClass } from '../ui/field.tsx'
import { Select } from '../ui/select.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

export interface JobFilterValue {
  readonly query: string
  readonly state: JobState | 'all'
}

export const noFilter: JobFilterValue = { query: '', state: 'all' }

/** Which jobs are listed: by what they are called, and by how they stand. */
export function JobFilter(props: {
  readonly value: JobFilterValue
  readonly onChange: (value: JobFilterValue) => void
}) {
  const t = useTranslate()
  const { value, onChange } = props
  return (
    <div className="flex shrink-0 flex-wrap gap-1.5 px-1.5 pb-1.5">
      <input
        type="search"
        aria-label={t('jobs.filter')}
        placeholder={t('jobs.filter')}
        value={value.query}
        maxLength={200}
        onChange={(event) => onChange({ ...value, query: event.currentTarget.value })}
        className={`${fieldClass} h-7 flex-1 basis-24`}
      />
      <Select<JobFilterValue['state']>
        label={t('jobs.filterState')}
        value={value.state}
        groups={[
          { options: [{ value: 'all', label: t('jobs.all') }] },
          { options: jobStateSchema.options.map((state) => ({ value: state, label: t(`jobs.${state}`) })) },
        ]}
        onChoose={(state) => onChange({ ...value, state })}
        className="w-auto! flex-1 basis-24"
      />
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
