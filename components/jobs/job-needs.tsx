import { useState } from 'react'
import type { Job } from '../../core/protocol/job.ts'
import { ApprovalCard } from '../chat/approval-card.tsx'
import { Button } from '../ui/button.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { JobDoubt } from './job-doubt.tsx'
import { JobProposal } from './job-proposal.tsx'

/** What the job waits for, and the way to give it. */
export function JobNeeds({ job }: { readonly job: Job }) {
  const t = useTranslate()
  const extend = useWorkbench((state) => state.extendJob)
  const { needs } = job
  if (!needs) return null
  if (needs.kind === 'answer') return <Question key={needs.question} job={job} question={needs.question} />
  if (needs.kind === 'plan') return <JobProposal job={job} />
  if (needs.kind === 'effect') return <JobDoubt key={needs.effectId} job={job} detail={needs.detail} />
  if (needs.kind === 'approval')
    return (
      <ApprovalCard
        key={needs.approval.id}
        approval={needs.approval}
        threadId={job.threadId}
        className="mt-2"
      />
    )
  return (
    <div className="mt-2 flex flex-wrap items-center gap-2 rounded-sm border-attention border-l-2 bg-attention-soft px-3 py-2 text-n12">
      <p className="flex-1">{t(`jobs.spent.${needs.spent}`, { shown: showMb(job.budget.diskMb ?? 0) })}</p>
      <Button onClick={() => extend(job.id)}>{t('jobs.more')}</Button>
    </div>
  )
}

/** As people say it of disks. */
function showMb(mb: number): string {
  return mb < 1024 ? `${mb} MiB` : `${Math.round((mb / 1024) * 10) / 10} GiB`
}

function Question({ job, question }: { readonly job: Job; readonly question: string }) {
  const t = useTranslate()
  const answer = useWorkbench((state) => state.answerJob)
  const [text, setText] = useState('')
  const send = async () => {
    const words = text.trim()
    if (words === '') return
    setText('')
    if (!(await answer(job.id, words))) setText(words)
  }
  return (
    <form
      className="mt-2 rounded-sm border-attention border-l-2 bg-attention-soft px-3 py-2 text-n12"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <h3 className="text-attention text-small">{t('jobs.question')}</h3>
      <p className="whitespace-pre-wrap break-words">{question}</p>
      <div className="mt-1.5 flex items-end gap-1.5">
        <textarea
          aria-label={t('jobs.answer')}
          placeholder={t('jobs.answer')}
          value={text}
          rows={1}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing || event.keyCode === 229) return
            if (event.key !== 'Enter' || event.shiftKey) return
            event.preventDefault()
            void send()
          }}
          className="field-sizing-content max-h-40 min-h-7 min-w-0 flex-1 resize-none rounded-md border border-n7 bg-n3 px-2 py-0.5 outline-none placeholder:text-n10 focus:border-accent max-sm:text-[16px]"
        />
        <Button type="submit" look="primary" disabled={text.trim() === ''}>
          {t('jobs.sendAnswer')}
        </Button>
      </div>
    </form>
  )
}
