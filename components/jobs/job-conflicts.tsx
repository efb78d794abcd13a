import type { Job } from '../../core/protocol/job.ts'
import { Button } from '../ui/button.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** Places both changed, side by side. */
export function JobConflicts({ job }: { readonly job: Job }) {
  const t = useTranslate()
  const openFile = useWorkbench((state) => state.openFile)
  const resolve = useWorkbench((state) => state.resolveConflict)
  const openThread = useWorkbench((state) => state.openThread)
  const openReview = useWorkbench((state) => state.openReview)
  const { originId } = job
  if (job.conflicts.length === 0) return null
  return (
    <section aria-label={t('jobs.conflicts')} className="mt-2">
      <h3 className="font-strong text-attention">{t('jobs.conflicts')}</h3>
      <p className="text-n10">{t('jobs.conflictsHelp')}</p>
      {originId && (
        <Button
          className="mt-1.5"
          onClick={() => {
            openThread(originId)
            openReview()
          }}
        >
          {t('jobs.conflictsReview')}
        </Button>
      )}
      <ul className="@container mt-1.5 flex flex-col gap-2">
        {job.conflicts.map((conflict) => (
          <li
            key={`${conflict.path}:${conflict.startLine}`}
            className="overflow-hidden rounded-md border border-n6 bg-n3"
          >
            <button
              type="button"
              onClick={() => openFile(conflict.path, { line: conflict.startLine })}
              className="row-h flex w-full items-center px-2 text-left text-n12 hover:bg-n4"
            >
              {t('jobs.conflictPlace', { path: conflict.path, line: conflict.startLine })}
            </button>
            <div className="grid gap-px bg-n6 @min-[32rem]:grid-cols-2">
              <Side name={t('jobs.yours')} text={conflict.ours} />
              <Side name={t('jobs.theirs')} text={conflict.theirs} />
            </div>
            <div className="flex justify-end gap-1.5 border-n6 border-t p-1.5">
              <Button look="quiet" onClick={() => void resolve(job.id, conflict, 'ours')}>
                {t('jobs.keepMine')}
              </Button>
              <Button onClick={() => void resolve(job.id, conflict, 'theirs')}>{t('jobs.takeTheirs')}</Button>
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Side({ name, text }: { readonly name: string; readonly text: string }) {
  return (
    <div className="min-w-0 bg-n3 px-2 py-1">
      <h4 className="text-n10 text-small">{name}</h4>
      <pre className="overflow-x-auto font-mono text-n12">{text}</pre>
    </div>
  )
}
