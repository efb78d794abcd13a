import { expect, test } from 'vitest'
import { EngineStory, testModel } from '../testing/engine-story.ts'
import { checkRequest, readVerdict } from './check.ts'

const block = 'a.ts\n<<<<<<< SEARCH\none\n=======\ntwo\n>>>>>>> REPLACE\n'

test('[CHECK-11] what is asked, answered and edited is shown with the files as they are', () => {
  const story = new EngineStory().start('make it two').edit('e', 'patch').editEnds('e', '*** Begin Patch …')
  story.model({ type: 'completed' }).editSettles('e', { ok: true, message: '' })
  story.text('It is two.').model({ type: 'completed' })
  const { thread } = story.state
  const request = checkRequest({
    thread,
    turn: story.turn,
    model: testModel,
    files: ['Text of a.ts now:\ntwo'],
  })
  const said = request.input.map((item) => (item.type === 'message' ? item.text : '')).join()
  for (const part of ['make it two', 'It is two.', '*** Begin Patch …', 'Text of a.ts now:\ntwo'])
    expect(said).toContain(part)
  expect(request).toMatchObject({ tools: [], maxOutputTokens: 16_000, model: 'spark' })
})

test('[CHECK-11] an answer is nothing, a correction with its reason, or unreadable', () => {
  for (const text of ['OK', 'OK.', ' **OK**', 'ok, nothing to correct'])
    expect(readVerdict(text).kind).toBe('clean')
  for (const text of ['', 'I am not sure about this.', 'Okra is missing.', '*** Begin Patch'])
    expect(readVerdict(text).kind).toBe('unreadable')
  expect(readVerdict(`It must be two.\n\n${block}`)).toEqual({
    kind: 'correction',
    reason: 'It must be two.',
    edits: block,
  })
  expect(readVerdict(`- **It must be two.**\n\`\`\`\n${block}`)).toMatchObject({
    kind: 'correction',
    edits: block,
  })
  expect(readVerdict(block)).toEqual({ kind: 'correction', reason: '', edits: block })
  const long = readVerdict(`${'x'.repeat(500)}\n${block}`)
  expect(long.kind === 'correction' && long.reason.length).toBe(200)
})
