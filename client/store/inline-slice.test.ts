import { expect, test } from 'vitest'
import {
  hunkIdSchema,
  itemIdSchema,
  type TurnId,
  threadIdSchema,
  turnIdSchema,
  workspaceIdSchema,
} from '../../core/protocol/ids.ts'
import type { FileEdit, Hunk } from '../../core/protocol/item.ts'
import type { ThreadEvent, ThreadState } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { reduceThread } from '../../core/state/thread-reducer.ts'
import { testModel } from '../../core/testing/engine-story.ts'
import type { DocumentStatus } from '../editor/document-replica.ts'
import { createPageStore, memoryStorage } from '../testing/page-store.ts'
import { inlineEditOf } from './inline-field.ts'

const workspaceId = workspaceIdSchema.parse('wsp_a')
const threadId = threadIdSchema.parse('thr_in')
const turnIds = ['trn_1', 'trn_2', 'trn_3'].map((id) => turnIdSchema.parse(id))
const place = { startLine: 3, endLine: 4, text: 'old' }
const where = { places: [place], cursor: { line: 4, column: 2 } }
const empty: ThreadState = {
  id: threadId,
  workspaceId,
  title: '',
  createdAt: 0,
  modelId: testModel.id,
  mode: 'live',
  turns: [],
  contextTokens: 0,
}

/** A page with one file open, on a server that takes every prompt as the next turn. */
async function start({ storage = memoryStorage(), thread = empty } = {}) {
  let served = thread
  const { relay, store } = createPageStore({ topic: 'thread:thr_in', state: () => served, storage })
  let turns = 0
  relay.answers['thread/create'] = () => ({ result: { threadId } })
  relay.answers['turn/start'] = () => {
    const turnId = turnIds[turns++] as (typeof turnIds)[number]
    relay.publish({ type: 'turn/started', turnId, modelId: 'm', mode: 'live', at: 0 })
    return { result: { turnId } }
  }
  relay.answers['turn/undo'] = () => ({ result: { hunks: 1, files: [], left: [] } })
  relay.answers['turn/redo'] = () => ({ result: { hunks: 1, files: [], left: [] } })
  relay.answers['review/keep'] = () => ({ result: { hunkIds: [], left: [], undone: [] } })
  await relay.run()
  store.setState({
    workspaceId,
    models: [testModel],
    defaultModelId: testModel.id,
    tiers: [],
    activePath: 'a.ts',
    documents: { 'a.ts': { phase: 'text', readOnly: false } as DocumentStatus },
  })
  relay.requests.length = 0
  const state = () => store.getState()
  const field = () => state().inlineFields['a.ts']
  return {
    relay,
    storage,
    state,
    field,
    /** Whoever follows a thread from now on finds this one. */
    serve(next: ThreadState) {
      served = next
    },
    phase: () => {
      const open = field()
      return open && inlineEditOf(open, state().inlineThreads[0]).phase
    },
    asked: () =>
      relay.requests
        .map(({ method, params }) => ({ method, ...(params as object) }) as Record<string, unknown>)
        .filter(({ method }) => !/^topic|^document|warm$/.test(String(method))),
    async ask(text: string) {
      state().writeInline('a.ts', text)
      void state().askInline('a.ts', where)
      await relay.run()
    },
    async publish(...events: readonly ThreadEvent[]) {
      for (const event of events) relay.publish(event)
      await relay.run()
    },
  }
}

function writes(turn: number, words?: string): ThreadEvent[] {
  const turnId = turnIds[turn] as (typeof turnIds)[number]
  const item = { request: 0, status: 'completed' } as const
  const id = itemIdSchema.parse(`${turnId}.1`)
  const hunk = { id: hunkIdSchema.parse(`${turnId}.1.1`), path: 'a.ts', status: 'written' } as Hunk
  const hunks = [{ ...hunk, startLine: 3, addedLines: 2, removedLines: 1, removedText: 'old' }]
  const file: FileEdit = { path: 'a.ts', kind: 'update', status: 'written', hunks }
  const rest = { callId: 'c', format: 'freeform' as const, input: '', output: '', files: [file] }
  return [
    words === undefined
      ? { type: 'item/started', turnId, item: { type: 'fileChange', id, ...item, ...rest } }
      : { type: 'item/started', turnId, item: { type: 'agentMessage', id, ...item, text: words } },
    { type: 'turn/settled', turnId, status: 'completed', at: 1 },
  ]
}

