import { expect, test } from 'vitest'
import { reviewNote } from '../engine/review-note.ts'
import { hunkIdSchema, rewindIdSchema, turnIdSchema } from '../protocol/ids.ts'
import type { Hunk } from '../protocol/item.ts'
import type { RewindScope } from '../protocol/rewind.ts'
import type { ThreadEvent } from '../protocol/thread.ts'
import { EngineStory } from '../testing/engine-story.ts'
import { reduceThread } from './thread-reducer.ts'

const rewindId = rewindIdSchema.parse('rew_1')
const turnIds = [1, 2, 3].map((n) => turnIdSchema.parse(`trn_${n}`))
const [first, second, third] = turnIds
if (!first || !second || !third) throw new Error('three turns')

/** Three turns, each of which wrote two hunks in a file of its own. */
function threeTurns() {
  const story = new EngineStory()
  const give = (event: ThreadEvent) => story.give({ type: 'fact', event })
  for (const turnId of turnIds) {
    story.start(`prompt of ${turnId}`)
    const itemId = `${turnId}.9` as never
    const hunks = [1, 2].map(
      (n): Hunk => ({
        id: hunkIdSchema.parse(`${itemId}.${n}`),
        path: `${turnId}.ts`,
        status: 'written',
        startLine: n,
        addedLines: n,
        removedLines: 0,
        removedText: '',
        changes: `c${n}`,
      }),
    )
    const file = { path: `${turnId}.ts`, kind: 'update', status: 'written', hunks } as const
    const change = { type: 'fileChange', id: itemId, request: 0, status: 'completed', callId: 'c' } as const
    const item = { ...change, format: 'json', input: '', output: '', files: [{ ...file, hunks }] } as const
    give({ type: 'item/completed', turnId, item: { ...item, files: [...item.files] } })
    const usage = { inputTokens: 1, cachedTokens: 0, outputTokens: 1 }
    give({ type: 'turn/usageReported', turnId, usage, contextTokens: Number(turnId.at(-1)) * 100 })
    story.model({ type: 'completed' } as never)
    give({ type: 'turn/settled', turnId, status: 'completed', at: 1 })
    story.state = { ...story.state, active: undefined }
  }
  const changesOf = (turnId: string, prefix: string) =>
    Object.fromEntries([1, 2].map((n) => [`${turnId}.9.${n}`, `${prefix}${n}`]))
  const rewound = (what: RewindScope): ThreadEvent => {
    const inverse = what === 'conversation' ? {} : { ...changesOf('trn_2', 'i'), ...changesOf('trn_3', 'i') }
    const undone = what === 'conversation' ? [] : [second, third].filter((id) => id !== undefined)
    return { type: 'thread/rewound', rewindId, turnId: turnIds[1], what, inverse, undone } as ThreadEvent
  }
  const unrewound = (what: RewindScope): ThreadEvent => {
    const changes = what === 'conversation' ? {} : { ...changesOf('trn_2', 'c'), ...changesOf('trn_3', 'c') }
    return { type: 'thread/unrewound', rewindId, changes } as ThreadEvent
  }
  return { story, give, rewound, unrewound }
}

test('[REWIND-3] a rewind takes out what it says, and undoing it puts the thread as it was', () => {
  for (const what of ['files', 'conversation', 'both'] as const) {
    const { story, give, rewound, unrewound } = threeTurns()
    const before = story.state.thread
    give(rewound(what))
    const { thread } = story.state
    expect(thread.turns.map(({ id }) => id)).toEqual(what === 'files' ? turnIds : [first])
    expect(thread.contextTokens).toBe(what === 'files' ? 300 : 100)
    const after = [...thread.turns, ...(thread.rewound?.[0]?.turns ?? [])]
    const statuses = after.map(({ undone, items }) => [
      undone !== undefined,
      items.flatMap((item) => (item.type === 'fileChange' ? item.files.map(({ status }) => status) : [])),
    ])
    const out = what === 'conversation' ? [false, ['written']] : [true, ['undone']]
    expect(statuses).toEqual([[false, ['written']], out, out])
    give(unrewound(what))
    expect(story.state.thread).toEqual(before)
  }
})

