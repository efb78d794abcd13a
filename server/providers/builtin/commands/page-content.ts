import { posix } from 'node:path'
import { escapeHtml, type PageElement, parsePage } from '../content/page.ts'
import { readSubject } from '../style/find-rule.ts'
import { CannotDo, code, findFile, type Workbench } from './workbench.ts'

const inline = new Set('a abbr b br code em i kbd mark small span strong sub sup u wbr'.split(' '))

/** Gives an element of a page other words. */
export function setText(bench: Workbench, subject: string, words: string): string {
  const path = pageOf(bench, undefined)
  const text = bench.files.read(path) ?? ''
  const element = findElement(parsePage(text), subject)
  if (!element) throw notFound(bench, path, subject)
  const { start, end } = wordsOf(text, element)
  bench.files.write(path, text.slice(0, start) + escapeHtml(words) + text.slice(end))
  return bench.say(
    `Changing the ${code(`<${element.tag}>`)} in ${code(path)} to “${words}”.`,
    `把 ${code(path)} 中的 ${code(`<${element.tag}>`)} 改为“${words}”。`,
  )
}

/** Adds a paragraph or a list item after the last one of its kind. */
export function addElement(
  bench: Workbench,
  tag: 'p' | 'li',
  words: string,
  inside: string | undefined,
): string {
  const path = pageOf(bench, inside)
  const text = bench.files.read(path) ?? ''
  const page = parsePage(text)
  const within =
    inside === undefined || findFile(bench, inside) === path ? undefined : findElement(page, inside)
  if (inside !== undefined && !within && findFile(bench, inside) !== path) throw notFound(bench, path, inside)
  const box =
    within ??
    page.find((element) => element.tag === (tag === 'li' ? 'ul' : 'main')) ??
    page.find((element) => element.tag === 'body')
  const list =
    tag === 'li' && box && box.tag !== 'ul' && box.tag !== 'ol'
      ? page.find((element) => /^[uo]l$/.test(element.tag) && isIn(element, box))
      : undefined
  const owner = list ?? box
  if (!owner || (tag === 'li' && !/^[uo]l$/.test(owner.tag)))
    throw notFound(bench, path, tag === 'li' ? 'ul' : 'body')
  const siblings = page.filter((element) => element.tag === tag && element.parent === owner)
  const last = siblings.at(-1)
  const html = `<${tag}>${escapeHtml(words)}</${tag}>`
  const at = last ? closeOf(text, last) : lineStart(text, owner.end)
  const model = last ?? page.find((element) => element.parent === owner)
  const indent = model ? indentOf(text, model.tagStart) : `${indentOf(text, owner.tagStart)}  `
  bench.files.write(
    path,
    last
      ? `${text.slice(0, at)}\n${indent}${html}${text.slice(at)}`
      : `${text.slice(0, at)}${indent}${html}\n${text.slice(at)}`,
  )
  return bench.say(`Adding ${code(html)} to ${code(path)}.`, `在 ${code(path)} 中添加 ${code(html)}。`)
}

function pageOf(bench: Workbench, name: string | undefined): string {
  const { activeFile } = bench.context
  const named = name !== undefined && /\.html?$/.test(name) ? findFile(bench, name) : undefined
  if (named !== undefined) return named
  if (activeFile !== undefined && /\.(?:html?|vue|svelte|astro)$/.test(activeFile)) return activeFile
  const pages = bench.files.list().filter((path) => /\.html?$/.test(path))
  const near = activeFile === undefined ? '.' : posix.dirname(activeFile)
  const path =
    pages.find((page) => posix.basename(page) === 'index.html' && posix.dirname(page) === near) ??
    pages.sort((a, b) => a.split('/').length - b.split('/').length)[0]
  if (path === undefined) {
    throw new CannotDo(
      bench.say(
        'There is no HTML page here. For other files use “replace X with Y in FILE”.',
        '这里没有 HTML 页面。其他文件请用“在 文件 中把 X 替换为 Y”。',
      ),
    )
  }
  return path
}

const named: Readonly<Record<string, readonly string[]>> = {
  'page title': ['title'],
  页面标题: ['title'],
  网页标题: ['title'],
  title: ['h1', 'title', '.title'],
}

function findElement(page: readonly PageElement[], words: string): PageElement | undefined {
  const subject = readSubject(words.replace(/\s+(?:text|label)$|的?(?:文字|文本)$/i, ''))
  const selectors = named[words.toLowerCase()] ?? subject.selectors
  const qualified = (element: PageElement): boolean =>
    subject.qualifiers.every(
      (word) => element.classes.some((name) => name.split(/[-_]/).includes(word)) || element.id === word,
    )
  for (const wanted of [qualified, () => true]) {
    for (const selector of selectors) {
      const found = page.find(
        (element) => matches(element, selector) && wanted(element) && element.end > element.start,
      )
      if (found) return found
    }
    if (subject.qualifiers.length === 0) break
  }
  return undefined
}

function matches({ tag, id, classes }: PageElement, selector: string): boolean {
  return selector === tag || selector === `#${id}` || classes.some((name) => selector === `.${name}`)
}

/** The words of an element: all of it when only words are marked up in it, else its longest run of text. */
function wordsOf(text: string, element: PageElement): { readonly start: number; readonly end: number } {
  const inner = text.slice(element.start, element.end)
  const tags = [...inner.matchAll(/<\/?([A-Za-z][\w-]*)(?:"[^"]*"|'[^']*'|[^>"'])*>/g)]
  if (tags.every((match) => inline.has((match[1] ?? '').toLowerCase())))
    return trimmed(text, element.start, element.end)
  const edges = [0, ...tags.flatMap((match) => [match.index, match.index + match[0].length]), inner.length]
  let best = { start: element.start, end: element.start }
  for (let i = 0; i < edges.length; i += 2) {
    const run = trimmed(text, element.start + (edges[i] ?? 0), element.start + (edges[i + 1] ?? 0))
    if (run.end - run.start > best.end - best.start) best = run
  }
  return best
}

function trimmed(text: string, start: number, end: number): { readonly start: number; readonly end: number } {
  const inner = text.slice(start, end)
  const from = start + (inner.length - inner.trimStart().length)
  return { start: from, end: Math.max(from, from + inner.trim().length) }
}

function isIn(element: PageElement, box: PageElement): boolean {
  for (let at = element.parent; at; at = at.parent) if (at === box) return true
  return false
}

function closeOf(text: string, element: PageElement): number {
  const close = text.slice(element.end).match(new RegExp(`^</${element.tag}\\s*>`, 'i'))
  return close ? element.end + close[0].length : text.slice(0, element.end).trimEnd().length
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1
}

function indentOf(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset)))?.[0] ?? ''
}

function notFound(bench: Workbench, path: string, subject: string): CannotDo {
  return new CannotDo(
    bench.say(
      `I found no “${subject}” in ${code(path)}. For exact words use “replace X with Y”.`,
      `${code(path)} 中没有找到“${subject}”。要改确切的文字，请用“把 X 替换为 Y”。`,
    ),
  )
}
