import { expect, test } from 'vitest'
import { type JobId, jobIdSchema } from '../protocol/ids.ts'
import type { Job } from '../protocol/job.ts'
import { above, below, usedInAll } from './agents.ts'

const id = (name: string): JobId => jobIdSchema.parse(`job_${name}`)

function job(name: string, parent?: string): Job {
  const used = { steps: 1, tokens: 10, cost: 5, ms: 1000 }
  const parentId = parent === undefined ? {} : { parentId: id(parent) }
  return { id: id(name), ...parentId, used, createdAt: Number(name.slice(1)) } as Job
}

const jobs = [job('a4', 'a2'), job('a3', 'a1'), job('a2', 'a1'), job('a1'), job('a9')]
const find = (wanted: JobId) => jobs.find((one) => one.id === wanted)

test('[AGENT-1] agents stand below the job they work for, those of one job in the order they were started in', () => {
  expect(below(id('a1'), jobs).map((one) => one.id)).toEqual([id('a2'), id('a4'), id('a3')])
  expect(below(id('a9'), jobs)).toEqual([])
  const [deepest] = jobs
  expect(deepest && above(deepest, find).map((one) => one.id)).toEqual([id('a2'), id('a1')])
})

test('[AGENT-2] what agents use is used by the job they work for, but for their time', () => {
  expect(usedInAll(find(id('a1')) ?? never(), jobs)).toEqual({ steps: 4, tokens: 40, cost: 20, ms: 1000 })
})

function never(): never {
  throw new Error('there is no such job')
}
