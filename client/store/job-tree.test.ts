import { expect, test } from 'vitest'
import { jobIdSchema } from '../../core/protocol/ids.ts'
import type { Job, JobState } from '../../core/protocol/job.ts'
import { isSameRow, jobTree } from './job-tree.ts'

const id = (name: string) => jobIdSchema.parse(`job_${name}`)
const job = (name: string, state: JobState, parent?: string) =>
  ({
    id: id(name),
    ...(parent !== undefined && { parentId: id(parent) }),
    title: name,
    task: `task of ${name}`,
    state,
    createdAt: 0,
  }) as Job

const jobs = [
  job('new', 'running'),
  job('agent1', 'done', 'new'),
  job('agent2', 'running', 'new'),
  job('deep', 'running', 'agent2'),
  job('old', 'done'),
  job('past', 'done', 'old'),
  job('asks', 'needsInput'),
]
const shown = (query = '', folds = new Map()) =>
  jobTree(jobs, query, folds).map(({ job: { title }, depth }) => `${'  '.repeat(depth)}${title}`)

test('[AGENT-12] the list shows agents under the job they work for while it works, and folded when it has ended', () => {
  expect(shown()).toEqual(['asks', 'new', '  agent1', '  agent2', '    deep', 'old'])
})

test('[AGENT-12] people fold as they like, and what they look for is shown wherever it is', () => {
  const folds = new Map([
    [id('new'), false],
    [id('old'), true],
  ])
  expect(shown('', folds)).toEqual(['asks', 'new', 'old', '  past'])
  expect(shown('past', folds)).toEqual(['old', '  past'])
})

test('[FRAME-26] news of one job has its row drawn anew, and those of its lead and agents when they change', () => {
  const before = jobTree(jobs, '', new Map())
  const changed = (news: Job) => {
    const after = jobTree(
      jobs.map((one) => (one.id === news.id ? news : one)),
      '',
      new Map(),
    )
    return after
      .filter((row) => !before.some((other) => isSameRow(row, other)))
      .map(({ job: { title } }) => title)
  }
  expect(changed(job('deep', 'running', 'agent2'))).toEqual(['deep'])
  expect(changed(job('new', 'done'))).toEqual(['new'])
  expect(changed(job('old', 'running'))).toEqual(['old', 'past'])
})
