import type { JobId } from '../protocol/ids.ts'
import type { Job } from '../protocol/job.ts'

type FindJob = (id: JobId) => Job | undefined

/** The jobs it is an agent of, the nearest first. */
export function above(job: Job, find: FindJob): readonly Job[] {
  const all: Job[] = []
  for (let id = job.parentId; id !== undefined; id = all.at(-1)?.parentId) {
    const parent = find(id)
    if (!parent || all.includes(parent)) break
    all.push(parent)
  }
  return all
}

/** Its agents and theirs, each after the one it belongs to; those of one job in the order they were started in. */
export function below(id: JobId, jobs: readonly Job[]): readonly Job[] {
  return agentsOf(id, jobs).flatMap((agent) => [agent, ...below(agent.id, jobs)])
}

export function agentsOf(id: JobId, jobs: readonly Job[]): readonly Job[] {
  return jobs.filter(({ parentId }) => parentId === id).toSorted((a, b) => a.createdAt - b.createdAt)
}

/** What it and its agents have used. Their time is no more than what it waits for them. */
export function usedInAll(job: Job, jobs: readonly Job[]): Job['used'] {
  const all = [job, ...below(job.id, jobs)].map(({ used }) => used)
  const steps = all.reduce((sum, used) => sum + used.steps, 0)
  const tokens = all.reduce((sum, used) => sum + used.tokens, 0)
  const copies = all.flatMap(({ diskMb }) => diskMb ?? [])
  const priced = all.flatMap(({ cost }) => cost ?? [])
  return {
    ...job.used,
    steps,
    tokens,
    ...(priced.length > 0 && { cost: priced.reduce((sum, cost) => sum + cost, 0) }),
    ...(copies.length > 0 && { diskMb: copies.reduce((sum, mb) => sum + mb, 0) }),
    ...(all.some(({ unpriced }) => unpriced) && { unpriced: true }),
  }
}
