import { ChevronRight, Download } from 'lucide-react'
import { useEffect } from 'react'
import { artefactAddress } from '../../client/store/artefacts-slice.ts'
import type { Job, JobArtefact } from '../../core/protocol/job.ts'
import { formatBytes } from '../editor/format-bytes.ts'
import { Tooltip } from '../ui/tooltip.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useLanguage, useTranslate } from '../workbench/use-translate.ts'

/** With more the list is folded first. */
const unfoldedAtMost = 4

/** What its commands wrote outside git: reports, logs, pictures. */
export function JobArtefacts({ job }: { readonly job: Job }) {
  const t = useTranslate()
  const found = useWorkbench((state) => (state.artefacts?.jobId === job.id ? state.artefacts : undefined))
  const load = useWorkbench((state) => state.loadArtefacts)
  const connected = useWorkbench((state) => state.status === 'open')
  const { id, state, outcome, used } = job
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for anew with each of these
  useEffect(() => {
    if (connected) void load(id)
  }, [id, state, outcome, used.steps, connected, load])
  if (!found || found.files.length === 0) return null
  const { files, more } = found
  return (
    <section aria-label={t('jobs.artefacts')} className="mt-2">
      <details open={files.length <= unfoldedAtMost} className="group">
        <summary className="flex cursor-default list-none items-center gap-1 rounded-sm text-n10 text-small hover:text-n12">
          <ChevronRight size={12} aria-hidden className="shrink-0 group-open:rotate-90" />
          {t('jobs.artefacts')}
          <span className="tabular">{files.length + more}</span>
          <span className="ml-1 truncate">{t('jobs.artefactsHelp')}</span>
        </summary>
        <ul className="mt-1 max-h-40 overflow-y-auto">
          {files.map((file) => (
            <ArtefactRow key={file.path} job={job} file={file} />
          ))}
          {more > 0 && (
            <li className="px-1.5 py-1 text-n10 text-small">{t('jobs.artefactsMore', { count: more })}</li>
          )}
        </ul>
      </details>
    </section>
  )
}

function ArtefactRow({ job, file }: { readonly job: Job; readonly file: JobArtefact }) {
  const t = useTranslate()
  const language = useLanguage()
  const show = useWorkbench((state) => state.showArtefact)
  return (
    <li className="flex items-center gap-1 rounded-sm pr-1 hover:bg-n4">
      <button
        type="button"
        title={file.path}
        onClick={() => void show(job.id, file)}
        className="flex min-w-0 flex-1 items-baseline gap-2 px-1.5 py-1 text-left pointer-coarse:py-3"
      >
        <span className="min-w-0 flex-1 truncate text-n12">{file.path}</span>
        <span className="tabular shrink-0 text-n10 text-small">{formatBytes(file.bytes, language)}</span>
      </button>
      <Tooltip label={t('jobs.artefactSave', { path: file.path })}>
        <a
          href={artefactAddress(job.id, file)}
          download
          aria-label={t('jobs.artefactSave', { path: file.path })}
          className="hit inline-flex size-6 shrink-0 items-center justify-center rounded-sm text-n10 hover:bg-n5 hover:text-n12"
        >
          <Download size={13} aria-hidden />
        </a>
      </Tooltip>
    </li>
  )
}
