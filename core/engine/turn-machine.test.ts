import { expect, test } from 'vitest'
import { limits } from '../protocol/limits.ts'
import type { ThreadState } from '../protocol/thread.ts'
import { reduceThread } from '../state/thread-reducer.ts'
import { EngineStory, testModel } from '../testing/engine-story.ts'
import { buildRequest } from './prompt.ts'

const types = (list: readonly { type: string }[]) => list.map(({ type }) => type)

test('[TURN-1] a prompt starts a turn, is shown to the model, and the answer streams into one message', () => {
  const story = new EngineStory().start('hello')
  expect(types(story.take())).toEqual(['callModel'])
  story.text('Hi', ' there').model({ type: 'completed' })
  expect(story.turn).toMatchObject({
    status: 'completed',
    items: [
      { type: 'userMessage', kind: 'prompt', text: 'hello' },
      { type: 'agentMessage', status: 'completed', text: 'Hi there' },
    ],
  })
  expect(story.state.active).toBeUndefined()
  expect(types(story.events)).toEqual([
    'turn/started',
    'item/started',
    'item/started',
    'item/delta',
    'item/delta',
    'item/completed',
    'turn/settled',
  ])
})

test('[TURN-2] folding the events alone gives the state the engine has', () => {
  const story = new EngineStory()
  const first: ThreadState = story.state.thread
  story.start('change it').text('Sure. ').edit('c1', '*** Begin', ' Patch').editEnds('c1', 'P')
  story.model({ type: 'completed' }).editSettles('c1', { ok: true, message: 'Success.' })
  story.text('Done.').redirect('no, that').text('Again').interrupt()
  const folded = story.events.reduce<ThreadState>((state, event) => reduceThread(state, event), first)
  expect(folded).toEqual(story.state.thread)
})

test('[TURN-3] an edit is fed as it streams, finished at its end, and its outcome goes back to the model', () => {
  const story = new EngineStory().start('edit').edit('c1', 'ab', 'cd')
  expect(types(story.take())).toEqual(['callModel', 'beginEdit', 'feedEdit', 'feedEdit'])
  story.editEnds('c1', 'abcd').model({ type: 'completed' })
  expect(story.take()).toEqual([{ type: 'finishEdit', callId: 'c1' }])
  story.editSettles('c1', { ok: true, message: 'Success.' })
  expect(story.item('fileChange')).toMatchObject({ status: 'completed', input: 'abcd', output: 'Success.' })
  expect(story.lastRequest().input.slice(-2)).toEqual([
    { type: 'toolCall', callId: 'c1', name: 'apply_patch', input: 'abcd', format: 'freeform' },
    { type: 'toolResult', callId: 'c1', name: 'apply_patch', output: 'Success.', format: 'freeform' },
  ])
})

test('[TURN-4] the next request waits for every result of the response, in whatever order they come', () => {
  const story = new EngineStory().start('look')
  story.tool('a', 'read_file', '{"path":"x"}').tool('b', 'search', '{"query":"y"}')
  story.take()
  story.toolSettles('b', 'found').model({ type: 'completed' })
  expect(story.take()).toEqual([])
  story.toolSettles('a', 'text')
  expect(types(story.effects)).toEqual(['callModel'])
  expect(types(story.lastRequest().input)).toEqual([
    'message',
    'toolCall',
    'toolCall',
    'toolResult',
    'toolResult',
  ])
})

test('[TURN-5] stop cuts the model at once, takes the half-written edit back, and what comes late changes nothing', () => {
  const story = new EngineStory().start('edit').text('I will').edit('c1', 'half')
  story.take()
  story.interrupt()
  expect(story.take()).toEqual([
    { type: 'abortModel', call: 1 },
    { type: 'cutEdit', callId: 'c1' },
  ])
  story.text('late')
  expect(story.turn.status).toBe('running')
  story.editSettles('c1', { ok: false, message: 'Kept: nothing.' })
  expect(story.turn.status).toBe('interrupted')
  expect(story.item('fileChange').status).toBe('interrupted')
  expect(story.item('agentMessage').text).toBe('I will')
  expect(story.turn.items.some((item) => item.type === 'agentMessage' && item.text === 'late')).toBe(false)
})

test('[TURN-8] of an edit that a failure breaks off all that came before it is placed first', () => {
  const story = new EngineStory().start('edit').edit('c1', 'half')
  story.take()
  story.model({ type: 'failed', failure: { code: 'cut', detail: '', retriable: true } })
  expect(story.take()).toContainEqual({ type: 'cutEdit', callId: 'c1', placed: true })
})

