import { useState } from 'react'
import type { Job } from '../../core/protocol/job.ts'
import { Button } from '../ui/button.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** The plan a job waits with: a yes lets it work, words make it think again. */
export function JobProposal({ job }: { readonly job: Job }) {
  const t = useTranslate()
  const decide = useWorkbench((state) => state.decidePlan)
  const stop = useWorkbench((state) => state.stopJob)
  const [change, setChange] = useState<string>()
  const send = async () => {
    const words = change?.trim() ?? ''
    if (words === '') return
    setChange(undefined)
    if (!(await decide(job.id, { accept: false, text: words }))) setChange(words)
  }
  return (
    <section
      aria-label={t('jobs.proposal')}
      className="mt-2 rounded-sm border-attention border-l-2 bg-attention-soft px-3 py-2 text-n12"
    >
      <h3 className="text-attention text-small">{t('jobs.proposal')}</h3>
      {job.plan.length === 0 ? (
        <p>{t('jobs.proposalBelow')}</p>
      ) : (
        <ol className="list-decimal pl-7">
          {job.plan.map(({ text }, index) => (
            <li key={index} className="break-words">
              {text}
            </li>
          ))}
        </ol>
      )}
      {change === undefined ? (
        <div className="mt-1.5 flex flex-wrap gap-1.5">
          <Button
            look="primary"
            onClick={() => void decide(job.id, { accept: true, text: t('jobs.planAccepted') })}
          >
            {t('jobs.acceptPlan')}
          </Button>
          <Button onClick={() => setChange('')}>{t('jobs.changePlan')}</Button>
          <Button look="quiet" onClick={() => stop(job.id)}>
            {t('jobs.stop')}
          </Button>
        </div>
      ) : (
        <form
          className="mt-1.5 flex flex-col items-end gap-1.5"
          onSubmit={(event) => {
            event.preventDefault()
            void send()
          }}
        >
          <textarea
            aria-label={t('jobs.changeField')}
            placeholder={t('jobs.changeField')}
            value={change}
            rows={2}
            // biome-ignore lint/a11y/noAutofocus: the person has just asked to write here
            autoFocus
            onChange={(event) => setChange(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.nativeEvent.isComposing || event.keyCode === 229) return
              if (event.key === 'Escape') {
                event.stopPropagation()
                setChange(undefined)
              } else if (event.key === 'Enter' && !event.shiftKey) {
                event.preventDefault()
                void send()
              }
            }}
            className="field-sizing-content max-h-40 min-h-12 w-full resize-none rounded-md border border-n7 bg-n3 px-2 py-1 outline-none placeholder:text-n10 focus:border-accent max-sm:text-[16px]"
          />
          <div className="flex gap-1.5">
            <Button look="quiet" onClick={() => setChange(undefined)}>
              {t('jobs.cancel')}
            </Button>
            <Button type="submit" look="primary" disabled={change.trim() === ''}>
              {t('jobs.changeNow')}
            </Button>
          </div>
        </form>
      )}
    </section>
  )
}
