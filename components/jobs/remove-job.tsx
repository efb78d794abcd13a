import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Job } from '../../core/protocol/job.ts'
import { Button } from '../ui/button.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** What its commands wrote is nowhere else: a job that has some is asked about once more. */
export function RemoveJob({ job }: { readonly job: Job }) {
  const t = useTranslate()
  const [asks, setAsks] = useState(false)
  const remove = useWorkbench((state) => state.removeJob)
  const count = useWorkbench((state) =>
    state.artefacts?.jobId === job.id ? state.artefacts.files.length + state.artefacts.more : 0,
  )
  if (asks && count > 0)
    return (
      <>
        <Button autoFocus onClick={() => remove(job.id)}>
          <Trash2 size={13} aria-hidden />
          {t('jobs.removeWith', { count })}
        </Button>
        <Button look="quiet" onClick={() => setAsks(false)}>
          {t('jobs.removeNot')}
        </Button>
      </>
    )
  return (
    <Button look="quiet" onClick={() => (count > 0 ? setAsks(true) : remove(job.id))}>
      <Trash2 size={13} aria-hidden />
      {t('jobs.remove')}
    </Button>
  )
}
