import { expect, test } from 'vitest'
import { hunkIdSchema, itemIdSchema, turnIdSchema } from '../protocol/ids.ts'
import type { FileEdit, Hunk } from '../protocol/item.ts'
import type { ReviewHunk } from './review.ts'
import { inReviewOrder, riskOf } from './review-order.ts'

function entry(path: string, hunk: Partial<Hunk> = {}, kind: FileEdit['kind'] = 'update'): ReviewHunk {
  const whole: Hunk = {
    id: hunkIdSchema.parse('trn_1.1.1'),
    path,
    status: 'written',
    startLine: 1,
    addedLines: 1,
    removedLines: 1,
    removedText: '',
    ...hunk,
  }
  return {
    turnId: turnIdSchema.parse('trn_1'),
    itemId: itemIdSchema.parse('trn_1.1'),
    path,
    file: { path, kind, status: 'written', hunks: [whole] },
    hunk: whole,
    state: 'unreviewed',
  }
}

test('[DECK-1] the gravest changes come first, alike ones as they were written', () => {
  const entries = [
    entry('src/a.ts'),
    entry('src/b.ts', { addedLines: 40 }),
    entry('src/c.ts', { removedText: 'export function f() {}\n' }),
    entry('src/d.ts', { removedLines: 40 }),
    entry('src/e.test.ts', { removedLines: 3 }),
    entry('.github/workflows/check.yml'),
    entry('src/auth/token.ts'),
    entry('src/token-count.ts'),
    entry('src/author.ts'),
    entry('src/old.ts', {}, 'delete'),
    entry('src/z.ts'),
  ]
  const inOrder = inReviewOrder(entries).flatMap((file) => file.entries)
  expect(inOrder.map((one) => [one.path, riskOf(one)])).toEqual([
    ['src/old.ts', 'deletesFile'],
    ['src/auth/token.ts', 'sensitive'],
    ['.github/workflows/check.yml', 'configuration'],
    ['src/e.test.ts', 'removesTests'],
    ['src/d.ts', 'manyRemoved'],
    ['src/c.ts', 'publicInterface'],
    ['src/b.ts', 'large'],
    ['src/a.ts', 'small'],
    ['src/token-count.ts', 'small'],
    ['src/author.ts', 'small'],
    ['src/z.ts', 'small'],
  ])
})

test('[DECK-2] changes stay with their file: the gravest file first, in a file the gravest change', () => {
  const entries = [
    entry('src/a.ts', { startLine: 1 }),
    entry('src/b.ts', { startLine: 2 }),
    entry('src/a.ts', { startLine: 3, removedLines: 40 }),
    entry('src/c.ts', { startLine: 4, addedLines: 40 }),
    entry('src/b.ts', { startLine: 5 }),
    entry('src/a.ts', { startLine: 6, removedText: 'export type T = 1\n' }),
  ]
  const files = inReviewOrder(entries).map((file) => [
    file.path,
    ...file.entries.map(({ hunk }) => hunk.startLine),
  ])
  expect(files).toEqual([
    ['src/a.ts', 3, 6, 1],
    ['src/c.ts', 4],
    ['src/b.ts', 2, 5],
  ])
})
