import { expect, test } from 'vitest'
import { createTranslate } from '../../client/i18n/messages.ts'
import { hunkIdSchema, itemIdSchema, turnIdSchema } from '../../core/protocol/ids.ts'
import type { FileEdit } from '../../core/protocol/item.ts'
import type { ReviewHunk, ReviewState } from '../../core/state/review.ts'
import { aboutHunk } from './hunk-prompt.ts'

const t = createTranslate('en')

function entry(change: {
  readonly removedText?: string
  readonly kind?: FileEdit['kind']
  readonly state?: ReviewState
}): ReviewHunk {
  const { removedText = 'old\n', kind = 'update', state = 'unreviewed' } = change
  const id = hunkIdSchema.parse('trn_1.1.1')
  const counts = { addedLines: 1, removedLines: 1, startLine: 3 }
  const hunk = { id, path: 'src/a.ts', status: 'written', removedText, ...counts } as const
  return {
    turnId: turnIdSchema.parse('trn_1'),
    itemId: itemIdSchema.parse('trn_1.1'),
    path: 'src/a.ts',
    file: { path: 'src/a.ts', kind, status: 'written', hunks: [hunk] },
    hunk,
    state,
  }
}
const standing = (text: string) => ({ line: 5, above: [], text, below: [] })

test('[DECK-4] words about a change go with its place, what stands there and what it removed; of a place that is gone nothing is quoted as if it stood there', () => {
  expect(aboutHunk(t, entry({}), standing('new\nmore\n'), 'Why?')).toBe(
    'About your change in src/a.ts, lines 5–6, which read now:\n\n```\nnew\nmore\n```\n\nYour change had removed:\n\n```\nold\n```\n\nWhy?',
  )
  expect(aboutHunk(t, entry({ state: 'undone' }), standing('old\n'), 'Why?')).toMatch(
    /which I have undone\. Its lines 5–5 read now as before:\n\n```\nold\n```\n\nWhy\?$/,
  )
  expect(aboutHunk(t, entry({}), standing(''), 'Why?')).toMatch(
    /at line 5, where nothing stands now\.\n\nYour change had removed:/,
  )
  const gone = aboutHunk(t, entry({ removedText: '' }), 'missing', 'Why?')
  expect(gone).toMatch(/written at line 3\. That place is not in the file any more/)
  expect(gone).not.toContain('```')
  expect(aboutHunk(t, entry({}), 'missing', 'Why?')).toMatch(
    /not in the file any more.*\n\nYour change had removed:/,
  )
  expect(aboutHunk(t, entry({ kind: 'delete' }), 'missing', 'Why?')).toMatch(
    /^About src\/a\.ts, which you deleted\./,
  )
})

test('[DECK-5] long text is quoted by its head and its tail, and cannot end its fence', () => {
  const long = '```\n'.repeat(10_000)
  const prompt = aboutHunk(t, entry({ removedText: long }), standing(long), 'Why?')
  expect(prompt.length).toBeLessThan(13_000)
  expect(prompt.match(/characters left out/g)).toHaveLength(2)
  expect(prompt.match(/^````$/gm)).toHaveLength(4)
})
