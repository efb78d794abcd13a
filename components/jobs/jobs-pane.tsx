import { useVirtualizer } from '@tanstack/react-virtual'
import { Layers, ShieldCheck } from 'lucide-react'
import { useCallback, useMemo, useRef, useState } from 'react'
import { type Folds, type JobTreeRow, jobTree } from '../../client/store/job-tree.ts'
import type { JobId } from '../../core/protocol/ids.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { JobApprovals } from './job-approvals.tsx'
import { inState, JobFilter, noFilter } from './job-filter.tsx'
import { JobRow } from './job-row.tsx'
import { LastingDialog } from './lasting-dialog.tsx'
import { OutsideButton } from './outside-button.tsx'
import { ScheduleList } from './schedule-list.tsx'
import { useTaskDrop } from './use-task-drop.ts'

const rowHeight = 52
/** With fewer nobody looks for one. */
const filteredFrom = 6

/** All jobs of the workspace as a tree: agents stand under the job they work for. */
export function JobsPane() {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const jobs = useWorkbench((state) => state.jobs)
  const loaded = useWorkbench((state) => state.jobsLoaded)
  const [filter, setFilter] = useState(noFilter)
  const { over, dropProps } = useTaskDrop()
  const isTaken = useWorkbench((state) => state.taskOver) || over
  const [folds, setFolds] = useState<Folds>(new Map())
  const shown = useMemo(
    () => jobTree(inState(jobs, filter.state), filter.query, folds),
    [jobs, filter, folds],
  )
  const fold = useCallback(
    (id: JobId, isOpen: boolean) => setFolds((known) => new Map(known).set(id, isOpen)),
    [],
  )
  return (
    <section
      aria-label={t('jobs.title')}
      {...dropProps}
      className={cx(
        'relative flex min-h-0 flex-1 flex-col',
        isTaken && 'bg-accent-soft outline-2 outline-accent -outline-offset-2',
      )}
    >
      <header className="toolbar-h flex shrink-0 items-center pr-1.5 pl-3">
        <h2 className="flex-1 font-strong text-n11">{t('jobs.title')}</h2>
        <IconButton label={t('lasting.show')} onClick={() => void store.getState().showLasting()}>
          <ShieldCheck size={14} aria-hidden />
        </IconButton>
        <OutsideButton />
      </header>
      <ScheduleList />
      {jobs.length >= filteredFrom && <JobFilter value={filter} onChange={setFilter} />}
      {loaded && jobs.length === 0 && <NoJobs />}
      {jobs.length > 0 && shown.length === 0 && (
        <p className="flex items-center gap-1.5 px-3 text-n10">
          <span className="flex-1">{t('jobs.noneFits')}</span>
          <Button look="quiet" onClick={() => setFilter(noFilter)}>
            {t('jobs.showAll')}
          </Button>
        </p>
      )}
      <JobApprovals jobs={jobs} />
      <JobList rows={shown} onFold={fold} />
      <LastingDialog />
      {isTaken && (
        <p className="pop pointer-events-none absolute inset-x-3 top-10 z-10 flex items-center gap-2 px-3 py-2 text-n12">
          <Layers size={14} aria-hidden className="shrink-0 text-accent" />
          {t('jobs.dropHere')}
        </p>
      )}
    </section>
  )
}

function JobList(props: {
  readonly rows: readonly JobTreeRow[]
  readonly onFold: (id: JobId, isOpen: boolean) => void
}) {
  const { rows: jobs, onFold } = props
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: jobs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    getItemKey: (index) => jobs[index]?.job.id ?? index,
  })
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto px-1.5 pb-2">
      <ul className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, key, start }) => {
          const row = jobs[index]
          return (
            row && (
              <div
                key={key}
                role="presentation"
                className="absolute inset-x-0 h-13"
                style={{ transform: `translateY(${start}px)` }}
              >
                <JobRow row={row} onFold={onFold} />
              </div>
            )
          )
        })}
      </ul>
    </div>
  )
}

/** What a job is, and things to try that work when clicked. */
function NoJobs() {
  const t = useTranslate()
  const store = useWorkbenchStore()
  return (
    <div className="px-3 text-n10">
      <p>{t('jobs.empty')}</p>
      <p className="mt-2">{t('jobs.emptyHow')}</p>
      <ul className="mt-2 flex flex-col gap-1">
        {(['jobs.try1', 'jobs.try2', 'jobs.try3'] as const).map((key) => (
          <li key={key}>
            <button
              type="button"
              onClick={() => void store.getState().handOff(t(key))}
              className="w-full rounded-md border border-n6 bg-n3 px-2.5 py-1.5 text-left text-n11 transition-colors hover:bg-n4 hover:text-n12"
            >
              {t(key)}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
