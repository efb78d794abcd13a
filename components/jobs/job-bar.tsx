import { FileDiff, FileInput, GitBranch, Pause, Play, RotateCw, Square, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { jobInView } from '../../client/store/jobs-slice.ts'
import { isSettled } from '../../core/job/ledger.ts'
import type { Job } from '../../core/protocol/job.ts'
import { CandidatePlace } from '../candidates/candidate-place.tsx'
import { Button } from '../ui/button.tsx'
import { Tooltip } from '../ui/tooltip.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { AgentParent, JobAgents } from './job-agents.tsx'
import { JobArtefacts } from './job-artefacts.tsx'
import { JobAway } from './job-away.tsx'
import { JobCommit } from './job-commit.tsx'
import { JobConflicts } from './job-conflicts.tsx'
import { JobCost, JobLines } from './job-facts.tsx'
import { JobGoal } from './job-goal.tsx'
import { JobNeeds } from './job-needs.tsx'
import { JobPlan } from './job-plan.tsx'
import { JobRequest } from './job-request.tsx'
import { JobSetup } from './job-setup.tsx'
import { JobStateMark } from './job-state.tsx'
import { RemoveJob } from './remove-job.tsx'

/** Over the conversation of a job: how it stands, what it has done, and what can be done about it. */
export function JobBar() {
  const job = useWorkbench(jobInView)
  return job ? <JobHead job={job} /> : null
}

function JobHead({ job }: { readonly job: Job }) {
  const t = useTranslate()
  return (
    <section
      aria-label={t('jobs.about')}
      className="max-h-3/5 shrink-0 overflow-y-auto border-n6 border-b px-3 py-2"
    >
      <AgentParent job={job} />
      <CandidatePlace job={job} />
      <div className="flex items-center gap-2">
        <JobStateMark job={job} />
        <h2 className="min-w-0 flex-1 truncate font-strong text-n12" title={job.task}>
          {job.title}
        </h2>
      </div>
      {job.needs?.kind !== 'plan' && <JobPlan job={job} />}
      <div className="tabular mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-n10 text-small">
        <JobCost job={job} />
        <span>
          {job.files.length > 0 ? t('jobs.files', { count: job.files.length }) : t('jobs.noChanges')}
        </span>
        <JobLines job={job} />
        {job.branch && (
          <span className="flex min-w-0 items-center gap-1">
            <GitBranch size={12} aria-hidden className="shrink-0" />
            <span className="truncate">{t('jobs.branch', { branch: job.branch })}</span>
          </span>
        )}
      </div>
      <JobSetup job={job} />
      <JobGoal job={job} />
      {job.problem && (
        <p className="mt-2 rounded-sm border-danger border-l-2 bg-danger-soft px-3 py-2 whitespace-pre-wrap break-words text-n12">
          {job.parked ? t('jobs.parked') : job.problem}
        </p>
      )}
      {job.waits && <JobAway {...job.waits} />}
      <JobNeeds job={job} />
      <JobAgents job={job} />
      <JobArtefacts job={job} />
      <div className="mt-2 flex flex-wrap items-center gap-1.5 empty:hidden">
        <JobButtons job={job} />
        <JobCommit job={job} />
        <JobRequest job={job} />
      </div>
      <JobConflicts job={job} />
    </section>
  )
}

function JobButtons({ job }: { readonly job: Job }) {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const act = () => store.getState()
  const settled = isSettled(job)
  const [applying, setApplying] = useState(false)
  const apply = async () => {
    setApplying(true)
    await act().applyJob(job.id)
    setApplying(false)
  }
  const hasChanges = job.files.length > 0
  // What an agent changed is taken over by the job it works for.
  const isOwn = job.parentId === undefined
  return (
    <>
      {isOwn && settled && hasChanges && job.outcome === undefined && (
        <Tooltip label={t('jobs.applyHelp')} side="bottom">
          <Button look="primary" disabled={applying} onClick={() => void apply()}>
            <FileInput size={13} aria-hidden />
            {t('jobs.apply')}
          </Button>
        </Tooltip>
      )}
      {job.state === 'running' && (
        <Tooltip label={t('jobs.pauseHelp')} side="bottom">
          <Button onClick={() => act().pauseJob(job.id, !job.paused)}>
            {job.paused ? <Play size={12} aria-hidden /> : <Pause size={12} aria-hidden />}
            {t(job.paused ? 'jobs.resume' : 'jobs.pause')}
          </Button>
        </Tooltip>
      )}
      {!settled && job.needs?.kind !== 'plan' && job.needs?.kind !== 'effect' && (
        <Button onClick={() => act().stopJob(job.id)}>
          <Square size={11} fill="currentColor" aria-hidden />
          {t('jobs.stop')}
        </Button>
      )}
      {isOwn &&
        (job.state === 'failed' || job.state === 'stopped' || job.waits) &&
        job.outcome === undefined && (
          <Button onClick={() => act().retryJob(job.id)}>
            <RotateCw size={12} aria-hidden />
            {t('jobs.retry')}
          </Button>
        )}
      {hasChanges && (
        <Button look={settled ? 'quiet' : 'plain'} onClick={() => void act().showPatch(job.id)}>
          <FileDiff size={13} aria-hidden />
          {t('jobs.diff')}
        </Button>
      )}
      {isOwn && settled && hasChanges && job.outcome === undefined && (
        <Button look="quiet" onClick={() => act().discardJob(job.id, true)}>
          <Trash2 size={13} aria-hidden />
          {t('jobs.discard')}
        </Button>
      )}
      {job.outcome === 'discarded' && (
        <Button onClick={() => act().discardJob(job.id, false)}>{t('jobs.undoDiscard')}</Button>
      )}
      {job.outcome === 'applied' && <ReviewButton job={job} />}
      {isOwn && settled && (!hasChanges || job.outcome !== undefined) && <RemoveJob key={job.id} job={job} />}
    </>
  )
}

/** To where the changes came. */
function ReviewButton({ job }: { readonly job: Job }) {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const { originId, appliedTurnId } = job
  if (!originId) return null
  const show = () => {
    store.getState().openThread(originId)
    store.getState().showTurn(appliedTurnId)
  }
  return <Button onClick={show}>{t('jobs.review')}</Button>
}
