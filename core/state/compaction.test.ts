import { expect, test } from 'vitest'
import { buildRequest } from '../engine/prompt.ts'
import { plainSummary, planSummary, stillHolds, summaryRequest, transcriptOf } from '../engine/summarise.ts'
import { compactionIdSchema, type ItemId, turnIdSchema } from '../protocol/ids.ts'
import type { ThreadEvent, ThreadState } from '../protocol/thread.ts'
import { testModel } from '../testing/engine-story.ts'
import { threadOf } from '../testing/rendered-threads.ts'
import { copyMarks, copyTurn } from './fork-thread.ts'
import { guestEvent, guestThread } from './guest-view.ts'
import { reduceThread } from './thread-reducer.ts'

const model = testModel
const fold = (thread: ThreadState, ...events: readonly ThreadEvent[]) => events.reduce(reduceThread, thread)
const six = () => threadOf(Array.from({ length: 6 }, () => ({ prompt: 40, results: [60], answer: 40 })))
const inputOf = (thread: ThreadState) => buildRequest({ thread, model, guidance: undefined }).input
const said = (thread: ThreadState, turn: number): ItemId => {
  const item = thread.turns[turn - 1]?.items.find(({ type }) => type === 'userMessage')
  if (!item) throw new Error('no such turn')
  return item.id
}

function compact(thread: ThreadState, id: string, summary: string): ThreadState {
  const plan = planSummary(thread)
  if (!plan) throw new Error('nothing to summarise')
  const { throughTurnId, count: turns } = plan
  const compactionId = compactionIdSchema.parse(id)
  const compaction = { id: compactionId, throughTurnId, turns, summary, saved: 10, at: 1 }
  return fold(thread, { type: 'thread/compacted', compaction, contextTokens: 5 })
}

test('[COMPACT-1] requests begin with the summary, then what is pinned in its turns, then the turns after it', () => {
  const thread = six()
  const pin = { type: 'message/pinned', itemId: said(thread, 2), pinned: true } as const
  const input = inputOf(compact(fold(thread, pin), 'cmp_1', 'They wrote a parser.'))
  const texts = input.map((item) => (item.type === 'message' ? item.text : item.type))
  expect(texts[0]).toContain('They wrote a parser.')
  expect(texts[1]).toMatch(/^ask2/)
  expect(texts[2]).toMatch(/^ask5/)
  expect(texts.join('\n')).not.toMatch(/ask1|ask3|ask4|result4/)
  expect(input.slice(2)).toEqual(inputOf(thread).slice(-input.length + 2))
})

test('[COMPACT-2] the last two turns are never summarised; a later summary stands for the one before and the turns since', () => {
  expect(planSummary(threadOf([{ prompt: 10 }, { prompt: 10 }]))).toBeUndefined()
  const thread = six()
  expect(planSummary(thread)).toMatchObject({ throughTurnId: 'trn_4', count: 4, before: undefined })
  const once = compact(thread, 'cmp_1', 'First.')
  expect(planSummary(once)).toBeUndefined()
  const more = threadOf(Array.from({ length: 9 }, () => ({ prompt: 40 })))
  const grown = { ...once, turns: [...once.turns, ...more.turns.slice(6)] }
  const plan = planSummary(grown)
  expect(plan).toMatchObject({ throughTurnId: 'trn_7', count: 7, before: { summary: 'First.' } })
  expect(plan?.turns.map(({ id }) => id)).toEqual(['trn_5', 'trn_6', 'trn_7'])
})

test('[COMPACT-3] undoing a summary brings its turns back as they were sent', () => {
  const thread = six()
  const done = compact(thread, 'cmp_1', 'Words.')
  const compactionId = compactionIdSchema.parse('cmp_1')
  const undone = fold(done, { type: 'thread/uncompacted', compactionId, contextTokens: 15 })
  expect(inputOf(undone)).toEqual(inputOf(thread))
  expect([undone.compactions, undone.uncompacted, undone.contextTokens]).toEqual([undefined, true, 15])
})

