import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fuzzyQuery, fuzzyScore } from './fuzzy.ts'
import { bestOf } from './path-index.ts'

function best(query: string, paths: readonly string[]): string | undefined {
  const ready = fuzzyQuery(query)
  const scored = paths.flatMap((path) => {
    const score = fuzzyScore(ready, path)
    return score === undefined ? [] : [{ path, score }]
  })
  scored.sort((a, b) => b.score - a.score || a.path.length - b.path.length)
  return scored[0]?.path
}

const paths = [
  'app/page.tsx',
  'client/editor/text-model.ts',
  'components/chat/chat-pane.tsx',
  'components/chat/chatPaneHeader.tsx',
  'components/files/path-list.tsx',
  'core/patch/edit-parser.ts',
  'core/patch/edit.ts',
  'docs/edit-notes-about-parsing.md',
  'server/workspace/path-guard.test.ts',
  'server/workspace/path-guard.ts',
  'server/relay/socketOutboxHandler.ts',
  'index.html',
  'site/old/index.html',
]

test.each([
  ['page', 'app/page.tsx'],
  ['edit.ts', 'core/patch/edit.ts'],
  ['edit', 'core/patch/edit.ts'],
  ['editp', 'core/patch/edit-parser.ts'],
  ['pg', 'server/workspace/path-guard.ts'],
  ['soh', 'server/relay/socketOutboxHandler.ts'],
  ['SOH', 'server/relay/socketOutboxHandler.ts'],
  ['cph', 'components/chat/chatPaneHeader.tsx'],
  ['chat-pane', 'components/chat/chat-pane.tsx'],
  ['patch/edit', 'core/patch/edit.ts'],
  ['guard server', 'server/workspace/path-guard.ts'],
  ['guard test', 'server/workspace/path-guard.test.ts'],
  ['old index', 'site/old/index.html'],
  ['index', 'index.html'],
  ['files\\path', 'components/files/path-list.tsx'],
])('[FILES-4] %j finds %s first', (query, expected) => {
  expect(best(query, paths)).toBe(expected)
})

test('[FILES-4] of names that fit alike the one with the least besides comes first', async () => {
  const found = await bestOf(['e2e/limits.spec.ts', 'core/protocol/limits.ts', 'limits-slice.ts'], 'lim', 3)
  expect(found).toEqual(['core/protocol/limits.ts', 'e2e/limits.spec.ts', 'limits-slice.ts'])
})

test('[FILES-4] what does not hold the characters in order is not found', () => {
  expect(best('xyzzy', paths)).toBeUndefined()
  expect(best('page nothing', paths)).toBeUndefined()
})

test('[FILES-4] any characters of a path in their order find it', () => {
  fc.assert(
    fc.property(
      fc
        .constantFrom(...paths)
        .chain((path) => fc.tuple(fc.constant(path), fc.subarray(Array.from(path), { minLength: 1 }))),
      ([path, chars]) => {
        expect(fuzzyScore(fuzzyQuery(chars.join('')), path)).toBeGreaterThan(0)
      },
    ),
    { seed: 3 },
  )
})
