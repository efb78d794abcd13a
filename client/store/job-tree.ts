import { candidatesOf } from '../../core/job/candidates.ts'
import { isSettled } from '../../core/job/ledger.ts'
import type { JobId } from '../../core/protocol/ids.ts'
import type { Job } from '../../core/protocol/job.ts'

/** A line of the list of jobs. */
export interface JobTreeRow {
  readonly job: Job
  /** How far it is indented. */
  readonly depth: number
  readonly agents: number
  /** Whether its agents are shown under it. */
  readonly isOpen: boolean
}

/** There is nothing to draw anew. */
export function isSameRow(a: JobTreeRow, b: JobTreeRow): boolean {
  return a.job === b.job && a.depth === b.depth && a.agents === b.agents && a.isOpen === b.isOpen
}

/** People's own choices of what is folded; what was never touched is open while it works. */
export type Folds = ReadonlyMap<JobId, boolean>

/** Jobs as a tree: the newest first, those that want something above the others, agents under the job they work for. */
export function jobTree(jobs: readonly Job[], query: string, folds: Folds): readonly JobTreeRow[] {
  const words = query.trim().toLowerCase()
  const known = new Set(jobs.map(({ id }) => id))
  const fits = ({ title, task }: Job) => `${title} ${task}`.toLowerCase().includes(words)
  const leads = new Map(jobs.map((job) => [job, leadOf(job, jobs)]))
  const byLead = Map.groupBy(jobs, (job) => leads.get(job))
  const ownOf = ({ id }: Job) => (byLead.get(id) ?? []).toSorted((a, b) => a.createdAt - b.createdAt)
  const some = (job: Job, holds: (one: Job) => boolean): boolean =>
    holds(job) || ownOf(job).some((agent) => some(agent, holds))
  const roots = jobs.filter((job) => {
    const lead = leads.get(job)
    return (lead === undefined || !known.has(lead)) && (words === '' || some(job, fits))
  })
  const wants = (job: Job) => some(job, ({ state }) => state === 'needsInput')
  const rows: JobTreeRow[] = []
  const add = (job: Job, depth: number) => {
    const agents = ownOf(job)
    // What is looked for is shown wherever it is.
    const isOpen = agents.length > 0 && (words !== '' || (folds.get(job.id) ?? !isSettled(job)))
    rows.push({ job, depth, agents: agents.length, isOpen })
    if (isOpen) for (const agent of agents) add(agent, depth + 1)
  }
  for (const job of [...roots.filter(wants), ...roots.filter((root) => !wants(root))]) add(job, 0)
  return rows
}

/** The job it stands under: an agent, the one it works for; a candidate and their comparison, the first of them. */
function leadOf({ id, parentId, candidate, judges }: Job, jobs: readonly Job[]): JobId | undefined {
  if (parentId !== undefined) return parentId
  const group = candidate?.group ?? judges
  const first = group === undefined ? undefined : candidatesOf(group, jobs)[0]
  return first?.id === id ? undefined : first?.id
}
