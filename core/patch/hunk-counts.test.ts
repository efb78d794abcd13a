import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineCounts } from '../document/line-counts.ts'
import { EditStory } from '../testing/edit-story.ts'
import type { EditFormat } from './edit.ts'

function countsOf(format: EditFormat, text: string, edit: string) {
  const story = new EditStory(format, { a: text }).push(edit).finish()
  return story.events.flatMap((event) =>
    event.type === 'hunkCompleted' ? [`+${event.addedLines} -${event.removedLines}`] : [],
  )
}

const patch = (...lines: readonly string[]) =>
  `*** Begin Patch\n*** Update File: a\n@@\n${lines.join('\n')}\n*** End Patch\n`

test('[REVIEW-20] a line that is taken out and written again as it was counts neither way', () => {
  const text = 'one\ntwo\nthree\n'
  expect(countsOf('applyPatch', text, patch('-two', '+two', '+and more'))).toEqual(['+1 -0'])
  expect(countsOf('applyPatch', text, patch('-one', ' two', '+one', '+two'))).toEqual(['+1 -0'])
  expect(countsOf('applyPatch', text, patch('-one', '-two', '+two', '+one'))).toEqual(['+1 -1'])
  expect(countsOf('applyPatch', text, patch('-two', '+two'))).toEqual(['+0 -0'])
  expect(
    countsOf('applyPatch', text, '*** Begin Patch\n*** Add File: a\n+one\n+2\n+three\n*** End Patch\n'),
  ).toEqual(['+1 -1'])
  const block = 'a\n<<<<<<< SEARCH\none\ntwo\nthree\n=======\nthree\none\ntwo\n>>>>>>> REPLACE\n'
  expect(countsOf('searchReplace', text, block)).toEqual(['+1 -1'])
})

test('[REVIEW-20] the lines of a hunk are counted as in the shortest diff of its file before and after', () => {
  const line = fc.record({ type: fc.constantFrom(' ', '-', '+'), text: fc.constantFrom('x1', 'y2', 'z3') })
  const chunk = fc.array(line, { minLength: 1, maxLength: 10 })
  fc.assert(
    fc.property(chunk, (lines) => {
      const old = lines.filter(({ type }) => type !== '+').map(({ text }) => text)
      fc.pre(old.length > 0 && old.length < lines.length)
      const before = `${old.join('\n')}\n`
      const story = new EditStory('applyPatch', { a: before })
      story.push(patch(...lines.map(({ type, text }) => `${type}${text}`))).finish()
      const { added, removed } = lineCounts(before, story.files.a ?? '')
      expect(story.events.findLast(({ type }) => type === 'hunkCompleted')).toMatchObject({
        addedLines: added,
        removedLines: removed,
      })
    }),
  )
})
