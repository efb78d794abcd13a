import { expect, test } from 'vitest'
import { RequestError } from '../../core/protocol/errors.ts'
import type { FileEdit } from '../../core/protocol/item.ts'
import { EngineStory } from '../../core/testing/engine-story.ts'
import { attachActiveFile, isBeingWritten, readGuidance, readPrompt } from './prompt-context.ts'

const reader = (files: Record<string, string>) => async (path: string) => files[path]

test('[CONTEXT-1] guidance is AGENTS.md from the root to the active file’s folder, CLAUDE.md where there is none', async () => {
  const read = reader({
    'AGENTS.md': 'root',
    'a/CLAUDE.md': 'folder a',
    'a/b/AGENTS.md': 'folder b',
    'x/AGENTS.md': 'other',
  })
  expect(await readGuidance(read, 'a/b/file.ts')).toBe('root\n\nfolder a\n\nfolder b')
  expect(await readGuidance(read, undefined)).toBe('root')
  expect(await readGuidance(reader({}), 'a.ts')).toBeUndefined()
})

test('[CONTEXT-2] the active file is shown whole, a long one as a window around the cursor', async () => {
  const context = { activePath: 'a.ts', openPaths: [], cursor: { line: 5000, column: 1 } }
  expect(await attachActiveFile(reader({ 'a.ts': 'x\n' }), context)).toBe('Text of a.ts now:\n```\nx\n```')
  const long = Array.from({ length: 10_000 }, (_, i) => `line ${i + 1}`).join('\n')
  const shown = await attachActiveFile(reader({ 'a.ts': long }), context)
  expect(shown).toMatch(/^Lines 4800-5200 of 10000 of a.ts now:/)
  expect(shown).toContain('\nline 5000\n')
  expect(await attachActiveFile(reader({}), context)).toBeUndefined()
})

test('[CONTEXT-3] text cannot end the fence it is shown in', async () => {
  const shown = await attachActiveFile(reader({ 'a.md': 'x\n```\n````js\n' }), {
    activePath: 'a.md',
    openPaths: [],
  })
  expect(shown).toBe('Text of a.md now:\n`````\nx\n```\n````js\n`````')
})

test('[CONTEXT-5] the active file is shown unless the newest the model has of it is this very text', async () => {
  const story = new EngineStory()
  const context = { activePath: 'a.ts', openPaths: [] }
  const ask = async (text: string) => {
    const readText = async () => text
    const { prompt, shown } = await readPrompt({
      text: 'x',
      context,
      attached: context,
      thread: story.state.thread,
      readText,
    })
    expect(shown).toEqual(['a.ts'])
    story.start('x', prompt.attachments).text('Yes.').model({ type: 'completed' })
    return prompt.attachments.length
  }
  expect([await ask('one'), await ask('one'), await ask('two'), await ask('one'), await ask('one')]).toEqual([
    1, 0, 1, 1, 0,
  ])
})

test('[CONTEXT-5] half-written text is not shown', () => {
  const story = new EngineStory().start('x').edit('c1', 'p')
  expect(isBeingWritten(story.state.thread, 'a.ts')).toBe(false)
  const { id, files } = story.item('fileChange')
  expect(files).toEqual([])
  const file: FileEdit = { path: 'a.ts', kind: 'update', status: 'writing', hunks: [] }
  story.give({ type: 'fact', event: { type: 'edit/fileChanged', turnId: story.turn.id, itemId: id, file } })
  expect(isBeingWritten(story.state.thread, 'a.ts')).toBe(true)
  story.interrupt().editSettles('c1', { ok: false, message: 'cut' })
  expect(isBeingWritten(story.state.thread, 'a.ts')).toBe(false)
})

test('[CONTEXT-6] an active file that cannot be read is not shown', async () => {
  const readText = async () => {
    throw new RequestError('pathDenied', 'no')
  }
  const context = { activePath: 'a.ts', openPaths: [] }
  const { thread } = new EngineStory().state
  const { prompt, shown } = await readPrompt({ text: 'x', context, attached: context, thread, readText })
  expect([prompt.attachments, shown]).toEqual([[], []])
})
