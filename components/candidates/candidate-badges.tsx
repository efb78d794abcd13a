import { CircleAlert, CircleCheck, CircleDashed } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Job } from '../../core/protocol/job.ts'
import { JobCost, JobLines } from '../jobs/job-facts.tsx'
import { cx } from '../ui/cx.ts'
import { useTranslate } from '../workbench/use-translate.ts'

/** What is known of a candidate at a glance: no more than was looked at. */
export function CandidateBadges({ job }: { readonly job: Job }) {
  const t = useTranslate()
  const { syntax, command } = job.checks ?? {}
  return (
    <div className="tabular flex flex-wrap items-center gap-x-2.5 gap-y-1 text-n10 text-small">
      {job.files.length > 0 && !syntax && <Badge state="open">{t('candidates.unread')}</Badge>}
      {syntax && syntax.wrong.length > 0 && (
        <Badge
          state="bad"
          title={syntax.wrong.map(({ path, line, message }) => `${path}:${line} ${message}`).join('\n')}
        >
          {t('candidates.breaks')}
        </Badge>
      )}
      {syntax && syntax.wrong.length === 0 && (
        <Badge
          state={syntax.checked > 0 ? 'good' : 'open'}
          title={t('candidates.parsesCount', { count: syntax.checked, all: syntax.checked + syntax.left })}
        >
          {t(syntax.checked > 0 ? 'candidates.parses' : 'candidates.unread')}
        </Badge>
      )}
      {command && (
        <Badge state={command.passed ? 'good' : 'bad'} title={command.output}>
          {t(command.passed ? 'candidates.checkPassed' : 'candidates.checkFailed')}
        </Badge>
      )}
      {!command && job.candidate?.check !== undefined && (
        <Badge state="open" title={job.candidate.check}>
          {t('candidates.checkRuns')}
        </Badge>
      )}
      <JobLines job={job} />
      <JobCost job={job} />
    </div>
  )
}

const marks = {
  good: { Icon: CircleCheck, tone: 'text-added' },
  bad: { Icon: CircleAlert, tone: 'text-danger' },
  open: { Icon: CircleDashed, tone: 'text-n10' },
} as const

function Badge(props: {
  readonly state: keyof typeof marks
  readonly title?: string
  readonly children: ReactNode
}) {
  const { Icon, tone } = marks[props.state]
  return (
    <span title={props.title} className={cx('flex items-center gap-1', tone)}>
      <Icon size={12} aria-hidden />
      {props.children}
    </span>
  )
}
