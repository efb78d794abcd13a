import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InlineEdits } from './inline-edits.ts'
import type { ModelEvent } from './model-stream.ts'

function run(chunks: readonly string[]): { text: string; calls: string[]; open: number } {
  const inline = new InlineEdits('c')
  const events: ModelEvent[] = chunks.flatMap((text) => [...inline.push({ type: 'textDelta', text })])
  events.push(...inline.push({ type: 'completed' }))
  const fed = new Map<string, string>()
  const calls: string[] = []
  let text = ''
  for (const event of events) {
    if (event.type === 'textDelta') text += event.text
    if (event.type === 'toolCallDelta') fed.set(event.callId, (fed.get(event.callId) ?? '') + event.delta)
    if (event.type === 'toolCallCompleted') {
      expect(fed.get(event.callId)).toBe(event.input)
      calls.push(event.input)
      fed.delete(event.callId)
    }
  }
  return { text, calls, open: fed.size }
}

const block = 'src/a.ts\n<<<<<<< SEARCH\nold\n=======\nnew\n>>>>>>> REPLACE\n'

test('[INLINE-1] a block becomes an edit call with its path line; the words around it stay words', () => {
  expect(run([`Here it is:\n\n${block}\nDone, see src/a.ts.`])).toEqual({
    text: 'Here it is:\n\n\nDone, see src/a.ts.',
    calls: [block],
    open: 0,
  })
})

test('[INLINE-2] any split of the answer gives the same words and calls', () => {
  const pieces = fc.constantFrom(
    block,
    'a word\n',
    'path.ts\n',
    '```ts\n',
    '```\n',
    '\n',
    '### 说明.md\n',
    '**a b.ts**:\n',
    block.slice(block.indexOf('<')),
    '<<<<<< no\n',
    '<',
    'text ',
    '`x`',
  )
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 8 }),
      fc.array(fc.nat(12), { maxLength: 60 }),
      (parts, cuts) => {
        const whole = parts.join('')
        const chunks: string[] = []
        let rest = whole
        for (const cut of cuts) {
          chunks.push(rest.slice(0, cut))
          rest = rest.slice(cut)
        }
        chunks.push(rest)
        expect(run(chunks)).toEqual(run([whole]))
      },
    ),
  )
})

test('[INLINE-3] nothing of the answer is lost or doubled', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('x.ts\n', '<<<<<<< SEARCH\n', 'a\n', '```\n', 'b c', '<<<'), {
        maxLength: 12,
      }),
      (parts) => {
        const whole = parts.join('')
        const inline = new InlineEdits('c')
        const events = [
          ...inline.push({ type: 'textDelta', text: whole }),
          ...inline.push({ type: 'completed' }),
        ]
        const seen = events.map((event) =>
          event.type === 'textDelta' ? event.text : event.type === 'toolCallDelta' ? event.delta : '',
        )
        expect(seen.join('')).toBe(whole)
      },
    ),
  )
})

test('[INLINE-4] a block that is cut off has no end, so that it is never applied as a whole', () => {
  expect(run(['a.ts\n<<<<<<< SEARCH\nold\n=======\nne'])).toMatchObject({ calls: [], open: 1 })
})

test('[INLINE-5] the path line is known however it is dressed and in whatever script', () => {
  const bare = block.slice(block.indexOf('<'))
  for (const path of ['说明.md', '`my file.txt`', '**src/ä.ts**:', '### src/a.ts', 'Makefile', 'src/a.ts:']) {
    expect(run([`Sure.\n${path}\n\n`, bare])).toEqual({
      text: 'Sure.\n',
      calls: [`${path}\n\n${bare}`],
      open: 0,
    })
  }
  expect(run(['src/a.ts\n```ts\n', bare, '```']).text).toBe('')
  expect(run(['src/a.ts\n```ts\n', bare, '```\nDone.'])).toEqual({
    text: 'Done.',
    calls: [`src/a.ts\n\`\`\`ts\n${bare}`],
    open: 0,
  })
})

test('[INLINE-5] a block without a path line is about the file of the block before', () => {
  const bare = block.slice(block.indexOf('<'))
  expect(run([block, 'and\n', bare, 'Also:\n', bare])).toEqual({
    text: 'and\nAlso:\n',
    calls: [block, `src/a.ts\n${bare}`, `src/a.ts\n${bare}`],
    open: 0,
  })
})
