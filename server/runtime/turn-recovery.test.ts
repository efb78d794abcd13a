import { expect, test } from 'vitest'
import { turnSchema } from '../../core/protocol/turn.ts'
import { corrections, interruptedTurn } from './turn-recovery.ts'

const hunk = (id: string, path: string, status: string) => ({
  id,
  path,
  status,
  startLine: 1,
  addedLines: 1,
  removedLines: 1,
  removedText: 'old',
  ...(status === 'written' && { changes: `changes of ${id}` }),
})
const item = (id: string, status: string, files: readonly object[]) => ({
  type: 'fileChange',
  id,
  request: 0,
  status,
  callId: id,
  format: 'freeform',
  input: '',
  output: '',
  files,
})
const turn = turnSchema.parse({
  id: 'trn_1',
  status: 'running',
  mode: 'live',
  modelId: 'm',
  startedAt: 1,
  items: [
    item('trn_1.1', 'completed', [
      { path: 'a', kind: 'update', status: 'written', hunks: [hunk('trn_1.1.1', 'a', 'written')] },
    ]),
    item('trn_1.2', 'streaming', [
      {
        path: 'a',
        kind: 'update',
        status: 'writing',
        hunks: [hunk('trn_1.2.1', 'a', 'written'), hunk('trn_1.2.2', 'a', 'writing')],
      },
      { path: 'made', kind: 'add', status: 'written', hunks: [hunk('trn_1.2.3', 'made', 'written')] },
      { path: 'gone', kind: 'delete', status: 'writing', hunks: [] },
    ]),
  ],
})

test('[RUN-17] the documents are asked for what edits under way are said to have written', () => {
  expect(interruptedTurn(turn)).toEqual({
    turnId: 'trn_1',
    paths: ['a', 'made', 'gone'],
    settled: new Set(['trn_1.1.1', 'trn_1.2.1', 'trn_1.2.3']),
    written: [
      { path: 'a', id: 'trn_1.2.1', changes: 'changes of trn_1.2.1' },
      { path: 'made', id: 'trn_1.2.3', changes: 'changes of trn_1.2.3' },
    ],
  })
})

test('[RUN-17] lost hunks are dropped, files that are not made or not deleted have failed', () => {
  const [written] = interruptedTurn(turn).written
  const lost = new Set(written && [written.id])
  const events = corrections(turn, { lost, present: new Set(['a', 'gone']) })
  expect(events).toMatchObject([
    { file: { path: 'a', status: 'writing', hunks: [{ status: 'dropped' }, { status: 'writing' }] } },
    { file: { path: 'made', status: 'failed', hunks: [{ status: 'dropped' }] } },
    { file: { path: 'gone', status: 'failed' } },
  ])
  expect(corrections(turn, { lost: new Set(), present: new Set(['a', 'made']) })).toEqual([])
})