/** A turn that wrote and is done. */
function settledTurn(n: number): Turn {
  const events = [
    { type: 'turn/started', turnId: turnIds[n], modelId: 'm', mode: 'live', at: 0 },
    ...writes(n),
  ]
  const thread = events.reduce((state, event) => reduceThread(state, event as ThreadEvent), empty)
  return thread.turns[0] as Turn
}

test('[INPLACE-3] the first prompt begins a thread of its own with the lines, the next ones refine in it, one that runs is turned round', async () => {
  const page = await start()
  page.state().openInline()
  await page.ask('shout')
  expect(page.asked()).toMatchObject([
    { method: 'thread/create', inline: true, mode: 'live', modelId: testModel.id },
    {
      method: 'turn/start',
      threadId,
      text: 'shout',
      context: { activePath: 'a.ts', openPaths: [], inline: [place], selection: place, cursor: where.cursor },
    },
  ])
  expect(page.phase()).toBe('writing')
  await page.ask('rather whisper')
  expect(page.asked().at(-1)).toMatchObject({ method: 'turn/redirect', expectedTurnId: 'trn_1' })
  await page.publish(...writes(0))
  expect(page.phase()).toBe('written')
  await page.ask('shorter')
  expect(page.asked().at(-1)).toMatchObject({ method: 'turn/start', threadId, text: 'shorter' })
  expect(page.state().thread).toBeUndefined()
})

test('[INPLACE-3] there is one field a file; opened again it takes the focus; a file that cannot be written in has none', async () => {
  const page = await start()
  page.state().openInline()
  page.state().openInline()
  expect(page.field()).toMatchObject({ focus: 1 })
  page.state().closeInline('a.ts')
  const { documents } = page.state()
  const status = documents['a.ts'] as DocumentStatus
  page.state().setProblems('a.ts', { errors: 0, warnings: 0 })
  Object.assign(status, { readOnly: true })
  page.state().openInline()
  expect(page.field()).toBeUndefined()
})

test('[INPLACE-4] stopped while it is on its way, a prompt is taken out once it runs, and its words come back', async () => {
  const page = await start()
  page.state().openInline()
  page.state().writeInline('a.ts', 'shout')
  void page.state().askInline('a.ts', where)
  void page.state().stopInline('a.ts')
  await page.relay.run()
  expect(page.asked().at(-1)).toMatchObject({ method: 'turn/interrupt', expectedTurnId: 'trn_1' })
  expect(page.phase()).toBe('writing')
  await page.publish(...writes(0))
  expect(page.asked().at(-1)).toMatchObject({ method: 'turn/undo', turnId: 'trn_1' })
  expect(page.field()).toMatchObject({ text: 'shout', busy: undefined })
})

test('[INPLACE-4] undo takes out all prompts of the field, the newest first; keep keeps them; both close it', async () => {
  for (const how of ['undoInline', 'keepInline'] as const) {
    const page = await start()
    page.state().openInline()
    await page.ask('one')
    await page.publish(...writes(0))
    await page.ask('two')
    await page.publish(...writes(1))
    const before = page.asked().length
    void page.state()[how]('a.ts')
    await page.relay.run()
    expect(page.field()).toBeUndefined()
    expect(page.asked().slice(before)).toMatchObject(
      how === 'undoInline'
        ? [
            { method: 'turn/undo', turnId: 'trn_2' },
            { method: 'turn/undo', turnId: 'trn_1' },
          ]
        : [{ method: 'review/keep', threadId, hunkIds: ['trn_1.1.1', 'trn_2.1.1'] }],
    )
  }
})

test('[INPLACE-4] a refusal, a failure and an answer in words are shown, and the words can be sent again', async () => {
  const page = await start()
  page.state().openInline()
  page.relay.answers['thread/create'] = () => ({
    error: { code: 'overloaded', message: '', retriable: true },
  })
  await page.ask('shout')
  expect([page.phase(), page.field()]).toMatchObject(['failed', { text: 'shout', refusal: 'overloaded' }])
  page.relay.answers['thread/create'] = () => ({ result: { threadId } })
  await page.ask('shout')
  const failure = { code: 'overloaded', detail: '', retriable: true } as const
  const [turnId] = turnIds
  if (!turnId) throw new Error('there are turns')
  await page.publish({ type: 'turn/settled', turnId, status: 'failed', failure, at: 1 })
  expect([page.phase(), page.field()]).toMatchObject(['failed', { text: 'shout', refusal: undefined }])
  await page.ask('why')
  await page.publish(...writes(1, 'Because.'))
  const open = page.field()
  expect(open && inlineEditOf(open, page.state().inlineThreads[0])).toMatchObject({
    phase: 'answered',
    answer: 'Because.',
  })
  const none = await start()
  none.state().openInline()
  none.relay.answers = {}
  await none.relay.run()
  Object.assign(none.state(), { models: [] })
  await none.ask('shout')
  expect([none.phase(), none.field()]).toMatchObject(['failed', { text: 'shout', refusal: 'noModel' }])
})

