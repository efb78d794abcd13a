import type { Jobs } from '../jobs/jobs.ts'
import type { Handlers } from '../relay/router.ts'

type JobMethod = Extract<keyof Handlers, `job/${string}`>

export function createJobHandlers(jobs: Jobs): Pick<Handlers, JobMethod> {
  return {
    'job/list': ({ workspaceId }) => ({ jobs: jobs.list(workspaceId) }),
    async 'job/start'(handOff) {
      return { job: await jobs.start(handOff) }
    },
    async 'job/pause'({ jobId, paused }) {
      await jobs.run(jobId).waits.pause(paused)
      return {}
    },
    async 'job/stop'({ jobId }) {
      await jobs.run(jobId).stop()
      return {}
    },
    async 'job/retry'({ jobId }) {
      await jobs.retry(jobId)
      return {}
    },
    async 'job/answer'({ jobId, text }) {
      await jobs.run(jobId).waits.reply(text)
      return {}
    },
    async 'job/decidePlan'({ jobId, ...decision }) {
      await jobs.decidePlan(jobId, decision)
      return {}
    },
    async 'job/extend'({ jobId, budget }) {
      await jobs.run(jobId).waits.extend(budget)
      return {}
    },
    async 'job/patch'({ jobId }) {
      return { patch: await jobs.patch(jobId) }
    },
    'job/artefacts': ({ jobId }) => jobs.artefacts(jobId),
    'job/artefact': ({ jobId, path }) => jobs.copies.artefacts.read(jobs.run(jobId).job, path),
    async 'job/apply'({ jobId, threadId }) {
      return { job: await jobs.outcomes.apply(jobId, threadId) }
    },
    async 'job/resolve'({ jobId, take, ...place }) {
      return { job: await jobs.outcomes.resolve(jobId, place, take) }
    },
    async 'job/commit'({ jobId, message, ...how }) {
      return { job: await jobs.outcomes.commit(jobId, message, how) }
    },
    async 'job/unmerge'({ jobId }) {
      return { job: await jobs.outcomes.unmerge(jobId) }
    },
    async 'job/openRequest'({ jobId, ...request }) {
      await jobs.requests.open(jobId, request)
      return {}
    },
    async 'job/settleEffect'({ jobId, decision }) {
      await jobs.requests.decide(jobId, decision)
      return {}
    },
    async 'job/remove'({ jobId }) {
      await jobs.remove(jobId)
      return {}
    },
    async 'job/discard'({ jobId, discarded }) {
      await jobs.outcomes.discard(jobId, discarded)
      return {}
    },
  }
}
