import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  hunkIdSchema,
  itemIdSchema,
  pathSchema,
  threadIdSchema,
  turnIdSchema,
  workspaceIdSchema,
} from '../protocol/ids.ts'
import type { Item } from '../protocol/item.ts'
import type { ThreadState } from '../protocol/thread.ts'
import { fenced, threadToJson, threadToMarkdown } from './export-thread.ts'

const id = itemIdSchema.parse('trn_1.1')
const edit = (input: string): Item => ({
  type: 'fileChange',
  id,
  request: 0,
  status: 'completed',
  callId: 'c',
  format: 'freeform',
  input,
  output: 'Success.',
  files: [
    {
      path: pathSchema.parse('a.md'),
      kind: 'update',
      status: 'written',
      hunks: [
        {
          id: hunkIdSchema.parse('trn_1.1.1'),
          path: pathSchema.parse('a.md'),
          status: 'written',
          startLine: 1,
          addedLines: 1,
          removedLines: 1,
          removedText: 'old',
          anchor: { from: 'ANCHOR', to: 'ANCHOR' },
          changes: 'CHANGES',
        },
      ],
    },
  ],
})
const answer = (text: string): Item => ({ type: 'agentMessage', id, request: 0, status: 'completed', text })

function threadOf(items: Item[]): ThreadState {
  return {
    id: threadIdSchema.parse('thr_1'),
    workspaceId: workspaceIdSchema.parse('wsp_1'),
    title: 'Fix *it*',
    createdAt: 0,
    modelId: 'm',
    mode: 'live',
    contextTokens: 0,
    turns: [
      {
        id: turnIdSchema.parse('trn_1'),
        status: 'completed',
        mode: 'live',
        modelId: 'm',
        startedAt: 0,
        items,
      },
    ],
  }
}

test('[EXPORT-1] Markdown has title, date, prompts as quotes, answers, and edits as patches under their path', () => {
  const prompt: Item = { type: 'userMessage', id, kind: 'prompt', text: 'do it\n\n# now', at: 0 }
  expect(threadToMarkdown(threadOf([prompt, edit('-old\n+new'), answer('Done.\n')]), '2026-01-02')).toBe(
    '# Fix \\*it\\*\n\n2026-01-02 · `m`\n\n## Prompt\n\n> do it\n>\n> # now\n\n' +
      '**Edited** `a.md`\n\n```diff\n-old\n+new\n```\n\nDone.\n',
  )
})

test('[EXPORT-1] words added to a turn are there when the model was told them', () => {
  const steer = { type: 'userMessage', id, kind: 'steer', at: 0 } as const
  const said: Item[] = [
    { ...steer, state: 'applied', text: 'also this' },
    { ...steer, state: 'returned', text: 'not that' },
  ]
  const text = threadToMarkdown(threadOf(said), '2026-01-02')
  expect(text).toContain('## Addition\n\n> also this')
  expect(text).not.toContain('not that')
})

test('[EXPORT-2] no text closes the code block it is in, and a cut answer does not swallow what follows', () => {
  const text = fc
    .array(fc.constantFrom('`', '```', '````', '~~~', '\n', ' ', 'x', '```diff'))
    .map((all) => all.join(''))
  fc.assert(
    fc.property(text, (inside) => {
      const lines = fenced(inside, 'diff').split('\n')
      const fence = lines.at(-1) ?? ''
      const closing = (line: string) => /^ {0,3}(`{3,})\s*$/.exec(line)?.[1]?.length ?? 0
      expect(fence).toMatch(/^`{3,}$/)
      expect(lines.slice(1, -1).some((line) => closing(line) >= fence.length)).toBe(false)
    }),
  )
  const cut = threadToMarkdown(
    threadOf([answer('Look:\n````js\n```\nlet a'), answer('After.')]),
    '2026-01-02',
  )
  expect(cut).toContain('let a\n````\n\nAfter.')
})

test('[EXPORT-3] JSON names its version and leaves out encrypted reasoning, files shown and marks in documents', () => {
  const opaque: Item = { type: 'opaque', id, request: 0, modelId: 'm', data: 'SECRET' }
  const shown: Item = { type: 'context', id, text: 'SECRET' }
  const text = threadToJson(threadOf([opaque, shown, edit('-old\n+new'), answer('Done.')]))
  expect(text).not.toMatch(/SECRET|ANCHOR|CHANGES/)
  const parsed: unknown = JSON.parse(text)
  expect(parsed).toMatchObject({
    format: 'tandem-thread',
    version: 1,
    thread: { title: 'Fix *it*', turns: [{ items: [{ type: 'fileChange' }, { text: 'Done.' }] }] },
  })
})