test('[INPLACE-5] what was not sent waits for the next opening, and prompts are remembered, also over a reload', async () => {
  const page = await start()
  page.state().openInline()
  await page.ask('one')
  await page.ask('two')
  await page.publish(...writes(0))
  await page.ask('one')
  page.state().writeInline('a.ts', 'half a tho')
  page.state().closeInline('a.ts')
  const { storage } = page
  const next = await start({ storage })
  next.state().openInline()
  expect(next.field()).toMatchObject({ text: 'half a tho', threadId: undefined })
  expect(next.state().inlineHistory).toEqual(['two', 'one'])
})

test('[INPLACE-5] changes nobody has judged are followed until they are, also over a reload, and judged in their thread', async () => {
  const page = await start()
  page.state().openInline()
  await page.ask('one')
  page.state().leaveInline('a.ts')
  expect(page.field()).toBeDefined()
  await page.publish(...writes(0))
  page.state().leaveInline('a.ts')
  expect(page.field()).toBeUndefined()
  const [thread] = page.state().inlineThreads
  if (!thread) throw new Error('it is followed')
  const next = await start({ storage: page.storage, thread })
  next.state().restoreInline(workspaceId)
  await next.relay.run()
  expect(next.state().inlineThreads).toEqual([thread])
  const hunkId = hunkIdSchema.parse('trn_1.1.1')
  void next.state().keepHunks([hunkId])
  next.state().decideHunk(hunkId, 'resume')
  await next.relay.run()
  expect(next.asked()).toMatchObject([
    { method: 'review/keep', threadId, hunkIds: [hunkId] },
    { method: 'edit/decide', threadId, hunkId },
  ])
  await next.publish({ type: 'review/kept', hunkIds: [hunkId] })
  expect(next.state().inlineThreads).toEqual([])
  next.state().followInline(threadId)
  next.state().followInline(threadIdSchema.parse('thr_chat'))
  await next.relay.run()
  expect(next.relay.requests.at(-1)).toMatchObject({ params: { topic: 'thread:thr_in' } })
})

const rivalId = threadIdSchema.parse('thr_b')

/** A page on which two models are asked; the second one's turn is the second, in a thread of its own. */
async function compare(rivalTurn: Turn | undefined, storage = memoryStorage()) {
  const page = await start({ storage })
  const { answers } = page.relay
  page.relay.answers['thread/create'] = (params) => {
    const isRival = (params as { modelId: string }).modelId === 'test/other'
    return { result: { threadId: isRival ? rivalId : threadId } }
  }
  const own = answers['turn/start']
  page.relay.answers['turn/start'] = (params) => {
    if ((params as { threadId: string }).threadId !== rivalId) return own?.(params)
    // The relay knows one topic: who follows from now on finds the second thread.
    page.serve({ ...empty, id: rivalId, modelId: 'test/other', turns: rivalTurn ? [rivalTurn] : [] })
    return { result: { turnId: turnIds[1] } }
  }
  // What is taken out and brought back is told on the topic, as the answer comes.
  const told = (params: unknown, event: (turnId: TurnId) => ThreadEvent) => {
    const asked = params as { threadId: string; turnId: TurnId }
    const topic = `thread:${asked.threadId}`
    page.relay.sendText(JSON.stringify({ topic, event: event(asked.turnId) }))
    return { result: { hunks: 1, files: ['a.ts'], left: [] } }
  }
  const inverse = (turnId: TurnId) => ({ [`${turnId}.1.1`]: 'AAAA' })
  page.relay.answers['turn/undo'] = (params) =>
    told(params, (turnId) => ({ type: 'turn/undone', turnId, inverse: inverse(turnId) }))
  page.relay.answers['turn/redo'] = (params) =>
    told(params, (turnId) => {
      const [item] = settledTurn(1).items
      const isSetAside = turnId === turnIds[1] && !broughtIn
      broughtIn ||= turnId === turnIds[1]
      if (!isSetAside || item?.type !== 'fileChange' || !item.files[0])
        return { type: 'turn/redone', turnId, changes: inverse(turnId) }
      return { type: 'edit/fileChanged', turnId, itemId: item.id, file: item.files[0] }
    })
  let broughtIn = false
  page.state().openInline()
  page.state().writeInline('a.ts', 'shout')
  void page.state().compareInline('a.ts', where, 'test/other')
  await page.relay.run()
  return page
}

