import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type ApprovalEvent,
  type Approvals,
  approvalIdSchema,
  openApprovals,
  permission,
  reduceApprovals,
} from './approvals.ts'

const [one, other] = ['a'.repeat(64), 'b'.repeat(64)]
const id = (name: string) => approvalIdSchema.parse(`apr_${name}`)
const fold = (...events: ApprovalEvent[]) => events.reduce<Approvals>(reduceApprovals, [])
const asked: ApprovalEvent = { type: 'asked', id: id('1'), hash: one, at: 1 }
const answered = (answer: 'once' | 'thread' | 'always' | 'deny', hash = one): ApprovalEvent => ({
  type: 'answered',
  id: id('1'),
  hash,
  answer,
})
const used: ApprovalEvent = { type: 'used', id: id('1'), hash: one }

test('[APPROVE-7] a question is open until it is answered or nobody waits for it, and the first answer counts', () => {
  expect(openApprovals(fold(asked))).toHaveLength(1)
  expect(openApprovals(fold(asked, answered('once')))).toEqual([])
  expect(openApprovals(fold(asked, { type: 'withdrawn', id: id('1') }))).toEqual([])
  expect(permission(fold(asked, answered('deny'), answered('once')), one)).toBeUndefined()
  expect(permission(fold(asked, { type: 'withdrawn', id: id('1') }, answered('once')), one)).toBeUndefined()
})

test('[APPROVE-8] a yes lets exactly what was shown run: once, or again in the thread', () => {
  expect(permission(fold(asked), one)).toBeUndefined()
  expect(permission(fold(asked, answered('once')), one)).toEqual({ by: 'once', id: id('1') })
  expect(permission(fold(asked, answered('once')), other)).toBeUndefined()
  expect(permission(fold(asked, answered('once', other)), one)).toBeUndefined()
  expect(permission(fold(asked, answered('once'), used), one)).toBeUndefined()
  expect(permission(fold(asked, answered('thread'), used), one)).toEqual({ by: 'thread' })
  expect(permission(fold(asked, answered('thread'), used), other)).toBeUndefined()
})

test('[APPROVE-8] whatever happens in whatever order, nothing runs more often than it was said yes to', () => {
  const event = fc.oneof(
    fc.record({
      type: fc.constant('asked' as const),
      id: fc.constantFrom(id('1'), id('2')),
      hash: fc.constantFrom(one, other),
      at: fc.constant(1),
    }),
    fc.record({
      type: fc.constant('answered' as const),
      id: fc.constantFrom(id('1'), id('2')),
      hash: fc.constantFrom(one, other),
      answer: fc.constantFrom('once' as const, 'deny' as const),
    }),
    fc.record({ type: fc.constant('withdrawn' as const), id: fc.constantFrom(id('1'), id('2')) }),
  )
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), (events) => {
      let approvals: Approvals = []
      const runs = { [one]: 0, [other]: 0 }
      for (const next of events) {
        approvals = reduceApprovals(approvals, next)
        for (const hash of [one, other]) {
          const may = permission(approvals, hash)
          if (may?.by !== 'once') continue
          runs[hash] = (runs[hash] ?? 0) + 1
          approvals = reduceApprovals(approvals, { type: 'used', id: may.id, hash })
        }
      }
      for (const hash of [one, other]) {
        const yes = events.filter(
          (next) => next.type === 'answered' && next.answer === 'once' && next.hash === hash,
        )
        expect(runs[hash]).toBeLessThanOrEqual(Math.min(2, yes.length))
      }
    }),
  )
})
