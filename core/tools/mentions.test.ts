import fc from 'fast-check'
import { expect, test } from 'vitest'
import { choiceOf, mentionOfPath, parseMentions, parseSlash, wordToComplete } from './mentions.ts'

const paths = (text: string) =>
  parseMentions(text).map((token) =>
    token.kind === 'path' ? [token.path, token.startLine, token.endLine] : token.kind,
  )

test('[MENTION-1] files with and without lines, folders, symbols, selection, problems, changes and threads are read', () => {
  expect(paths('see @src/a.ts, @src/b.ts:10-20 and @c.md#L3-L5; @src/ @"my file.ts":7.')).toEqual([
    ['src/a.ts', undefined, undefined],
    ['src/b.ts', 10, 20],
    ['c.md', 3, 5],
    ['src/', undefined, undefined],
    ['my file.ts', 7, 7],
  ])
  expect(paths('@a.ts:20-10')).toEqual([['a.ts', 10, 20]])
  expect(parseMentions('@#priceFor @thread(Teal button)')).toMatchObject([
    { kind: 'symbol', name: 'priceFor' },
    { kind: 'thread', name: 'Teal button' },
  ])
  expect(paths('@selection @problems @changes @diff.')).toEqual([
    'selection',
    'problems',
    'changes',
    'changes',
  ])
})

test('[MENTION-2] full-width signs are their ASCII selves', () => {
  expect(paths('看＠src/a.ts：3，谢谢')).toEqual([])
  expect(paths('看 ＠src/a.ts：3，谢谢 ＠selection')).toEqual([['src/a.ts', 3, 3], 'selection'])
  expect(parseSlash('／plan')).toEqual({ name: 'plan', argument: '' })
  expect(wordToComplete('＠ma', 3)).toEqual({ sign: '@', query: 'ma', from: 0 })
})

test('[MENTION-3] an address is no mention', () => {
  expect(paths('mail me@example.com or git@host:a/b, x@@y')).toEqual([])
})

test('[MENTION-4] any text is read, and each mention stands exactly where it says', () => {
  const pieces = fc.constantFrom(
    '@',
    '＠',
    'a.ts',
    ':1-2',
    ' ',
    '"',
    '#',
    'selection',
    '/',
    '\n',
    '(',
    ')',
    '字',
  )
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(texts, (text) => {
      let end = 0
      for (const { from, to } of parseMentions(text)) {
        expect(from).toBeGreaterThanOrEqual(end)
        expect(to).toBeGreaterThan(from)
        expect(to).toBeLessThanOrEqual(text.length)
        expect('@＠').toContain(text[from])
        end = to
      }
      wordToComplete(text, text.length)
    }),
  )
})

test('[MENTION-4] a path comes back from how it is written', () => {
  const names = fc.array(fc.constantFrom('a', ' ', '.', '-', ':', '#', '/', '字', '('), { minLength: 1 })
  fc.assert(
    fc.property(names, (parts) => {
      const path = parts.join('')
      expect(paths(`${mentionOfPath(path)} x`)).toEqual([[path, undefined, undefined]])
    }),
  )
})

test('[MENTION-5] the word at the caret is what a list completes', () => {
  expect(wordToComplete('fix @src/m now', 10)).toEqual({ sign: '@', query: 'src/m', from: 4 })
  expect(wordToComplete('fix @src/m now', 14)).toBeUndefined()
  expect(wordToComplete('a@b', 3)).toBeUndefined()
  expect(wordToComplete('/pl', 3)).toEqual({ sign: '/', query: 'pl', from: 0 })
  expect(wordToComplete('say /pl', 7)).toBeUndefined()
})

test('[MENTION-21] a kind with a bracket is the beginning of a choice, its name may have spaces', () => {
  const read = (text: string) => {
    const word = wordToComplete(text, text.length)
    return word && choiceOf(word.query)
  }
  expect(read('as in @thread(why thr')).toEqual({ kind: 'thread', query: 'why thr' })
  expect(read('看 @会话（按钮')).toEqual({ kind: 'thread', query: '按钮' })
  expect(read('＠文件(')).toEqual({ kind: 'file', query: '' })
  expect(read('@folder(src/')).toEqual({ kind: 'folder', query: 'src/' })
  for (const text of ['@thread(one) and', '@media(min', '@thread', 'a@thread(x'])
    expect(read(text)).toBeUndefined()
  expect(wordToComplete('@media(min', 10)).toBeUndefined()
  expect(parseMentions('@会话（按钮）').map((token) => token.kind)).toEqual(['thread'])
})

test('[SLASH-1] a command begins the text and is alone in it; a path is none', () => {
  expect(parseSlash('/model gpt fast ')).toEqual({ name: 'model', argument: 'gpt fast' })
  expect(parseSlash('/new')).toEqual({ name: 'new', argument: '' })
  for (const text of ['/src/a.ts', 'do /new', '/new\nand more', '/ new', '']) {
    expect(parseSlash(text)).toBeUndefined()
  }
})
