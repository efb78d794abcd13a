import { expect, test } from 'vitest'
import { attachActiveFile, readGuidance } from './prompt-context.ts'

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