/** What the second model would write. */
function asideTurn(status: 'running' | 'completed'): Turn {
  const turn = settledTurn(1)
  const items = turn.items.map((item) => {
    if (item.type !== 'fileChange') return item
    const files = item.files.map((file) => {
      const hunks = file.hunks.map((hunk) => ({ ...hunk, status: 'dropped' as const, text: 'HEY\n' }))
      return { ...file, hunks }
    })
    return { ...item, input: '*** Begin Patch', files }
  })
  const context = { openPaths: [], aside: true as const }
  const asked = { type: 'userMessage', id: itemIdSchema.parse('trn_2.0'), kind: 'prompt' } as const
  return { ...turn, status, items: [{ ...asked, text: 'shout', context, at: 0 }, ...items] }
}

test('[INPLACE-6] two models are asked at once, what the second writes is set aside, and picking one takes the other out', async () => {
  const page = await compare(asideTurn('completed'))
  expect(page.asked().map(({ method, modelId, context }) => [method, modelId, context])).toEqual([
    ['thread/create', testModel.id, undefined],
    ['thread/create', 'test/other', undefined],
    ['turn/start', undefined, expect.objectContaining({ aside: true, inline: [place] })],
    ['turn/start', undefined, expect.not.objectContaining({ aside: true })],
  ])
  expect(page.phase()).toBe('writing')
  expect(page.field()?.takes).toMatchObject([
    { threadId, phase: 'writing' },
    { threadId: rivalId, modelId: 'test/other', phase: 'wrote', text: 'HEY' },
  ])
  await page.publish(...writes(0))
  expect(page.field()).toMatchObject({
    threadId,
    comparing: false,
    picked: 0,
    takes: [{ phase: 'wrote' }, {}],
  })
  // The second pick comes while the first one is on its way, and is the one that counts.
  const before = page.asked().length
  void page.state().pickInline('a.ts', 1)
  void page.state().pickInline('a.ts', 0)
  await page.relay.run()
  expect(page.asked().slice(before)).toMatchObject([
    { method: 'turn/undo', threadId, turnId: 'trn_1' },
    { method: 'turn/redo', threadId: rivalId, turnId: 'trn_2' },
    { method: 'turn/undo', threadId: rivalId, turnId: 'trn_2' },
    { method: 'turn/redo', threadId, turnId: 'trn_1' },
  ])
  expect(page.field()).toMatchObject({ threadId, picked: 0, busy: undefined })
  // Kept in the middle of a swap: what was picked last is what stays.
  void page.state().pickInline('a.ts', 1)
  void page.state().keepInline('a.ts')
  await page.relay.run()
  expect(page.asked().at(-1)).toMatchObject({
    method: 'review/keep',
    threadId: rivalId,
    hunkIds: ['trn_2.1.1'],
  })
  expect(page.field()).toBeUndefined()
})

test('[INPLACE-6] what is picked while they write goes in when both are done; what fits no more leaves the place to the other', async () => {
  const picked = await compare(asideTurn('completed'))
  void picked.state().pickInline('a.ts', 1)
  await picked.publish(...writes(0))
  expect(picked.asked().slice(-2)).toMatchObject([
    { method: 'turn/undo', turnId: 'trn_1' },
    { method: 'turn/redo', threadId: rivalId },
  ])
  expect(picked.field()).toMatchObject({ threadId: rivalId, picked: 1 })

  const refused = await compare(asideTurn('completed'))
  await refused.publish(...writes(0))
  const redo = refused.relay.answers['turn/redo']
  refused.relay.answers['turn/redo'] = (params) =>
    (params as { threadId: string }).threadId === rivalId
      ? { error: { code: 'conflict', message: 'It fits no more.', retriable: false } }
      : redo?.(params)
  void refused.state().pickInline('a.ts', 1)
  await refused.relay.run()
  expect(refused.asked().at(-1)).toMatchObject({ method: 'turn/redo', threadId })
  expect(refused.field()).toMatchObject({ threadId, picked: 0, busy: undefined })
  expect(refused.state().notices).toHaveLength(1)
})

