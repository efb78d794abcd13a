import { expect, test } from 'vitest'
import { turnIdSchema } from '../protocol/ids.ts'
import { limits } from '../protocol/limits.ts'
import { begunJob, freshJob } from '../testing/begun-job.ts'
import {
  afterRestart,
  answered,
  asMuchAgain,
  certain,
  committed,
  failed,
  inDoubt,
  intend,
  type JobRecord,
  needing,
  newRecord,
  spentOf,
  unparked,
  waiting,
  waitsAside,
  withPause,
  withState,
} from './ledger.ts'

const turnId = turnIdSchema.parse('trn_1')
const ask = (record: JobRecord, request: number, fence = 1) =>
  intend(record, { fence, turnId, request, at: 10 })

test('[JOB-1] a step is asked, answered and committed, and the next one counts on', () => {
  const first = ask(begunJob(), 0)
  expect(first).toMatchObject({ do: 'ask', record: { step: { n: 1, attempt: 1, state: 'intent' } } })
  const done = committed(answered(first.record), 'c1')
  expect(done).toMatchObject({ head: 'c1', step: undefined, job: { used: { steps: 1 } } })
  expect(ask(done, 1).record.step).toMatchObject({ n: 2, request: 1 })
})

test('[JOB-2] an answer that is kept is not asked for again, by whoever claims the job', () => {
  const { record } = ask(begunJob(), 0)
  expect(ask(record, 0, 2).do).toBe('ask')
  expect(ask(answered(record), 0, 2)).toMatchObject({ do: 'replay', record: { step: { n: 1, attempt: 2 } } })
})

test('[JOB-3] each claim that takes a step up is an attempt, and after the last it is parked until a person wants it again', () => {
  let { record } = ask(begunJob(), 0)
  // The same claim asks again when the model was overloaded: that is no attempt.
  record = ask(record, 0).record
  for (let fence = 2; fence <= limits.stepAttempts; fence++) record = ask(record, 0, fence).record
  const parked = ask(record, 0, 9)
  expect(parked).toMatchObject({
    do: 'park',
    record: { job: { parked: true, problem: expect.stringContaining('Step 1') } },
  })
  expect(ask(unparked(parked.record), 0, 10)).toMatchObject({
    do: 'ask',
    record: { job: { state: 'running' } },
  })
})

test('[JOB-4] the clock of a job runs while it works and stands while it waits for people', () => {
  const running = withState(freshJob, 'running', 1000)
  const asking = needing(running, { kind: 'answer', question: '?' }, 4000)
  expect(asking).toMatchObject({ state: 'needsInput', used: { ms: 3000 } })
  expect(asking.runningSince).toBeUndefined()
  const again = withState(asking, 'running', 60_000)
  expect(again.needs).toBeUndefined()
  const paused = withPause(again, true, 61_000)
  expect(paused).toMatchObject({ state: 'running', paused: true, used: { ms: 4000 } })
  expect(withState(withPause(paused, false, 90_000), 'done', 91_000)).toMatchObject({
    used: { ms: 5000 },
    settledAt: 91_000,
  })
})

test('[JOB-5] a budget is spent by steps, tokens and time at work', () => {
  const running = withState(freshJob, 'running', 0)
  expect(spentOf(running, 1000)).toBeUndefined()
  expect(spentOf(running, 120_000)).toBe('minutes')
  expect(spentOf({ ...running, used: { steps: 3, tokens: 0, ms: 0 } }, 0)).toBe('steps')
  expect(spentOf({ ...running, used: { steps: 0, tokens: 100, ms: 0 } }, 0)).toBe('tokens')
})

test('[JOB-6] a server that finds a job knows whether to begin it, do its step again, go on or leave it', () => {
  expect(afterRestart(newRecord(freshJob))).toBe('begin')
  expect(afterRestart(begunJob())).toBe('goOn')
  expect(afterRestart(ask(begunJob(), 0).record)).toBe('again')
  expect(afterRestart({ ...begunJob(), job: failed(freshJob, 'why', 1) })).toBe('nothing')
})

test('[JOB-80] a job that asks what became of an effect stands aside, and afterwards as it did', () => {
  const over = failed(freshJob, 'why', 7)
  const asking = inDoubt(over, 'eff_1', 'gone')
  expect([asking.state, waitsAside(asking), asking.settledAt]).toEqual(['needsInput', true, 7])
  expect(afterRestart({ ...begunJob(), job: asking })).toBe('nothing')
  expect(certain(asking)).toEqual(over)
  const other = needing(freshJob, { kind: 'answer', question: '?' }, 1)
  expect(certain(other)).toEqual(other)
})

test('[JOB-81] a job waits for a model that cannot be had longer and longer, more than six hours in all, and then no more', () => {
  let record = begunJob()
  let at = 0
  for (let nth = 0; nth < limits.jobAwayTimes; nth++) {
    const next = waiting(record, { detail: 'gone', at, firstMs: limits.jobAwayMs })
    expect(next?.job).toMatchObject({ state: 'queued', waits: { detail: 'gone' } })
    const { until } = next?.job.waits ?? { until: 0 }
    expect(until - at).toBe(Math.min(limits.jobAwayCeilingMs, limits.jobAwayMs * 2 ** nth))
    at = until
    if (next) record = { ...next, job: withState(next.job, 'running', at) }
    expect(record.job.waits).toBeUndefined()
  }
  expect(at).toBeGreaterThan(6 * 3_600_000)
  expect(waiting(record, { detail: 'gone', at, firstMs: limits.jobAwayMs })).toBeUndefined()
  // An answer ends it.
  expect(answered(record).away).toBeUndefined()
})

test('[RJOB-138] what a job is given again is more than it took, whatever its last answer cost, and within what may be asked for', () => {
  const budget = { ...freshJob.budget, steps: 1500, tokens: 100, minutes: 10, cost: 10_000 }
  const used = { steps: 3, tokens: 350, ms: 60_000, cost: 34_800 }
  const given = { ...freshJob, budget: asMuchAgain({ ...freshJob, budget }, used), used }
  expect(given.budget).toEqual({ steps: 2000, tokens: 450, minutes: 20, cost: 44_800 })
  expect(spentOf(given, 0)).toBeUndefined()
})