test('[TURN-6] redirect keeps what is finished, drops the half-written, and tells the model what was kept', () => {
  const story = new EngineStory().start('rewrite both').text('First')
  story.edit('c1', 'p').redirect('only the first file')
  expect(story.turn.items.map(({ type }) => type)).toContain('userMessage')
  story.editSettles('c1', { ok: false, message: 'Kept: a.ts (1 hunk). Dropped: a half-written hunk.' })
  expect(story.turn.status).toBe('running')
  expect(story.lastRequest().input).toEqual([
    { type: 'message', role: 'user', text: 'rewrite both' },
    { type: 'message', role: 'assistant', text: 'First' },
    {
      type: 'message',
      role: 'user',
      text: '[Your edit was stopped by the person. Kept: a.ts (1 hunk). Dropped: a half-written hunk.]\n\nonly the first file',
    },
  ])
  story.text('OK').model({ type: 'completed' })
  expect(story.turn.status).toBe('completed')
})

test('[TURN-6] a partial answer stays in what the model is shown', () => {
  const story = new EngineStory().start('explain').text('Because the').redirect('shorter')
  expect(story.lastRequest().input).toEqual([
    { type: 'message', role: 'user', text: 'explain' },
    { type: 'message', role: 'assistant', text: 'Because the' },
    { type: 'message', role: 'user', text: '[The person stopped you there.]\n\nshorter' },
  ])
})

test('[TURN-7] a failure before anything was shown is tried again after a wait, then the turn fails', () => {
  const story = new EngineStory().start('hi')
  for (let attempt = 1; attempt <= limits.retryAttempts; attempt++) {
    story.take()
    story.fails({ code: 'overloaded', detail: 'at capacity' })
    expect(story.turn).toMatchObject({ status: 'retrying', failure: { code: 'overloaded' } })
    expect(types(story.take())).toEqual(['scheduleRetry'])
    story.retryDue()
    expect(story.turn.status).toBe('running')
  }
  story.fails({ code: 'overloaded' })
  expect(story.turn).toMatchObject({ status: 'failed', failure: { code: 'overloaded' } })
})

test('[TURN-7] the wait the backend asked for is kept to; one too long is left to the person', () => {
  const story = new EngineStory().start('hi').fails({ code: 'rateLimited', retryAfterMs: 1234 })
  expect(story.effects.at(-1)).toMatchObject({ type: 'scheduleRetry', delayMs: 1234 })
  const long = new EngineStory().start('hi').fails({ code: 'rateLimited', retryAfterMs: 3_600_000 })
  expect(long.turn).toMatchObject({ status: 'failed', failure: { retryAfterMs: 3_600_000 } })
})

test('[TURN-8] a failure after the first token ends the turn, keeps what was shown, and can be gone on from', () => {
  const story = new EngineStory().start('hi').text('Half an ans').fails({ code: 'cut' })
  expect(story.turn.status).toBe('failed')
  expect(story.item('agentMessage')).toMatchObject({ status: 'interrupted', text: 'Half an ans' })
  story.take()
  story.resume()
  expect(story.turn.status).toBe('running')
  expect(story.turn.failure).toBeUndefined()
  expect(story.lastRequest().input.at(-1)).toMatchObject({ role: 'user' })
  story.text('wer').model({ type: 'completed' })
  expect(story.turn.status).toBe('completed')
})

test('[TURN-9] a failure that no retry helps is final at once', () => {
  const story = new EngineStory().start('hi').fails({ code: 'wrongKey', retriable: false })
  expect(story.turn).toMatchObject({ status: 'failed', failure: { code: 'wrongKey' } })
  expect(types(story.effects)).not.toContain('scheduleRetry')
})

test('[TURN-10] stop during the wait for a retry ends the turn and the wait', () => {
  const story = new EngineStory().start('hi').fails({ code: 'stalled' })
  story.take()
  story.interrupt()
  expect(types(story.take())).toEqual(['cancelRetry'])
  expect(story.turn.status).toBe('interrupted')
  story.retryDue()
  expect(story.take()).toEqual([])
})

