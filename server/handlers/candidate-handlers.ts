import type { Candidates } from '../jobs/candidates.ts'
import type { Handlers } from '../relay/router.ts'

type CandidateMethod = Extract<keyof Handlers, `candidate/${string}`>

export function createCandidateHandlers(candidates: Candidates): Pick<Handlers, CandidateMethod> {
  return {
    async 'candidate/start'(asked) {
      return { jobs: [...(await candidates.start(asked))] }
    },
    async 'candidate/pick'({ jobId }) {
      return { job: await candidates.pick(jobId) }
    },
    async 'candidate/compare'({ jobId, withId }) {
      return { patch: await candidates.compare(jobId, withId) }
    },
    async 'candidate/hunks'({ jobId }) {
      return { files: [...(await candidates.hunks(jobId))] }
    },
    async 'candidate/mix'({ picks }) {
      return { job: await candidates.mix(picks) }
    },
    async 'candidate/dismiss'({ group }) {
      await candidates.dismiss(group)
      return {}
    },
  }
}