test('[COMPACT-4] a thread that went back behind a summary is sent as it is, and what was planned holds no more', () => {
  const thread = six()
  const plan = planSummary(thread)
  const done = compact(thread, 'cmp_1', 'Words.')
  const back = { ...done, turns: done.turns.slice(0, 2) }
  expect(inputOf(back)).toEqual(inputOf({ ...thread, turns: thread.turns.slice(0, 2) }))
  expect(plan && [stillHolds(plan, thread), stillHolds(plan, done), stillHolds(plan, back)]).toEqual([
    true,
    false,
    false,
  ])
})

test('[COMPACT-5] the summary is asked for with all that was said, results in short, the summary so far before', () => {
  const thread = threadOf([
    { prompt: 50, results: [9000], answer: 50, shown: 5000 },
    { prompt: 9 },
    { prompt: 9 },
  ])
  const plan = planSummary(thread)
  if (!plan) throw new Error('nothing to summarise')
  const text = transcriptOf(plan.turns, model).join('')
  expect(text).toMatch(/PERSON: ask1.*MODEL calls read_file.*RESULT of read_file: result1.*MODEL: answer1/s)
  expect(text.length).toBeLessThan(2500)
  expect(text).not.toContain('sealed')
  const request = summaryRequest({ thread, model, soFar: 'They began.', chunk: text, maxOutputTokens: 500 })
  expect(request.input).toMatchObject([{ role: 'user', text: expect.stringMatching(/They began\..*ask1/s) }])
  expect([request.tools, request.maxOutputTokens]).toEqual([[], 500])
  expect(plainSummary(plan, model)).toBe(
    'Asked in them:\n- ask1 ask1 ask1 ask1 ask1 ask1 ask1 ask1 ask1 ask1',
  )
})

test('[COMPACT-20] a sealed summary goes to the model it came from, as it came; another is sent the words', () => {
  const thread = compact(six(), 'cmp_1', 'They wrote a parser.')
  const [compaction] = thread.compactions ?? []
  if (!compaction) throw new Error('no summary')
  const sealed = { ...compaction, sealed: '{"type":"compaction"}', modelId: model.id }
  const done = { ...thread, compactions: [sealed] }
  expect(inputOf(done)[0]).toEqual({ type: 'opaque', data: '{"type":"compaction"}' })
  expect(inputOf(done).slice(1)).toEqual(inputOf(thread).slice(1))
  const other = { ...model, id: 'test/other' }
  const request = buildRequest({ thread: done, model: other, guidance: undefined })
  expect(request.input[0]).toMatchObject({
    role: 'user',
    text: expect.stringContaining('They wrote a parser.'),
  })
  expect(JSON.stringify(request.input)).not.toContain('compaction"')
  expect(JSON.stringify(guestThread(done))).not.toMatch(/sealed|parser/)
})

test('[COMPACT-6] guests see that turns were summarised, and not the summary', () => {
  const thread = compact(six(), 'cmp_1', 'Secret of a file.')
  const failed = { status: 'failed', detail: 'Secret key' } as const
  const guest = guestThread({ ...thread, compacting: failed })
  expect(JSON.stringify(guest)).not.toContain('Secret')
  expect(guest.compactions).toMatchObject([{ turns: 4, summary: '' }])
  const [compaction] = thread.compactions ?? []
  if (!compaction) throw new Error('no summary')
  const events: readonly ThreadEvent[] = [
    { type: 'thread/compacted', compaction, contextTokens: 5 },
    { type: 'thread/compacting', compacting: failed },
  ]
  expect(JSON.stringify(events.map((event) => guestEvent(event, thread)))).not.toContain('Secret')
})

test('[COMPACT-1] a fork takes the summary and what is pinned along', () => {
  const thread = six()
  const pin = { type: 'message/pinned', itemId: said(thread, 2), pinned: true } as const
  const done = compact(fold(thread, pin), 'cmp_1', 'They wrote a parser.')
  const copies = done.turns.map((turn, index) => copyTurn(turn, turnIdSchema.parse(`trn_9${index}`)))
  const { pins: _, compactions: __, ...bare } = done
  const forked = fold({ ...bare, turns: copies }, ...copyMarks(done, copies))
  expect(inputOf(forked)).toEqual(inputOf(done))
  expect(forked.pins).toEqual(['trn_91.0'])
  const short = copies.slice(0, 3)
  expect(copyMarks({ ...done, turns: done.turns.slice(0, 3) }, short)).toMatchObject([{ itemId: 'trn_91.0' }])
})