test('[REWIND-3] only the latest is undone, and what could not come back keeps its way back', () => {
  const { story, give, rewound } = threeTurns()
  give(rewound('both'))
  const again = rewindIdSchema.parse('rew_2')
  give({
    type: 'thread/rewound',
    rewindId: again,
    turnId: first,
    what: 'conversation',
    inverse: {},
    undone: [],
  })
  const { thread } = story.state
  expect(reduceThread(thread, { type: 'thread/unrewound', rewindId, changes: {} })).toBe(thread)
  give({ type: 'thread/unrewound', rewindId: again, changes: {} })
  const some = hunkIdSchema.parse('trn_2.9.1')
  give({ type: 'thread/unrewound', rewindId, changes: { [some]: 'c1' } })
  expect(story.state.thread.turns.map(({ undone }) => undone && Object.keys(undone))).toEqual([
    undefined,
    ['trn_2.9.2'],
    ['trn_3.9.1', 'trn_3.9.2'],
  ])
})

test('[REWIND-4] a new turn, or an old one that goes on, ends the way back', () => {
  for (const event of [
    { type: 'turn/started', turnId: turnIdSchema.parse('trn_9'), modelId: 'm', mode: 'live', at: 2 },
    { type: 'turn/resumed', turnId: first, at: 2 },
  ] as const) {
    const { story, give, rewound } = threeTurns()
    give(rewound('both'))
    give(event)
    expect(story.state.thread.rewound).toBeUndefined()
  }
})

test('[REWIND-4] the turn that runs a rewound prompt again does not, and leaves when it is undone', () => {
  const { story, give, rewound, unrewound } = threeTurns()
  const before = story.state.thread
  give(rewound('both'))
  const rerun = turnIdSchema.parse('trn_9')
  give({ type: 'turn/started', turnId: rerun, rewindId, modelId: 'm', mode: 'live', at: 2 })
  give({ type: 'turn/resumed', turnId: rerun, at: 3 })
  expect(story.state.thread.turns.map(({ id }) => id)).toEqual([first, rerun])
  expect(story.state.thread.rewound).toMatchObject([{ id: rewindId, rerun }])
  give(unrewound('both'))
  expect(story.state.thread).toEqual(before)
})

test('[REWIND-5] whole turns are told by their prompt and files, parts one by one, and nothing of what left', () => {
  const { story, give, rewound, unrewound } = threeTurns()
  give(rewound('files'))
  expect(reviewNote(story.state.thread)).toBe(
    [
      'The person undid these changes of yours; do not make them again unless asked:',
      '- all you changed in answer to "prompt of trn_2": trn_2.ts (+3 −0 lines)',
      '- all you changed in answer to "prompt of trn_3": trn_3.ts (+3 −0 lines)',
    ].join('\n'),
  )
  give(unrewound('files'))
  expect(reviewNote(story.state.thread)).toBeUndefined()
  give({ type: 'review/undone', inverse: { [hunkIdSchema.parse('trn_1.9.2')]: 'i' } })
  expect(reviewNote(story.state.thread)).toMatch(/\n- trn_1\.ts, written at line 2/)
  give(rewound('both'))
  expect(reviewNote(story.state.thread)).not.toContain('trn_2')
})

test('[REWIND-5] when the conversation alone went back it is told which files hold what it does not see', () => {
  const { story, give, rewound } = threeTurns()
  give(rewound('conversation'))
  expect(reviewNote(story.state.thread)).toMatch(/read them before you edit them: trn_2\.ts, trn_3\.ts$/)
  const rerun = turnIdSchema.parse('trn_9')
  give({ type: 'turn/started', turnId: rerun, rewindId, modelId: 'm', mode: 'live', at: 2 })
  expect(reviewNote(story.state.thread)).toBeUndefined()
})
