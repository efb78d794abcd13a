import { expect, test } from 'vitest'
import type { InlinePlace } from '../protocol/item.ts'
import { EngineStory, testModel } from '../testing/engine-story.ts'

const place = (startLine: number, endLine: number, text: string): InlinePlace => ({
  startLine,
  endLine,
  text,
})

function ask(inline: readonly InlinePlace[], story = new EngineStory()): EngineStory {
  return story.start('shout', [], { activePath: 'a.ts', inline: [...inline] })
}

function said(story: EngineStory): string {
  const last = story.lastRequest().input.at(-1)
  return last?.type === 'message' ? last.text : ''
}

test('[INPLACE-1] the prompt names the lines, and the instructions are those of any turn', () => {
  const story = ask([place(3, 9, 'selected')])
  expect(said(story)).toContain('in the active file: lines 3-9.')
  expect(said(story)).toMatch(/<\/edit-in-place>\n\n<context>\nactive file: a\.ts\n<\/context>\n\nshout$/)
  expect(story.lastRequest().instructions).toBe(new EngineStory().start('x').lastRequest().instructions)
  expect(said(ask([place(4, 4, '')]))).toContain('in the active file: at line 4.')
})

test('[INPLACE-1] of several selections each is shown with its lines and its text, whatever is in it', () => {
  const text = said(ask([place(1, 1, 'const a'), place(5, 6, '```\nb\n```'), place(9, 9, '')]))
  expect(text).toContain('line 1; lines 5-6; at line 9.')
  expect(text).toContain('line 1 now:\n```\nconst a\n```\n')
  expect(text).toContain('lines 5-6 now:\n````\n```\nb\n```\n````')
  expect(text).not.toContain('at line 9 now')
})

test('[INPLACE-2] an edit that fits ends the turn without another request', () => {
  const story = ask([place(1, 1, 'a')])
  story.edit('c1', 'P').editEnds('c1', 'P').model({ type: 'completed' })
  story.take()
  story.editSettles('c1', { ok: true, message: 'Success.' })
  expect(story.turn.status).toBe('completed')
  expect(story.take()).toEqual([])
  story.start('and more')
  expect(story.lastRequest().input.slice(-3)).toMatchObject([
    { type: 'toolCall', callId: 'c1' },
    { type: 'toolResult', callId: 'c1' },
    { type: 'message', role: 'user', text: 'and more' },
  ])
})

test('[INPLACE-2] an edit that does not fit goes back to the model, and a look at files is followed by its edit', () => {
  const failed = ask([place(1, 1, 'a')])
  failed.edit('c1', 'P').editEnds('c1', 'P').model({ type: 'completed' })
  failed.editSettles('c1', { ok: false, message: 'Not found.' })
  expect(failed.turn.status).toBe('running')

  const looked = ask([place(1, 1, 'a')])
  looked.tool('c1', 'read_file', '{"path":"a.ts"}').model({ type: 'completed' }).toolSettles('c1', 'text')
  expect(looked.turn.status).toBe('running')
  looked.edit('c2', 'P').editEnds('c2', 'P').model({ type: 'completed' })
  looked.editSettles('c2', { ok: true, message: 'Success.' })
  expect(looked.turn.status).toBe('completed')
})

test('[INPLACE-2] an answer in words ends the turn, also of a model without tools', () => {
  const story = ask([place(1, 1, 'a')], new EngineStory({ model: { ...testModel, tools: 'none' } }))
  story.text('Nothing to shout about.').model({ type: 'completed' })
  expect(story.turn).toMatchObject({ status: 'completed', items: [{}, { type: 'agentMessage' }] })
})
