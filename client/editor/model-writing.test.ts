import { expect, test } from 'vitest'
import {
  hunkIdSchema,
  itemIdSchema,
  threadIdSchema,
  turnIdSchema,
  workspaceIdSchema,
} from '../../core/protocol/ids.ts'
import type { FileEdit, Hunk, Item } from '../../core/protocol/item.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { hunksToShow, isBeingWritten, writingNow, writtenLast } from './model-writing.ts'

const hunk = (id: string, status: Hunk['status'], path = 'a.ts'): Hunk => ({
  id: hunkIdSchema.parse(id),
  path,
  status,
  startLine: 1,
  addedLines: 1,
  removedLines: 0,
  removedText: '',
})
const change = (id: string, files: readonly Partial<FileEdit>[]): Item => ({
  type: 'fileChange',
  id: itemIdSchema.parse(id),
  status: 'streaming',
  request: 0,
  format: 'freeform',
  callId: 'c',
  input: '',
  output: '',
  files: files.map((file) => ({ path: 'a.ts', kind: 'update', status: 'written', hunks: [], ...file })),
})
const turn = (id: string, status: Turn['status'], items: Item[]): Turn => ({
  id: turnIdSchema.parse(id),
  status,
  mode: 'live',
  modelId: 'm',
  startedAt: 0,
  items,
})
const thread = (...turns: Turn[]): ThreadState => ({
  id: threadIdSchema.parse('thr_1'),
  workspaceId: workspaceIdSchema.parse('wsp_1'),
  title: '',
  createdAt: 0,
  modelId: 'm',
  mode: 'live',
  turns,
  contextTokens: 0,
})

test('[MARK-1] shown are the hunks that are being written and those nobody has judged, of all turns', () => {
  const judged = [{ ...hunk('trn_1.1.2', 'written'), review: 'kept' as const }, hunk('trn_1.1.3', 'undone')]
  const first = turn('trn_1', 'completed', [
    change('trn_1.1', [{ hunks: [hunk('trn_1.1.1', 'written'), ...judged] }]),
  ])
  const hunks = [hunk('trn_2.1.1', 'written'), hunk('trn_2.1.2', 'dropped'), hunk('trn_2.1.3', 'writing')]
  const second = turn('trn_2', 'running', [
    change('trn_2.1', [{ hunks }, { path: 'b.ts', hunks: [hunk('trn_2.1.4', 'written')] }]),
  ])
  const third = turn('trn_3', 'running', [])
  const ids = (state: ThreadState, path: string) => hunksToShow(state, path).map(({ id }) => id)
  expect(ids(thread(first, second, third), 'a.ts')).toEqual(['trn_1.1.1', 'trn_2.1.1', 'trn_2.1.3'])
  expect(ids(thread(first, second, third), 'b.ts')).toEqual(['trn_2.1.4'])
})

test('[MARK-2] the model is where the last file it writes is, and nowhere once the turn is settled', () => {
  const items = [change('trn_1.1', [{ status: 'written' }, { path: 'b.ts', status: 'writing' }])]
  const at = (status: Turn['status'], of = items) => writingNow(thread(turn('trn_1', status, of)), ['a.ts'])
  expect(at('running')).toEqual({ turnId: 'trn_1', path: 'b.ts' })
  expect(at('interrupted')).toBe(undefined)
  expect(at('running', [change('trn_1.1', [{}])])).toBe(undefined)
})

test('[MARK-3] a file whose tab is at its new name already is not opened by the old one again', () => {
  const items = [change('trn_1.1', [{ path: 'old.ts', movedTo: 'new.ts', status: 'writing' }])]
  const moving = thread(turn('trn_1', 'running', items))
  const shown = (...open: string[]) => [writingNow(moving, open)?.path, writtenLast(moving, 0, open)?.path]
  expect(shown('old.ts')).toEqual(['old.ts', 'old.ts'])
  expect(shown('old.ts', 'new.ts')).toEqual(['old.ts', 'old.ts'])
  expect(shown('new.ts')).toEqual(['new.ts', 'new.ts'])
})

test('[WEB-272] a model is in the middle of a file until that file is written, and not where it stands still or its turn has ended', () => {
  const isHalf = (status: Turn['status'], file: Partial<FileEdit>, path = 'a.ts') =>
    isBeingWritten(thread(turn('trn_1', status, [change('trn_1.1', [file])])), path)
  const writing = [hunk('trn_1.1.1', 'written'), hunk('trn_1.1.2', 'writing')]
  expect(isHalf('running', { status: 'writing', hunks: writing })).toBe(true)
  expect(isHalf('retrying', { status: 'writing' })).toBe(true)
  expect(isHalf('running', { status: 'writing', movedTo: 'b.ts' }, 'b.ts')).toBe(true)
  expect(isHalf('running', { status: 'writing' }, 'b.ts')).toBe(false)
  expect(isHalf('running', { hunks: writing })).toBe(false)
  expect(isHalf('interrupted', { status: 'writing', hunks: writing })).toBe(false)
  expect(isHalf('failed', { status: 'writing', hunks: writing })).toBe(false)
  const still = [{ ...hunk('trn_1.1.1', 'writing'), paused: true }]
  expect(isHalf('running', { status: 'writing', hunks: still })).toBe(false)
  expect(isBeingWritten(thread(), 'a.ts')).toBe(false)
})
