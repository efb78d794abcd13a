import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { ArtefactsSlice } from '../../client/store/artefacts-slice.ts'
import type { Job } from '../../core/protocol/job.ts'
import { Button } from '../ui/button.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** What its commands wrote is nowhere else: a job that has some is asked about once more. */
export function RemoveJob({ job }: { readonly job: Job }) {
  const t = useTranslate()
  const [asks, setAsks] = useState(false)
  const store = useWorkbenchStore()
  const count = useWorkbench((state) => artefactsOf(state, job))
  const remove = () => store.getState().removeJob(job.id)
  const press = async () => {
    // It may have written more since, and what is not known yet is not none.
    await store.getState().loadArtefacts(job.id)
    if (artefactsOf(store.getState(), job) > 0) setAsks(true)
    else remove()
  }
  if (asks && count > 0)
    return (
      <>
        {/* Where the first press was: pressed twice, nothing is lost. */}
        <Button autoFocus look="quiet" onClick={() => setAsks(false)}>
          {t('jobs.removeNot')}
        </Button>
        <Button onClick={remove}>
          <Trash2 size={13} aria-hidden />
          {t('jobs.removeWith', { count })}
        </Button>
      </>
    )
  return (
    <Button look="quiet" onClick={() => void press()}>
      <Trash2 size={13} aria-hidden />
      {t('jobs.remove')}
    </Button>
  )
}

function artefactsOf({ artefacts }: ArtefactsSlice, { id }: Job): number {
  return artefacts?.jobId === id ? artefacts.files.length + artefacts.more : 0
}