test('[TURN-11] the same call over and over, or too many requests, ends the turn as a loop', () => {
  const story = new EngineStory().start('loop')
  for (let i = 0; story.state.active && i < 10; i++) {
    story.tool(`c${i}`, 'read_file', '{"path":"a"}').model({ type: 'completed' })
    if (story.state.active) story.toolSettles(`c${i}`, 'same')
  }
  expect(story.turn).toMatchObject({ status: 'failed', failure: { code: 'toolLoop' } })

  const long = new EngineStory().start('loop')
  for (let i = 0; long.state.active && i < limits.turnRequests + 5; i++) {
    long.tool(`c${i}`, 'read_file', `{"path":"${i}"}`).model({ type: 'completed' })
    if (long.state.active) long.toolSettles(`c${i}`, 'text')
  }
  expect(long.turn).toMatchObject({ status: 'failed', failure: { code: 'toolLoop' } })
})

test('[TURN-12] Plan offers no way to write, and an edit tried all the same is a tool that does not exist', () => {
  const story = new EngineStory({ mode: 'plan' }).start('plan it')
  expect(story.lastRequest().tools.map(({ name }) => name)).not.toContain('apply_patch')
  story.take()
  story.edit('c1', 'p').editEnds('c1', 'p')
  expect(types(story.take())).toEqual(['runTool'])
})

test('[TURN-13] after a restart the turn that ran is interrupted, keeps its text, and can be gone on from', () => {
  const before = new EngineStory().start('go').text('so far').edit('c1', 'x')
  const story = new EngineStory()
  story.state = { thread: before.state.thread, active: undefined }
  story.recovered()
  expect(story.turn).toMatchObject({ status: 'interrupted', failure: { code: 'serverRestarted' } })
  expect(story.item('agentMessage').text).toBe('so far')
  expect(story.item('fileChange')).toMatchObject({ status: 'interrupted', output: 'Nothing of it was kept.' })
  story.resume()
  expect(story.turn.status).toBe('running')
})

test('[TURN-14] an edit cut off by the end of the response is taken back and reported', () => {
  const story = new EngineStory().start('edit').edit('c1', 'half')
  story.take()
  story.model({ type: 'completed' })
  expect(story.take()).toEqual([{ type: 'cutEdit', callId: 'c1' }])
  story.editSettles('c1', { ok: false, message: 'cut' })
  expect(types(story.take())).toEqual(['callModel'])
})

test('[TURN-14] a tool call cut off by the end of the response is reported too', () => {
  const story = new EngineStory().start('look')
  story.model(
    { type: 'toolCallStarted', callId: 'c1', name: 'read_file', format: 'json' },
    { type: 'toolCallDelta', callId: 'c1', delta: '{"pa' },
    { type: 'completed' },
  )
  expect(story.item('toolCall').status).toBe('interrupted')
  expect(story.lastRequest().input.at(-1)).toMatchObject({
    role: 'user',
    text: '[Your call of read_file was stopped before it gave a result.]',
  })
})

test('[TURN-15] a model without tools is only asked again when a block did not fit', () => {
  const model = { ...testModel, tools: 'none' as const }
  const good = new EngineStory({ model })
    .start('edit')
    .edit('c1', 'b')
    .editEnds('c1', 'b')
    .model({ type: 'completed' })
  good.editSettles('c1', { ok: true, message: 'Success.' })
  expect(good.turn.status).toBe('completed')
  const bad = new EngineStory({ model })
    .start('edit')
    .edit('c1', 'b')
    .editEnds('c1', 'b')
    .model({ type: 'completed' })
  bad.editSettles('c1', { ok: false, message: 'Failed to find expected lines' })
  expect(bad.turn.status).toBe('running')
  expect(bad.lastRequest().input.at(-1)).toMatchObject({
    role: 'user',
    text: expect.stringContaining('did not fit'),
  })
})

test('[TURN-16] reasoning that must go back does so with its response, and not with a half one', () => {
  const story = new EngineStory().start('think').model({ type: 'opaque', data: '{"id":"rs_1"}' })
  story.tool('a', 'read_file', '{"path":"x"}').model({ type: 'completed' }).toolSettles('a', 'text')
  expect(types(story.lastRequest().input)).toEqual(['message', 'opaque', 'toolCall', 'toolResult'])
  const half = new EngineStory()
    .start('think')
    .model({ type: 'opaque', data: '{}' })
    .text('so')
    .redirect('no')
  expect(types(half.lastRequest().input)).toEqual(['message', 'message', 'message'])
})

