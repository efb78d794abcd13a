import { expect, test } from 'vitest'
import { turnIdSchema } from '../protocol/ids.ts'
import type { Turn } from '../protocol/turn.ts'
import { copyTurn } from './fork-thread.ts'
import { hunksToReview, stands } from './review.ts'

const hunk = {
  id: 'trn_a.1.1',
  path: 'a.ts',
  status: 'written',
  startLine: 1,
  addedLines: 1,
  removedLines: 1,
  removedText: 'old',
  anchor: { from: 'x', to: 'y' },
  changes: 'c',
  inverse: 'i',
}
const change = {
  type: 'fileChange',
  id: 'trn_a.1',
  request: 0,
  status: 'completed',
  callId: 'c',
  format: 'json',
}
const file = { path: 'a.ts', kind: 'update', status: 'written', hunks: [hunk] }
const turn = {
  id: 'trn_a',
  status: 'completed',
  mode: 'live',
  modelId: 'm',
  startedAt: 1,
  settledAt: 2,
  contextTokens: 7,
  items: [
    { type: 'userMessage', id: 'trn_a.0', kind: 'prompt', text: 'trn_a.0 stays in words', at: 1 },
    { ...change, input: '{}', output: 'ok', files: [file] },
  ],
} as unknown as Turn

test('[FORK-1] a copied turn has ids of its own, all that was said and done, and nothing that undo needs', () => {
  const id = turnIdSchema.parse('trn_b')
  const { anchor: _, changes: __, inverse: ___, ...kept } = hunk
  expect(copyTurn(turn, id)).toEqual({
    ...turn,
    id,
    copied: true,
    items: [
      { ...turn.items[0], id: 'trn_b.0' },
      { ...turn.items[1], id: 'trn_b.1', files: [{ ...file, hunks: [{ ...kept, id: 'trn_b.1.1' }] }] },
    ],
  })
  expect(copyTurn({ ...turn, undone: { 'trn_a.1.1': 'i' } }, id).undone).toEqual({})
})

test('[FORK-2] nothing of a copied turn is to be judged', () => {
  const copied = copyTurn(turn, turnIdSchema.parse('trn_b'))
  expect(hunksToReview({ turns: [copied] } as never)).toEqual([])
  expect([stands(turn), stands(copied)]).toEqual([true, false])
})
