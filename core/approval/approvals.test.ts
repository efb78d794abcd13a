import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Approval,
  type ApprovalAnswer,
  type ApprovalEvent,
  type ApprovalId,
  approvalIdSchema,
} from '../protocol/approval.ts'
import { threadIdSchema, turnIdSchema, workspaceIdSchema } from '../protocol/ids.ts'
import { limits } from '../protocol/limits.ts'
import { guestEvent, guestThread } from '../state/guest-view.ts'
import { reduceThread } from '../state/thread-reducer.ts'
import { type Approvals, openApprovals, permission, reduceApprovals } from './approvals.ts'

const [one, other] = ['a'.repeat(64), 'b'.repeat(64)]
const id = (name: string) => approvalIdSchema.parse(`apr_${name}`)
const fold = (...events: ApprovalEvent[]) => events.reduce<Approvals>(reduceApprovals, [])
const turnId = turnIdSchema.parse('trn_1')
const bounds = { folder: '/w', place: 'copy' as const, sandboxed: true, hosts: [] as string[] }
const wanted = (hash: string) => ({ ...bounds, hash })
const question = (approvalId: ApprovalId, hash: string): Approval => ({
  id: approvalId,
  hash,
  turnId,
  callId: 'call_1',
  command: 'ls',
  ...bounds,
  offered: ['once', 'thread', 'all', 'deny'],
  askedAt: 1,
})
const asked: ApprovalEvent = { type: 'approval/asked', approval: question(id('1'), one) }
const answered = (answer: ApprovalAnswer, hash = one): ApprovalEvent => ({
  type: 'approval/answered',
  approvalId: id('1'),
  hash,
  answer,
})
const used: ApprovalEvent = { type: 'approval/used', approvalId: id('1'), hash: one }
const withdrawn: ApprovalEvent = { type: 'approval/withdrawn', approvalId: id('1') }

test('[APPROVE-7] a question is open until it is answered or nobody waits for it, and the first answer counts', () => {
  expect(openApprovals(fold(asked))).toHaveLength(1)
  expect(openApprovals(fold(asked, answered('once')))).toEqual([])
  expect(openApprovals(fold(asked, withdrawn))).toEqual([])
  expect(permission(fold(asked, answered('deny'), answered('once')), wanted(one))).toBeUndefined()
  expect(permission(fold(asked, withdrawn, answered('once')), wanted(one))).toBeUndefined()
})

test('[APPROVE-8] a yes lets exactly what was shown run: once, or again in the thread', () => {
  expect(permission(fold(asked), wanted(one))).toBeUndefined()
  expect(permission(fold(asked, answered('once')), wanted(one))).toEqual({ by: 'once', id: id('1') })
  expect(permission(fold(asked, answered('once')), wanted(other))).toBeUndefined()
  expect(permission(fold(asked, answered('once', other)), wanted(one))).toBeUndefined()
  expect(permission(fold(asked, answered('once'), used), wanted(one))).toBeUndefined()
  expect(permission(fold(asked, answered('thread'), used), wanted(one))).toEqual({ by: 'thread' })
  expect(permission(fold(asked, answered('thread'), used), wanted(other))).toBeUndefined()
})

test('[APPROVE-8] whatever happens in whatever order, nothing runs more often than it was said yes to', () => {
  const [ids, hashes] = [fc.constantFrom(id('1'), id('2')), fc.constantFrom(one, other)]
  const event: fc.Arbitrary<ApprovalEvent> = fc.oneof(
    fc
      .tuple(ids, hashes)
      .map(([name, hash]) => ({ type: 'approval/asked' as const, approval: question(name, hash) })),
    fc.record({
      type: fc.constant('approval/answered' as const),
      approvalId: ids,
      hash: hashes,
      answer: fc.constantFrom('once' as const, 'deny' as const),
    }),
    fc.record({ type: fc.constant('approval/withdrawn' as const), approvalId: ids }),
  )
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), (events) => {
      let approvals: Approvals = []
      const runs: string[] = []
      for (const next of events) {
        approvals = reduceApprovals(approvals, next)
        for (const hash of [one, other]) {
          const may = permission(approvals, wanted(hash))
          if (may?.by !== 'once') continue
          runs.push(hash)
          approvals = reduceApprovals(approvals, { type: 'approval/used', approvalId: may.id, hash })
        }
      }
      for (const hash of [one, other]) {
        const yes = events.filter(
          (next) => next.type === 'approval/answered' && next.answer === 'once' && next.hash === hash,
        )
        expect(runs.filter((ran) => ran === hash).length).toBeLessThanOrEqual(Math.min(2, yes.length))
      }
    }),
  )
})

test('[APPROVE-7] what is over is forgotten in time, a yes that reaches further is not', () => {
  let approvals = fold(asked, answered('thread'), used)
  for (let n = 0; n < limits.keptApprovals + 10; n++) {
    const name = id(`n${n}`)
    approvals = reduceApprovals(approvals, { type: 'approval/asked', approval: question(name, other) })
    approvals = reduceApprovals(approvals, { type: 'approval/withdrawn', approvalId: name })
  }
  expect(approvals).toHaveLength(limits.keptApprovals)
  expect(permission(approvals, wanted(one))).toEqual({ by: 'thread' })
})

test('[APPROVE-10] a yes to whatever a job runs holds within the bounds it was given for, and only an answer that was offered counts', () => {
  const all = fold(asked, answered('all'), used)
  expect(permission(all, wanted(other))).toEqual({ by: 'thread' })
  for (const changed of [
    { sandboxed: false },
    { folder: '/x' },
    { place: 'workspace' as const },
    { hosts: ['a.test'] },
  ])
    expect(permission(all, { ...wanted(other), ...changed })).toBeUndefined()
  expect(permission(fold(asked, answered('all')), wanted(other))).toBeUndefined()
  expect(permission(fold(asked, answered('always')), wanted(one))).toBeUndefined()
  expect(openApprovals(fold(asked, answered('always')))).toHaveLength(1)
})

test('[APPROVE-11] guests see neither questions nor answers, and no event about them', () => {
  const created = reduceThread(undefined, {
    type: 'thread/created',
    id: threadIdSchema.parse('thr_1'),
    workspaceId: workspaceIdSchema.parse('wsp_1'),
    title: '',
    modelId: 'm',
    mode: 'live',
    at: 1,
  })
  const events = [asked, answered('thread'), used, withdrawn]
  const thread = events.reduce(reduceThread, created)
  expect(thread.approvals).toHaveLength(1)
  expect(guestThread(thread)).not.toHaveProperty('approvals')
  for (const event of events) expect(guestEvent(event, thread)).toBeUndefined()
})
