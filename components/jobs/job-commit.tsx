import { GitCommitHorizontal } from 'lucide-react'
import { useState } from 'react'
import type { Job } from '../../core/protocol/job.ts'
import { Button } from '../ui/button.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { proposedWords } from './proposed-words.ts'

/** Commits what came back and was kept, with a message that is proposed. */
export function JobCommit({ job }: { readonly job: Job }) {
  const t = useTranslate()
  const commit = useWorkbench((state) => state.commitJob)
  // Without a branch of its own there is no repository to commit to.
  const [message, setMessage] = useState<string>()
  if (job.outcome !== 'applied' || !job.branch) return null
  if (job.commit) {
    return (
      <p className="mt-2 flex items-center gap-1.5 text-n10 text-small">
        <GitCommitHorizontal size={13} aria-hidden />
        {t('jobs.committed', { commit: job.commit.slice(0, 7) })}
      </p>
    )
  }
  if (message === undefined) {
    return (
      <Button className="mt-2" onClick={() => setMessage(proposed(job))}>
        <GitCommitHorizontal size={13} aria-hidden />
        {t('jobs.commit')}
      </Button>
    )
  }
  const send = async () => {
    if (message.trim() !== '' && (await commit(job.id, message))) setMessage(undefined)
  }
  return (
    <form
      className="mt-2 flex flex-col items-end gap-1.5"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <textarea
        aria-label={t('jobs.commitMessage')}
        value={message}
        // biome-ignore lint/a11y/noAutofocus: the person has just asked to write here
        autoFocus
        onChange={(event) => setMessage(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing || event.keyCode === 229 || event.key !== 'Escape') return
          event.stopPropagation()
          setMessage(undefined)
        }}
        className="field-sizing-content max-h-60 min-h-15 w-full resize-none rounded-md border border-n7 bg-n3 px-2 py-1 text-n12 outline-none focus:border-accent max-sm:text-[16px]"
      />
      <Button type="submit" look="primary" disabled={message.trim() === ''}>
        {t('jobs.commitNow', { count: job.files.length })}
      </Button>
    </form>
  )
}

/** The task in a line, then what the job said of it. */
function proposed(job: Job): string {
  const { title, text } = proposedWords(job)
  return text === '' ? title : `${title}\n\n${text}`
}
