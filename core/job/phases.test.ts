import { expect, test } from 'vitest'
import { turnIdSchema } from '../protocol/ids.ts'
import { limits } from '../protocol/limits.ts'
import { begunJob, freshJob } from '../testing/begun-job.ts'
import { afterRestart, spentOf, waitsAside, withState } from './ledger.ts'
import { checked, decided, planSteps, proposed } from './phases.ts'

const after = turnIdSchema.parse('trn_1')

test('[JOB-41] a job that shall plan first waits with its plan, works by it after a yes, and thinks again after words', () => {
  const waiting = proposed(
    begunJob({ planFirst: true }),
    'Like this:\n1. Look\n2) Change `a`\n\n- and so on',
    5,
  )
  expect(waiting.job).toMatchObject({
    state: 'needsInput',
    needs: { kind: 'plan' },
    plan: [
      { text: 'Look', done: false },
      { text: 'Change a', done: false },
    ],
  })
  expect([waitsAside(waiting.job), afterRestart(waiting)]).toEqual([true, 'nothing'])
  const yes = decided(waiting, { accept: true, text: 'Go.', after, at: 9 })
  expect(yes).toMatchObject({ next: { text: 'Go.', after }, job: { state: 'queued' } })
  expect(yes.job.planFirst).toBeUndefined()
  expect(yes.job.needs).toBeUndefined()
  const no = decided(waiting, { accept: false, text: 'Smaller.', after, at: 9 })
  expect(no.job).toMatchObject({ state: 'queued', planFirst: true })
})

test('[JOB-42] the steps of a plan are its numbered lines, as many and as long as a plan may have', () => {
  expect(planSteps('No list here.\n- a\n* b')).toEqual([])
  expect(planSteps('1、看\n2. **改** _这里_').map(({ text }) => text)).toEqual(['看', '改 这里'])
  const long = Array.from({ length: 80 }, (_, n) => `${n + 1}. ${'x'.repeat(500)}`).join('\n')
  expect(planSteps(long)).toHaveLength(limits.jobPlanSteps)
  expect(planSteps(long)[0]?.text).toHaveLength(limits.jobPlanChars)
})

test('[JOB-43] a goal that fails is what the job goes on with, until it passes or nothing changes any more', () => {
  const record = begunJob({ goal: { command: 'npm test', checks: 0 } })
  const fails = { ok: false, text: 'It fails.', at: 3 }
  const first = checked(record, after, { ...fails, head: 'h1' })
  expect(first).toMatchObject({
    outcome: 'again',
    record: { next: { text: 'It fails.', after }, job: { goal: { checks: 1, met: false } } },
  })
  const second = checked(first.record, after, { ...fails, head: 'h2' })
  expect(second.outcome).toBe('again')
  const third = checked(second.record, after, { ...fails, head: 'h2' })
  // A person who wants it tried again gives the job what the command said.
  expect(third).toMatchObject({ outcome: 'stuck', record: { next: { text: 'It fails.' } } })
  expect(checked(second.record, after, { ok: true, text: 'ok', head: 'h2', at: 4 })).toMatchObject({
    outcome: 'met',
    record: { job: { goal: { checks: 3, met: true } } },
  })
})

test('[JOB-44] money is one more thing a budget can have no more of', () => {
  const running = withState({ ...freshJob, budget: { ...freshJob.budget, cost: 500 } }, 'running', 0)
  expect(spentOf(running, 1)).toBeUndefined()
  expect(spentOf({ ...running, used: { ...running.used, cost: 500 } }, 1)).toBe('cost')
})
