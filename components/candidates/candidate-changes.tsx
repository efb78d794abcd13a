import type { CandidateFile, CandidateHunk } from '../../core/protocol/candidate-methods.ts'
import type { Job } from '../../core/protocol/job.ts'
import { cx } from '../ui/cx.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { Activity } from './candidate-activity.tsx'
import type { Chosen } from './use-chosen.ts'

/** Lines of one piece that are drawn; all of it is in the comparison. */
const drawnLines = 60

/** What a candidate changed, each piece with a box to take it by. */
export function CandidateChanges({ job, chosen }: { readonly job: Job; readonly chosen: Chosen }) {
  const t = useTranslate()
  const files = useWorkbench((state) => state.candidateFiles.get(job.id))
  if (!files) {
    return (
      <p className="px-3 py-2 text-n10">
        {t(job.files.length === 0 ? 'candidates.noChanges' : 'candidates.unfinished')}
      </p>
    )
  }
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-3 py-2">
      {files.map((file) => (
        <section key={file.path} aria-label={file.path} className="mb-2">
          <h4 className="truncate text-n11 text-small" title={file.path}>
            {file.path}
            {file.whole && <span className="text-n10"> · {t('candidates.wholeFile')}</span>}
          </h4>
          <ul className="mt-0.5 flex flex-col gap-1">
            {file.hunks.map((hunk) => (
              <Piece key={hunk.n} job={job} file={file} hunk={hunk} chosen={chosen} />
            ))}
          </ul>
        </section>
      ))}
      <section aria-label={t('candidates.activity')} className="mt-3 border-n6 border-t pt-2">
        <Activity threadId={job.threadId} wordsOnly />
      </section>
    </div>
  )
}

function Piece(props: {
  readonly job: Job
  readonly file: CandidateFile
  readonly hunk: CandidateHunk
  readonly chosen: Chosen
}) {
  const { job, file, hunk, chosen } = props
  const t = useTranslate()
  const piece = { jobId: job.id, path: file.path, n: hunk.n }
  const on = chosen.has(piece)
  const lines = [
    ...hunk.removed.map((text) => ({ sign: '-', text })),
    ...hunk.added.map((text) => ({ sign: '+', text })),
  ]
  return (
    <li>
      <label
        className={cx(
          'flex overflow-hidden rounded-md border bg-n3 has-focus-visible:outline-2 has-focus-visible:outline-accent',
          on ? 'border-accent' : 'border-n6 hover:border-n8',
        )}
      >
        <span className="flex w-7 shrink-0 justify-center pt-1 pointer-coarse:w-11 pointer-coarse:pt-3">
          <input
            type="checkbox"
            checked={on}
            aria-label={t('candidates.piece', {
              path: file.path,
              line: hunk.startLine,
              n: job.candidate?.n ?? 0,
            })}
            onChange={() => chosen.toggle(piece)}
            className="size-3.5 accent-(--accent) outline-none"
          />
        </span>
        <pre className="min-w-0 flex-1 overflow-x-auto font-mono text-n12">
          {lines.slice(0, drawnLines).map(({ sign, text }, index) => (
            <span
              key={index}
              className={cx('block min-h-5 px-1', sign === '+' ? 'bg-added-soft' : 'bg-removed-soft')}
            >
              {sign}
              {text}
            </span>
          ))}
          {lines.length > drawnLines && <span className="block px-1 text-n10">…</span>}
        </pre>
      </label>
    </li>
  )
}
