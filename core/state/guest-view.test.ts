import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hunkIdSchema, turnIdSchema } from '../protocol/ids.ts'
import type { FileEdit, Hunk } from '../protocol/item.ts'
import { queueIdSchema } from '../protocol/queue.ts'
import { shareIdSchema } from '../protocol/share.ts'
import type { ThreadEvent } from '../protocol/thread.ts'
import { EngineStory, testModel } from '../testing/engine-story.ts'
import { guestEvent, guestThread, isGuestTurn, sharedPaths } from './guest-view.ts'
import { reduceThread } from './thread-reducer.ts'

const guest = { linkId: shareIdSchema.parse('shr_1'), name: 'Ada' }
const secret = 'hunter2'

function file(path: string, status: Hunk['status'], more: Partial<FileEdit> = {}): FileEdit {
  const id = hunkIdSchema.parse('trn_1.2.1')
  const hunk = { id, path, status, startLine: 1, addedLines: 1, removedLines: 0, removedText: '' }
  return { path, kind: 'update', status: 'written', hunks: [hunk], ...more }
}

function edited(story: EngineStory, entry: FileEdit): EngineStory {
  const { turn } = story
  const itemId = story.item('fileChange').id
  return story.give({
    type: 'fact',
    event: { type: 'edit/fileChanged', turnId: turn.id, itemId, file: entry },
  })
}

/** A story in which everything that is not for guests holds the secret. */
function tellAll(): EngineStory {
  const story = new EngineStory()
  const at = 5
  story.give({ type: 'fact', event: { type: 'thread/renamed', title: 'Shared' } })
  story.give({
    type: 'start',
    turnId: turnIdSchema.parse('trn_1'),
    prompt: {
      text: 'please',
      context: {
        activePath: 'src/a.ts',
        openPaths: [secret],
        selection: { startLine: 1, endLine: 1, text: secret },
      },
      attachments: [`Text of .env now:\n${secret}`],
    },
    choice: { model: testModel, fallbacks: [], passedOver: [] },
    guidance: secret,
    at,
  })
  story.text('I will', ' read')
  story.model({ type: 'reasoningDelta', text: 'hm' })
  story.model({ type: 'toolCallStarted', callId: 'c1', name: 'read_file', format: 'json' })
  story.model({ type: 'toolCallDelta', callId: 'c1', delta: `{"path":"${secret}` })
  story.model({
    type: 'toolCallCompleted',
    callId: 'c1',
    name: 'read_file',
    input: `{"path":"${secret}"}`,
    format: 'json',
  })
  story.model({ type: 'opaque', data: `{"x":"${secret}"}` })
  story.model({ type: 'completed' })
  story.toolSettles('c1', secret)
  story.edit('c2', `*** Begin Patch ${secret}`)
  edited(story, file('src/b.ts', 'writing', { status: 'writing' }))
  story.editEnds('c2', secret)
  story.editSettles('c2', { ok: true, message: secret })
  story.give({
    type: 'fact',
    event: {
      type: 'queue/changed',
      queue: [
        { id: queueIdSchema.parse('que_1'), text: 'next', context: { openPaths: [], activePath: secret } },
      ],
      paused: false,
    },
  })
  return story.model({ type: 'completed' }).text('Done').model({ type: 'completed' })
}

test('[GUEST-1] what a guest is sent holds nothing the model was shown besides, and none of its own tool results', () => {
  const { events } = tellAll()
  let full = reduceThread(undefined, {
    type: 'thread/created',
    ...new EngineStory().state.thread,
    at: 0,
  })
  const sent: ThreadEvent[] = []
  for (const event of events) {
    full = reduceThread(full, event)
    const seen = guestEvent(event, full)
    if (seen) sent.push(seen)
  }
  const told = JSON.stringify([sent, guestThread(full)])
  expect(told).not.toContain(secret)
  for (const shown of ['please', 'I will', ' read', 'src/b.ts', 'Done', 'next', 'Shared'])
    expect(told).toContain(shown)
  // The control: the log itself does hold it.
  expect(JSON.stringify(full)).toContain(secret)
})

test('[GUEST-2] a guest who joins at any moment ends with the same thread as one who comes at the end', () => {
  const { events } = tellAll()
  const start = reduceThread(undefined, { type: 'thread/created', ...new EngineStory().state.thread, at: 0 })
  fc.assert(
    fc.property(fc.nat(events.length), (joinAt) => {
      let full = start
      for (const event of events.slice(0, joinAt)) full = reduceThread(full, event)
      let theirs = guestThread(full)
      for (const event of events.slice(joinAt)) {
        full = reduceThread(full, event)
        const seen = guestEvent(event, full)
        if (seen) theirs = reduceThread(theirs, seen)
      }
      expect(theirs).toEqual(guestThread(full))
    }),
  )
})

test('[GUEST-3] only a delta is withheld; every logged event keeps its place', () => {
  const { events, state } = tellAll()
  for (const event of events) {
    if (guestEvent(event, state.thread) === undefined) expect(event.type).toBe('item/delta')
  }
})

test('[GUEST-4] a guest sees the files the edits reached and the owner’s prompts point at, and none by asking', () => {
  const story = tellAll()
  expect([...sharedPaths(story.state.thread)].sort()).toEqual(['src/a.ts', 'src/b.ts'])
  const turnId = turnIdSchema.parse('trn_2')
  const asked = {
    text: 'show me',
    context: { activePath: '.env', openPaths: ['.env'], mentions: [{ kind: 'file' as const, path: '.env' }] },
    attachments: [],
    guest,
  }
  story.give({
    type: 'start',
    turnId,
    prompt: asked,
    choice: { model: testModel, fallbacks: [], passedOver: [] },
    guidance: undefined,
    at: 9,
  })
  expect(isGuestTurn(story.turn)).toBe(true)
  story.edit('c3', 'p')
  edited(story, file('.env', 'dropped', { status: 'failed' }))
  expect(sharedPaths(story.state.thread).has('.env')).toBe(false)
  edited(story, file('new.ts', 'writing', { kind: 'add', status: 'writing', movedTo: 'newer.ts' }))
  expect([...sharedPaths(story.state.thread)].sort()).toEqual(['new.ts', 'newer.ts', 'src/a.ts', 'src/b.ts'])
  // A provider that reads by itself is told how far it may.
  story.take()
  story.editEnds('c3', 'p').editSettles('c3', { ok: true, message: 'ok' }).model({ type: 'completed' })
  expect([...(story.lastRequest().onlyPaths ?? [])].sort()).toEqual([
    'new.ts',
    'newer.ts',
    'src/a.ts',
    'src/b.ts',
  ])
})

test('[GUEST-5] an owner’s turn is not held to the files of the thread', () => {
  const story = new EngineStory().start('hi')
  expect(isGuestTurn(story.turn)).toBe(false)
  expect(story.lastRequest().onlyPaths).toBeUndefined()
})
