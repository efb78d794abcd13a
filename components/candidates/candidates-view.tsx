import { GitCompare, Layers2, Sparkles, Trash2 } from 'lucide-react'
import { useEffect, useState } from 'react'
import { candidatesOf } from '../../core/job/candidates.ts'
import { isSettled } from '../../core/job/ledger.ts'
import type { CandidatesId } from '../../core/protocol/ids.ts'
import type { Job } from '../../core/protocol/job.ts'
import { Button } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { DialogFrame } from '../ui/dialog-frame.tsx'
import { Tooltip } from '../ui/tooltip.tsx'
import { Notices } from '../workbench/notices.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useMediaQuery } from '../workbench/use-media-query.ts'
import { useTranslate } from '../workbench/use-translate.ts'
import { CandidateColumn } from './candidate-column.tsx'
import { type Chosen, useChosen } from './use-chosen.ts'

/** Candidates side by side, over the workbench. */
export function CandidatesView() {
  const group = useWorkbench((state) => state.candidatesShown)
  return group ? <Shown key={group} group={group} /> : null
}

function Shown({ group }: { readonly group: CandidatesId }) {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const all = useWorkbench((state) => state.jobs)
  const jobs = candidatesOf(group, all)
  const judge = all.find(({ judges }) => judges === group)
  const narrow = useMediaQuery('(max-width: 640px)')
  const [shownN, setShownN] = useState(1)
  const chosen = useChosen()
  const close = () => store.getState().closeCandidates()
  const count = jobs.length
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isField(event.target)) return
      // What lies above keeps the keyboard.
      if (store.getState().shownPatch) return
      const job = candidatesOf(group, store.getState().jobs).find(
        ({ candidate }) => String(candidate?.n) === event.key,
      )
      if (!job) return
      event.preventDefault()
      void store.getState().pickCandidate(job.id)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [store, group])
  const columns = narrow ? jobs.filter(({ candidate }) => candidate?.n === shownN) : jobs
  return (
    <DialogFrame
      title={`${t('candidates.title')}: ${jobs[0]?.title ?? ''}`}
      closeLabel={t('keys.close')}
      onClose={close}
      className="top-[3vh] h-[94vh] w-[96vw] [&>div:last-child]:flex [&>div:last-child]:flex-col [&>div:last-child]:overflow-hidden [&>div:last-child]:p-0"
    >
      <Recommendation jobs={jobs} judge={judge} />
      {narrow && (
        <div role="tablist" aria-label={t('candidates.title')} className="flex shrink-0 border-n6 border-b">
          {jobs.map(({ id, candidate }) => {
            const n = candidate?.n ?? 0
            return (
              <button
                key={id}
                type="button"
                role="tab"
                aria-selected={n === shownN}
                onClick={() => setShownN(n)}
                className={cx(
                  'h-11 flex-1 border-b-2',
                  n === shownN ? 'border-accent text-n12' : 'border-transparent text-n10',
                )}
              >
                {t('candidates.nth', { n })}
              </button>
            )
          })}
        </div>
      )}
      <div
        className="grid min-h-0 flex-1 gap-px bg-n6"
        style={{ gridTemplateColumns: `repeat(${columns.length}, minmax(0, 1fr))` }}
      >
        {columns.map((job) => (
          <CandidateColumn
            key={job.id}
            job={job}
            recommended={judge?.recommendation?.n === job.candidate?.n && judge !== undefined}
            chosen={chosen}
          />
        ))}
      </div>
      <Actions group={group} jobs={jobs} chosen={chosen} />
      <p className="sr-only">{t('candidates.keys', { count })}</p>
      <Notices className="absolute bottom-14 left-4 z-10 max-w-[calc(100%-32px)]!" />
    </DialogFrame>
  )
}

function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target instanceof HTMLTextAreaElement ||
      (target instanceof HTMLInputElement && target.type !== 'checkbox'))
  )
}

/** What the deep tier says, when it was asked. */
function Recommendation(props: { readonly jobs: readonly Job[]; readonly judge: Job | undefined }) {
  const t = useTranslate()
  const { judge } = props
  if (!judge || judge.outcome !== undefined) return null
  const { recommendation } = judge
  if (!recommendation && isSettled(judge)) return null
  return (
    <p role="status" className="flex shrink-0 items-start gap-2 border-n6 border-b bg-n4 px-4 py-2 text-n12">
      <Sparkles size={14} aria-hidden className="mt-0.75 shrink-0 text-n10" />
      <span className="min-w-0 break-words">
        {recommendation ? (
          <>
            <span className="font-strong">{t('candidates.recommends', { n: recommendation.n })}</span>
            {`: ${recommendation.reason}`}
          </>
        ) : (
          t('candidates.comparing')
        )}
      </span>
    </p>
  )
}

function Actions(props: {
  readonly group: CandidatesId
  readonly jobs: readonly Job[]
  readonly chosen: Chosen
}) {
  const { group, jobs, chosen } = props
  const t = useTranslate()
  const store = useWorkbenchStore()
  const pairs = jobs.flatMap((a, index) => jobs.slice(index + 1).map((b) => ({ a, b })))
  const settled = jobs.every(isSettled)
  const left = jobs.filter(({ outcome }) => outcome === undefined)
  return (
    <footer className="flex shrink-0 flex-wrap items-center gap-1.5 border-n6 border-t px-4 py-2">
      {pairs.map(({ a, b }) => {
        const names = { a: a.candidate?.n ?? 0, b: b.candidate?.n ?? 0 }
        return (
          <Button
            key={`${names.a} ${names.b}`}
            look="quiet"
            aria-label={t('candidates.compare', names)}
            disabled={a.files.length + b.files.length === 0}
            onClick={() => void store.getState().compareCandidates([a.id, b.id])}
          >
            <GitCompare size={13} aria-hidden />
            <span className="tabular">{t('candidates.pair', names)}</span>
          </Button>
        )
      })}
      <span className="flex-1" />
      {settled && left.length > 0 && (
        <Button look="quiet" onClick={() => void store.getState().dismissCandidates(group)}>
          <Trash2 size={13} aria-hidden />
          {t('candidates.dismiss')}
        </Button>
      )}
      {left.length > 0 && (
        <Tooltip label={t('candidates.mixHelp')} side="top">
          <Button
            look="primary"
            disabled={chosen.count === 0}
            onClick={() => void store.getState().mixCandidates(chosen.picks())}
          >
            <Layers2 size={13} aria-hidden />
            {chosen.count === 0 ? t('candidates.mixNone') : t('candidates.mix', { count: chosen.count })}
          </Button>
        </Tooltip>
      )}
    </footer>
  )
}
