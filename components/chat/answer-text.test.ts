import fc from 'fast-check'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, test } from 'vitest'
import { chunkText, chunkTokens, parseHighlighted } from './highlight-tokens.ts'
import { parseFileLink, parseSafeLink } from './links.ts'
import { MarkdownBlock } from './markdown-block.tsx'
import { emptySplit, type SplitText, splitBlocks } from './split-blocks.ts'

const markdown = fc
  .array(
    fc.constantFrom(
      ...[
        '# Title',
        'words',
        'more words',
        '',
        '',
        '- item',
        '  - inner',
        '1. one',
        '   text',
        '```ts',
        '```',
        '~~~~',
        '~~~',
      ],
      ...['    code', '> quote', '| a | b |', '|---|---|', '- ```js', '  ```', '`x`', '````', '   ```'],
    ),
    { maxLength: 24 },
  )
  .map((lines) => lines.join('\n'))

describe('blocks', () => {
  test('[BLOCK-1] any way of growing gives the blocks of the whole', () => {
    fc.assert(
      fc.property(markdown, fc.array(fc.nat(200), { maxLength: 12 }), (text, cuts) => {
        let split: SplitText = emptySplit
        for (const cut of [...cuts, text.length].sort((a, b) => a - b))
          split = splitBlocks(split, text.slice(0, cut))
        expect(split).toEqual(splitBlocks(emptySplit, text))
      }),
      { numRuns: 2000, examples: [['1. one\n\n\n1. one', [10]]] },
    )
  })

  test('[BLOCK-2] code is a block with its language, a list stays whole', () => {
    const text = 'Look:\n```ts title=a\nlet a = 1\n\nlet b\n```\n- one\n\n- two\n\n  deep\n\nAfter\n~~~\nopen'
    expect(splitBlocks(emptySplit, text).blocks).toEqual([
      { kind: 'text', start: 0, text: 'Look:' },
      { kind: 'code', start: 6, language: 'ts', code: 'let a = 1\n\nlet b', closed: true },
      { kind: 'text', start: 41, text: '- one\n\n- two\n\n  deep' },
      { kind: 'text', start: 63, text: 'After' },
      { kind: 'code', start: 69, language: '', code: 'open', closed: false },
    ])
  })

  test('[BLOCK-3] nothing but blank lines and fences lies between blocks', () => {
    fc.assert(
      fc.property(markdown, (text) => {
        const shown = splitBlocks(emptySplit, text).blocks.map((block) =>
          block.kind === 'text' ? block.text : block.code,
        )
        const letters = (value: string) => value.replace(/[^\p{L}\p{N}]/gu, '')
        // The language of a fence is no text; it is left out of what is compared, wherever it stands.
        expect(letters(shown.join('')).replaceAll('ts', '')).toBe(letters(text).replaceAll('ts', ''))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('links', () => {
  test('[LINK-1] only web and mail addresses, with the host they lead to', () => {
    expect(parseSafeLink('https://good.example@evil.example/x')?.host).toBe('evil.example')
    expect(parseSafeLink('mailto:a@b.example')?.host).toBe('a@b.example')
    for (const url of [
      'javascript:alert(1)',
      ' javascript:x',
      'data:text/html,x',
      'file:///etc/passwd',
      'vbscript:x',
      '//evil.example',
      'https://',
    ]) {
      expect(parseSafeLink(url), url).toBeUndefined()
    }
  })

  test('[LINK-2] paths with a line open a file, code that looks like one does not', () => {
    const unsure = (text: string) => parseFileLink(text, { sure: false })
    expect(unsure('src/a.ts:10')).toEqual({ path: 'src/a.ts', line: 10 })
    expect(unsure('./src/a.ts')).toEqual({ path: 'src/a.ts', line: undefined })
    expect(unsure('a.ts:3-9')).toEqual({ path: 'a.ts', line: 3 })
    for (const text of [
      'foo.bar',
      'a/../../etc/passwd.d:1',
      '/etc/passwd',
      'and/or',
      'x',
      'https://a.example/b.ts',
    ]) {
      expect(unsure(text), text).toBeUndefined()
    }
    expect(parseFileLink('package.json', { sure: true })).toEqual({ path: 'package.json', line: undefined })
    expect(parseFileLink('src/a.ts#L12', { sure: true })).toEqual({ path: 'src/a.ts', line: 12 })
  })
})

describe('highlighting', () => {
  test('[TOKEN-1] tokens are the text, whatever characters it has', () => {
    const escapeHtml = (text: string) =>
      text.replace(
        /[&<>"']/g,
        (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#x27;' })[char] ?? char,
      )
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.string({ minLength: 1 }))), (pieces) => {
        const html = pieces.map(([marked, text]) =>
          marked ? `<span class="hljs-keyword">${escapeHtml(text)}</span>` : escapeHtml(text),
        )
        const text = pieces.map(([, piece]) => piece).join('')
        expect(
          parseHighlighted(html.join(''))
            .map((token) => token.text)
            .join(''),
        ).toBe(text)
      }),
    )
    expect(
      parseHighlighted(
        '<span class="hljs-title function_">f</span>(<span class="hljs-string">&#x27;a&#x27;</span>)',
      ),
    ).toEqual([
      { kind: 'title', text: 'f' },
      { kind: undefined, text: '(' },
      { kind: 'string', text: "'a'" },
      { kind: undefined, text: ')' },
    ])
  })

  test('[TOKEN-1] chunks joined by newlines are the code', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '', 'b c'), { maxLength: 200 }), (lines) => {
        const code = lines.join('\n')
        expect(chunkText(code).join('\n')).toBe(code)
        const tokens = [...code].map((text) => ({ kind: undefined, text }))
        expect(
          chunkTokens(tokens)
            .map((chunk) => chunk.map(({ text }) => text).join(''))
            .join('\n'),
        ).toBe(code)
        const each = chunkTokens(tokens, 1).map((line) => line.map(({ text }) => text).join(''))
        expect(each).toEqual(code.split('\n'))
      }),
    )
  })
})

describe('what a model writes', () => {
  const draw = (text: string) => renderToStaticMarkup(createElement(MarkdownBlock, { text }))

  test('[IMAGE-1] no image is fetched, its host is named', () => {
    const html = draw(
      '![secret](https://evil.example/p.png?x=1) ![](//evil.example/q) ![a](data:image/png;base64,AA)',
    )
    expect(html).not.toMatch(/<img|<picture|srcset|src=|url\(/)
    expect(html).toContain('evil.example')
  })

  test('[HTML-1] markup is characters', () => {
    const html = draw(
      '<img src=x onerror=alert(1)> <script>alert(1)</script>\n\n<iframe src="https://evil.example"></iframe>',
    )
    expect(html).not.toMatch(/<(?:img|script|iframe)/)
    expect(html).toContain('&lt;script&gt;')
  })

  test('[LINK-1] a link opens in a new tab without an opener, and a dangerous one is words', () => {
    const html = draw('[bank](https://evil.example/x) [run](javascript:alert(1))')
    expect(html).toMatch(/<a href="https:\/\/evil\.example\/x" target="_blank" rel="noopener noreferrer"/)
    expect(html).toContain('(evil.example)')
    expect(html).not.toContain('javascript:')
    expect(html).toContain('run')
  })
})
