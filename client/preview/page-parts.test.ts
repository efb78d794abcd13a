import { expect, test } from 'vitest'
import { pageParts } from './page-parts.ts'

test('[PAGE-2] a page is followed together with the style sheets and scripts it names', () => {
  const html = `<!doctype html><link rel="icon" href="i.png"><link rel=stylesheet href="css/a.css?v=1">
    <link href='/top.css' rel='stylesheet'><link rel="stylesheet" href="https://cdn.example/x.css">
    <script type="module" src="../lib/main.js"></script><script>let a = 1</script>`
  expect(pageParts('site/index.html', html)).toEqual([
    { path: 'site/css/a.css', kind: 'style' },
    { path: 'top.css', kind: 'style' },
    { path: 'lib/main.js', kind: 'page' },
  ])
})

test('[PAGE-2] imports of style sheets and scripts belong to the page, packages do not', () => {
  expect(pageParts('css/a.css', '@import "b.css"; @import url(c/d.css);')).toEqual([
    { path: 'css/b.css', kind: 'style' },
    { path: 'css/c/d.css', kind: 'style' },
  ])
  expect(
    pageParts(
      'js/a.js',
      `import { b } from './b.js'\nimport '../c.js'\nimport x from 'pkg'\nconst d = import('./d.js')`,
    ),
  ).toEqual([
    { path: 'js/b.js', kind: 'page' },
    { path: 'c.js', kind: 'page' },
    { path: 'js/d.js', kind: 'page' },
  ])
})

test('[PAGE-3] a reference out of the workspace is none', () => {
  expect(
    pageParts('index.html', '<script src="../../etc/passwd.js"></script><script src="//host/x.js"></script>'),
  ).toEqual([])
})