test('[TURN-16] reasoning of a failed attempt or for another model does not go back', () => {
  const opaque = { type: 'opaque', data: '{"id":"rs_1"}' } as const
  const story = new EngineStory().start('think').model(opaque).fails({ code: 'cut' }).retryDue()
  expect(types(story.lastRequest().input)).toEqual(['message'])
  story
    .model({ ...opaque, data: '{"id":"rs_2"}' })
    .text('So.')
    .model({ type: 'completed' })
  story.start('and?')
  expect(story.lastRequest().input.map((item) => ('data' in item ? item.data : item.type))).toEqual([
    'message',
    '{"id":"rs_2"}',
    'message',
    'message',
  ])
  const other = { ...testModel, id: 'test/other' }
  const elsewhere = buildRequest({ thread: story.state.thread, model: other, guidance: undefined })
  expect(types(elsewhere.input)).toEqual(['message', 'message', 'message'])
})

test('[TURN-18] what the model was shown stays as it was', () => {
  const model = { ...testModel, tools: 'none' as const }
  const story = new EngineStory({ model }).start('edit')
  const requests = [story.lastRequest().input]
  for (const callId of ['c1', 'c2', 'c3']) {
    story.text(`Try ${callId}.`).edit(callId, callId).editEnds(callId, callId).model({ type: 'completed' })
    story.editSettles(callId, { ok: callId === 'c3', message: `${callId} did not match` })
    if (callId !== 'c3') requests.push(story.lastRequest().input)
  }
  story.start('more')
  requests.push(story.lastRequest().input)
  requests.reduce((before, after) => {
    expect(after.slice(0, before.length)).toEqual(before)
    return after
  })
})

test('[TURN-17] a turn’s usage is that of all its requests, the meter shows the last', () => {
  const story = new EngineStory().start('hi')
  const usage = { inputTokens: 100, cachedTokens: 60, outputTokens: 20 }
  story.tool('a', 'read_file', '{"path":"x"}').model({ type: 'usage', usage }, { type: 'completed' })
  story.toolSettles('a', 'text').text('x')
  story.model(
    { type: 'usage', usage: { inputTokens: 150, cachedTokens: 100, outputTokens: 5 } },
    { type: 'completed' },
  )
  expect(story.state.thread.contextTokens).toBe(155)
  expect(story.turn.usage).toEqual({ inputTokens: 250, cachedTokens: 160, outputTokens: 25 })
})

test('[TURN-17] usage fills the context meter', () => {
  const story = new EngineStory().start('hi').text('x')
  story.model(
    { type: 'usage', usage: { inputTokens: 100, cachedTokens: 60, outputTokens: 20 } },
    { type: 'completed' },
  )
  expect(story.state.thread.contextTokens).toBe(120)
  expect(story.turn.usage).toEqual({ inputTokens: 100, cachedTokens: 60, outputTokens: 20 })
})

test('[TURN-19] a model of another way of editing is shown earlier edits in its own way, or told of them', () => {
  const patch = '*** Begin Patch\n"一"\n*** End Patch'
  const edited = (tools: 'custom' | 'function' | 'none') => {
    const story = new EngineStory({ model: { ...testModel, tools } }).start('edit')
    const format = tools === 'function' ? 'json' : 'freeform'
    const input = tools === 'function' ? JSON.stringify({ input: patch }) : patch
    story.model(
      { type: 'toolCallStarted', callId: 'c1', name: 'apply_patch', format },
      { type: 'toolCallCompleted', callId: 'c1', name: 'apply_patch', input, format },
      { type: 'completed' },
    )
    story.editSettles('c1', { ok: true, message: 'Success.' })
    return story.state.thread
  }
  const shown = (from: 'custom' | 'function' | 'none', to: 'custom' | 'function' | 'none') => {
    const model = { ...testModel, id: 'test/other', tools: to }
    const { input } = buildRequest({ thread: edited(from), model, guidance: undefined })
    return input
      .slice(1)
      .map((item) => ('input' in item ? item.input : 'text' in item ? item.text : item.type))
  }
  const json = JSON.stringify({ input: patch })
  expect(shown('custom', 'function')).toEqual([json, 'toolResult'])
  expect(shown('function', 'custom')).toEqual([patch, 'toolResult'])
  expect(shown('none', 'none')).toEqual([patch])
  for (const [from, to] of [
    ['custom', 'none'],
    ['function', 'none'],
    ['none', 'custom'],
    ['none', 'function'],
  ] as const) {
    expect(shown(from, to)).toEqual(['[Your edit was made. Success.]'])
  }
})
