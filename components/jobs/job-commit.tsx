import { GitCommitHorizontal, GitMerge, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { isSettled } from '../../core/job/ledger.ts'
import type { Job } from '../../core/protocol/job.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/choice.tsx'
import { CheckField, Field, fieldClass } from '../ui/field.tsx'
import { Tooltip } from '../ui/tooltip.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { proposedWords } from './proposed-words.ts'

/** Merges what the job did, or commits what of it came back and was kept; and takes that back. */
export function JobCommit({ job }: { readonly job: Job }) {
  const t = useTranslate()
  const unmerge = useWorkbench((state) => state.unmergeJob)
  const [isWriting, setWriting] = useState(false)
  const { outcome, commit } = job
  if (outcome === 'applied' && commit) {
    return (
      <p className="flex w-full items-center gap-1.5 text-n10 text-small">
        <GitCommitHorizontal size={13} aria-hidden />
        {t('jobs.committed', { commit: commit.slice(0, 7) })}
        {isSettled(job) && (
          <Tooltip label={t('jobs.unmergeHelp')} side="bottom">
            <Button look="quiet" onClick={() => unmerge(job.id)}>
              <Undo2 size={12} aria-hidden />
              {t('jobs.unmerge')}
            </Button>
          </Tooltip>
        )}
      </p>
    )
  }
  // Without a branch of its own there is no repository to commit to, or it is one of several nobody has taken yet.
  const isOffered = job.branch && isSettled(job) && job.parentId === undefined && outcome !== 'discarded'
  if (!isOffered || job.files.length === 0) return null
  if (job.conflicts.length > 0) return <p className="w-full text-n10 text-small">{t('jobs.mergeLater')}</p>
  if (isWriting) return <MergeForm job={job} onClose={() => setWriting(false)} />
  const [Icon, label] =
    outcome === 'applied'
      ? ([GitCommitHorizontal, 'jobs.commit'] as const)
      : ([GitMerge, 'jobs.merge'] as const)
  return (
    <Tooltip label={t('jobs.mergeHelp')} side="bottom">
      <Button onClick={() => setWriting(true)}>
        <Icon size={13} aria-hidden />
        {t(label)}
      </Button>
    </Tooltip>
  )
}

function MergeForm({ job, onClose }: { readonly job: Job; readonly onClose: () => void }) {
  const t = useTranslate()
  const merge = useWorkbench((state) => state.mergeJob)
  const [message, setMessage] = useState(() => proposed(job))
  const [keepSteps, setKeepSteps] = useState(false)
  const [withOwn, setWithOwn] = useState(false)
  const isReady = message.trim() !== ''
  const count = job.brought?.length ?? job.files.length
  return (
    <form
      className="mt-1 flex w-full flex-col items-end gap-1.5"
      onSubmit={async (event) => {
        event.preventDefault()
        if (isReady && (await merge(job.id, { message, keepSteps, withOwn }))) onClose()
      }}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing || event.keyCode === 229 || event.key !== 'Escape') return
        event.stopPropagation()
        onClose()
      }}
    >
      {/* What was taken from several is on no branch. */}
      {!job.brought && (
        <fieldset className="flex w-full flex-wrap items-center gap-1.5">
          <legend className="sr-only">{t('jobs.mergeHow')}</legend>
          {([false, true] as const).map((isKept) => (
            <Choice
              key={String(isKept)}
              name="merge"
              checked={keepSteps === isKept}
              onChoose={() => setKeepSteps(isKept)}
            >
              {t(isKept ? 'jobs.mergeSteps' : 'jobs.mergeSquash')}
            </Choice>
          ))}
        </fieldset>
      )}
      <div className="w-full">
        <Field label={t('jobs.commitMessage')}>
          <textarea
            value={message}
            // biome-ignore lint/a11y/noAutofocus: the person has just asked to write here
            autoFocus
            onChange={(event) => setMessage(event.currentTarget.value)}
            className={`${fieldClass} field-sizing-content max-h-60 min-h-15 resize-none`}
          />
        </Field>
      </div>
      <div className="w-full">
        <CheckField
          label={t('jobs.mergeOwn')}
          help={t(keepSteps ? 'jobs.mergeOwnSteps' : 'jobs.mergeOwnHelp')}
          checked={withOwn}
          onChange={setWithOwn}
        />
      </div>
      <div className="flex gap-1.5">
        <Button look="quiet" onClick={onClose}>
          {t('jobs.cancel')}
        </Button>
        <Button type="submit" look="primary" disabled={!isReady}>
          {t(job.outcome === 'applied' ? 'jobs.commitNow' : 'jobs.mergeNow', { count })}
        </Button>
      </div>
    </form>
  )
}

/** The task in a line, then what the job said of it. */
function proposed(job: Job): string {
  const { title, text } = proposedWords(job)
  return text === '' ? title : `${title}\n\n${text}`
}