test('[INPLACE-6] stop ends both; one that comes to nothing, or is refused, leaves the place to the other', async () => {
  const stopped = await compare(asideTurn('running'))
  void stopped.state().stopInline('a.ts')
  await stopped.publish(...writes(0))
  const ends = stopped.asked().filter(({ method }) => method === 'turn/interrupt' || method === 'turn/undo')
  expect(ends).toMatchObject([
    { method: 'turn/interrupt', threadId: rivalId, expectedTurnId: 'trn_2' },
    { method: 'turn/interrupt', threadId, expectedTurnId: 'trn_1' },
    { method: 'turn/undo', threadId, turnId: 'trn_1' },
  ])
  expect(stopped.field()).toMatchObject({ text: 'shout', comparing: false, takes: [] })

  const answered = await compare(asideTurn('completed'))
  await answered.publish(...writes(0, 'It is loud.'))
  expect(answered.asked().at(-1)).toMatchObject({ method: 'turn/redo', threadId: rivalId })
  expect(answered.field()).toMatchObject({ threadId: rivalId, picked: 1 })

  const refused = await start()
  refused.relay.answers['thread/create'] = (params) =>
    (params as { modelId: string }).modelId === 'test/other'
      ? { error: { code: 'overloaded', message: '', retriable: true } }
      : { result: { threadId } }
  refused.state().openInline()
  refused.state().writeInline('a.ts', 'shout')
  void refused.state().compareInline('a.ts', where, 'test/other')
  await refused.relay.run()
  await refused.publish(...writes(0))
  expect(refused.field()).toMatchObject({ threadId, picked: 0, refusal: 'overloaded', text: 'shout' })
  expect(refused.field()?.takes).toMatchObject([{ phase: 'wrote' }, { phase: 'nothing' }])
})

test('[INPLACE-31] both answers are offered again after a reload as long as nobody has judged them', async () => {
  const storage = memoryStorage()
  const page = await compare(asideTurn('completed'), storage)
  await page.publish(...writes(0))
  expect(page.field()?.takes).toHaveLength(2)

  const reload = async (own: ThreadState) => {
    const next = await start({ storage })
    const rival = { ...empty, id: rivalId, modelId: 'test/other', turns: [asideTurn('completed')] }
    next.relay.answers['topic/subscribe'] = (params) => {
      const { topic } = params as { topic: string }
      const state = topic === 'thread:thr_in' ? own : topic === 'thread:thr_b' ? rival : undefined
      return state && { result: { kind: 'snapshot', seq: 0, state } }
    }
    next.state().restoreInline(workspaceId)
    await next.relay.run()
    return next
  }
  const own = { ...empty, turns: [settledTurn(0)] }
  const next = await reload(own)
  expect(next.field()).toMatchObject({
    asked: 'shout',
    threadId,
    picked: 0,
    comparing: false,
    takes: [
      { modelId: testModel.id, threadId, phase: 'wrote' },
      { modelId: 'test/other', threadId: rivalId, phase: 'wrote', text: 'HEY' },
    ],
  })
  expect(next.asked()).toEqual([])
  // It died between taking the one out and bringing the other in.
  void next.state().pickInline('a.ts', 1)
  const [turn] = own.turns
  if (!turn) throw new Error('it has a turn')
  const undone: ThreadEvent = {
    type: 'turn/undone',
    turnId: turn.id,
    inverse: { [hunkIdSchema.parse('trn_1.1.1')]: 'AAAA' },
  }
  const swapping = await reload(reduceThread(own, undone))
  expect(swapping.asked()).toMatchObject([{ method: 'turn/redo', threadId: rivalId, turnId: 'trn_2' }])

  const kept: ThreadEvent = { type: 'review/kept', hunkIds: [hunkIdSchema.parse('trn_1.1.1')] }
  const judged = await reload(reduceThread(own, kept))
  expect(judged.field()).toBeUndefined()
  expect((await reload(own)).field()).toBeUndefined()
})

test('[INPLACE-31] an answer that broke off says so, and what it had finished can be picked; the field that closes is forgotten', async () => {
  const whole = asideTurn('completed')
  const failure = { code: 'outputLimit', detail: '', retriable: false } as const
  const storage = memoryStorage()
  const page = await compare({ ...whole, status: 'failed', failure }, storage)
  await page.publish(...writes(0))
  expect(page.field()?.takes).toMatchObject([
    { phase: 'wrote', brokeOff: undefined },
    { phase: 'wrote', brokeOff: 'outputLimit' },
  ])
  void page.state().pickInline('a.ts', 1)
  await page.relay.run()
  expect(page.field()).toMatchObject({ threadId: rivalId, picked: 1 })
  page.state().closeInline('a.ts')
  const next = await start({ storage })
  next.state().restoreInline(workspaceId)
  await next.relay.run()
  expect(next.field()).toBeUndefined()
})
