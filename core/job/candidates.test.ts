import fc from 'fast-check'
import { expect, test } from 'vitest'
import { candidatesIdSchema } from '../protocol/ids.ts'
import type { Job } from '../protocol/job.ts'
import { hunksOf, judgeTask, mixed, wantsJudge } from './candidates.ts'

const before = 'one\ntwo\nthree\nfour\nfive\nsix\n'

test('[CANDIDATE-1] a text has exactly the pieces of several candidates that were chosen', () => {
  const first = hunksOf(before, 'ONE\ntwo\nthree\nfour\nfive\nSIX\nseven\n')
  const second = hunksOf(before, 'zero\nuno\ntwo\nfour\nfive\nsix\n')
  expect(first).toEqual([
    { n: 0, startLine: 1, removed: ['one'], added: ['ONE'] },
    { n: 1, startLine: 6, removed: ['six'], added: ['SIX', 'seven'] },
  ])
  const [one, last] = first
  const [zero, gone] = second
  if (!one || !last || !zero || !gone) throw new Error('there are four pieces')
  expect(mixed(before, [last, gone])).toBe('one\ntwo\nfour\nfive\nSIX\nseven\n')
  expect(mixed(before, [zero, last])).toBe('zero\nuno\ntwo\nthree\nfour\nfive\nSIX\nseven\n')
  // Both have the first line otherwise.
  expect(mixed(before, [one, zero])).toBeUndefined()
  // Both came to the same.
  expect(mixed(before, [one, one])).toBe('ONE\ntwo\nthree\nfour\nfive\nsix\n')
})

const text = fc
  .array(fc.constantFrom('a', 'b', 'c', '', '}'), { maxLength: 30 })
  .map((lines) => lines.map((line) => `${line}\n`).join(''))

test('[CANDIDATE-1] all pieces make the whole, none leave what was', () => {
  fc.assert(
    fc.property(text, text, (was, now) => {
      expect(mixed(was, [])).toBe(was)
      expect(mixed(was, hunksOf(was, now))).toBe(now)
    }),
  )
})

const group = candidatesIdSchema.parse('cnd_1')
const job = (n: number, more: Partial<Job>) =>
  ({
    candidate: { group, n, of: 2, strategy: 'plain', judge: true },
    state: 'done',
    files: [{ path: 'a', kind: 'update', added: 1, removed: 0 }],
    answer: `I am ${n}.`,
    ...more,
  }) as Job

test('[CANDIDATE-2] candidates are compared when all are done, some have something to show and nobody has chosen', () => {
  expect(wantsJudge([job(1, {}), job(2, {})])).toBe(true)
  expect(wantsJudge([job(1, {}), job(2, { state: 'running' })])).toBe(false)
  expect(wantsJudge([job(1, {})])).toBe(false)
  expect(wantsJudge([job(1, {}), job(2, { files: [] })])).toBe(false)
  expect(wantsJudge([job(1, { outcome: 'applied' }), job(2, {})])).toBe(false)
  expect(wantsJudge([job(1, {}), job(2, { state: 'stopped' })])).toBe(false)
  const shown = judgeTask('do it', [
    { job: job(1, {}), patch: '+one' },
    {
      job: job(2, { checks: { command: { passed: false, output: '', ms: 1 } } }),
      patch: 'x'.repeat(200_000),
    },
  ])
  expect(shown).toContain('<candidate n="1">\n1 files, +1 -0.\nIt says: I am 1.\n\n+one\n</candidate>')
  expect(shown).toContain('Its check failed.')
  expect(shown.length).toBeLessThan(70_000)
})
