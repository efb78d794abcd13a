import { ArrowUp, ExternalLink, GitPullRequestArrow } from 'lucide-react'
import { useState } from 'react'
import { isSettled } from '../../core/job/ledger.ts'
import type { Job, PullRequest } from '../../core/protocol/job.ts'
import { Button } from '../ui/button.tsx'
import { Field, fieldClass } from '../ui/field.tsx'
import { Tooltip } from '../ui/tooltip.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { proposedWords } from './proposed-words.ts'

/** Pushes the job's branch and asks others to take it over, where that is configured. */
export function JobRequest({ job }: { readonly job: Job }) {
  const t = useTranslate()
  const isOffered = useWorkbench((state) => state.pullRequests)
  const [isWriting, setWriting] = useState(false)
  const { branch, pullRequest } = job
  if (!isOffered || !branch || job.files.length === 0 || job.parentId !== undefined) return null
  if (pullRequest?.state === 'open') return <OpenRequest job={job} request={pullRequest} />
  if (pullRequest?.state === 'sending') {
    // In doubt it asks, in its own place.
    return job.needs ? null : <p className="w-full text-n10 text-small">{t('jobs.requestSending')}</p>
  }
  if (!isSettled(job) || job.outcome === 'discarded') return null
  if (isWriting) return <RequestForm job={job} onClose={() => setWriting(false)} />
  return (
    <>
      {pullRequest?.problem && (
        <div className="w-full rounded-sm border-danger border-l-2 bg-danger-soft px-3 py-2 text-n12">
          <p>{t(`jobs.requestFailed.${pullRequest.problem}`)}</p>
          {pullRequest.problem !== 'skipped' && pullRequest.detail && (
            <p className="whitespace-pre-wrap break-words text-n11 text-small">{pullRequest.detail}</p>
          )}
        </div>
      )}
      <Tooltip label={t('jobs.requestHelp')} side="bottom">
        <Button onClick={() => setWriting(true)}>
          <GitPullRequestArrow size={13} aria-hidden />
          {t(pullRequest ? 'jobs.requestAgain' : 'jobs.request')}
        </Button>
      </Tooltip>
    </>
  )
}

function OpenRequest(props: { readonly job: Job; readonly request: PullRequest }) {
  const t = useTranslate()
  const open = useWorkbench((state) => state.openPullRequest)
  const { job, request } = props
  const { url, behind } = request
  return (
    <p className="flex w-full flex-wrap items-center gap-1.5 text-n10 text-small">
      <GitPullRequestArrow size={13} aria-hidden className="shrink-0" />
      {url === undefined ? (
        t('jobs.requestOpen')
      ) : (
        <a
          href={url}
          target="_blank"
          rel="noreferrer"
          className="flex min-w-0 items-center gap-1 text-accent hover:underline"
        >
          <span className="truncate">{t('jobs.requestOpen')}</span>
          <ExternalLink size={11} aria-hidden className="shrink-0" />
        </a>
      )}
      {behind && isSettled(job) && (
        <Tooltip label={t('jobs.requestBehindHelp')} side="bottom">
          <Button look="quiet" onClick={() => void open(job.id, proposedWords(job))}>
            <ArrowUp size={12} aria-hidden />
            {t('jobs.requestBehind')}
          </Button>
        </Tooltip>
      )}
    </p>
  )
}

function RequestForm({ job, onClose }: { readonly job: Job; readonly onClose: () => void }) {
  const t = useTranslate()
  const open = useWorkbench((state) => state.openPullRequest)
  const [words, setWords] = useState(() => proposedWords(job))
  const isReady = words.title.trim() !== ''
  return (
    <form
      className="mt-1 flex w-full flex-col items-end gap-1.5"
      onSubmit={async (event) => {
        event.preventDefault()
        if (isReady && (await open(job.id, words))) onClose()
      }}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing || event.keyCode === 229 || event.key !== 'Escape') return
        event.stopPropagation()
        onClose()
      }}
    >
      <div className="w-full">
        <Field label={t('jobs.requestTitle')}>
          <input
            value={words.title}
            maxLength={300}
            // biome-ignore lint/a11y/noAutofocus: the person has just asked to write here
            autoFocus
            onChange={(event) => setWords({ ...words, title: event.currentTarget.value })}
            className={fieldClass}
          />
        </Field>
      </div>
      <div className="w-full">
        <Field label={t('jobs.requestText')}>
          <textarea
            value={words.text}
            onChange={(event) => setWords({ ...words, text: event.currentTarget.value })}
            className={`${fieldClass} field-sizing-content max-h-60 min-h-15 resize-none`}
          />
        </Field>
      </div>
      <div className="flex gap-1.5">
        <Button look="quiet" onClick={onClose}>
          {t('jobs.cancel')}
        </Button>
        <Button type="submit" look="primary" disabled={!isReady}>
          {t('jobs.requestNow')}
        </Button>
      </div>
    </form>
  )
}
