import { expect, test } from 'vitest'
import { choosePage } from './choose-page.ts'

test('[PAGE-1] the preview begins with the page nearest to the file one works on', () => {
  const pages = ['docs/a.html', 'docs/index.html', 'index.html', 'src/about.html']
  expect(choosePage(pages, 'src/about.html')).toBe('src/about.html')
  expect(choosePage(pages, 'docs/style.css')).toBe('docs/index.html')
  expect(choosePage(pages, 'src/style.css')).toBe('src/about.html')
  expect(choosePage(pages, 'lib/deep/x.ts')).toBe('index.html')
  expect(choosePage(pages, undefined)).toBe('index.html')
  expect(choosePage([], 'a.ts')).toBe(undefined)
})
