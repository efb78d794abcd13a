/** An element of a page; `start` and `end` enclose what is between its tags. */
export interface PageElement {
  readonly tag: string
  readonly id: string | undefined
  readonly classes: readonly string[]
  readonly start: number
  readonly end: number
  readonly tagStart: number
  readonly parent: PageElement | undefined
}

const voids = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '))
const closedBySibling = new Set(['p', 'li', 'dt', 'dd', 'option', 'tr', 'td', 'th'])

interface OpenElement {
  tag: string
  id: string | undefined
  classes: readonly string[]
  start: number
  end: number
  tagStart: number
  parent: OpenElement | undefined
}

/** Reads HTML well enough to find its elements; never fails, whatever the text. */
export function parsePage(text: string): readonly PageElement[] {
  const found: OpenElement[] = []
  const open: OpenElement[] = []
  const tags = /<!--[\s\S]*?(?:-->|$)|<!?(\/?)([A-Za-z][\w:-]*)((?:"[^"]*"|'[^']*'|[^>"'])*)(\/?)>/g
  for (let match = tags.exec(text); match; match = tags.exec(text)) {
    const [whole, closing, name, attributes = ''] = match
    if (name === undefined || whole.startsWith('<!')) continue
    const tag = name.toLowerCase()
    if (closing === '/') {
      const at = open.findLastIndex((element) => element.tag === tag)
      if (at < 0) continue
      for (const element of open.splice(at)) element.end = match.index
      continue
    }
    const last = open.at(-1)
    if (last && last.tag === tag && closedBySibling.has(tag)) {
      last.end = match.index
      open.pop()
    }
    const start = match.index + whole.length
    const element: OpenElement = {
      tag,
      id: attribute(attributes, 'id'),
      classes: (attribute(attributes, 'class') ?? '').split(/\s+/).filter((part) => part !== ''),
      start,
      end: text.length,
      tagStart: match.index,
      parent: open.at(-1),
    }
    found.push(element)
    if (voids.has(tag) || attributes.trimEnd().endsWith('/')) {
      element.end = start
      continue
    }
    if (tag === 'script' || tag === 'style' || tag === 'textarea') {
      const end = text.toLowerCase().indexOf(`</${tag}`, start)
      element.end = end < 0 ? text.length : end
      tags.lastIndex = element.end
    }
    open.push(element)
  }
  return found
}

function attribute(attributes: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(
    attributes,
  )
  return found?.[1] ?? found?.[2] ?? found?.[3]
}

export function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}
