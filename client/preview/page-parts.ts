export type PartKind = 'style' | 'page'

/** A file of the workspace that a page is made of; `page` means the page must be loaded anew when it changes. */
export interface PagePart {
  readonly path: string
  readonly kind: PartKind
}

/** The files one file of a page names: style sheets, scripts and what they import. Others' addresses are left out. */
export function pageParts(path: string, text: string): PagePart[] {
  const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase()
  if (extension === 'css') return found(path, text, /@import\s+(?:url\(\s*)?["']?([^"')\s;]+)/gi, 'style')
  if (/^[cm]?[jt]sx?$/.test(extension)) {
    const imports = /(?:\bfrom\s*|\bimport\s*\(?\s*)["'](\.{0,2}\/[^"'\n]+)["']/g
    return found(path, text, imports, 'page')
  }
  const links = (text.match(/<link\b[^>]*>/gi) ?? []).filter((tag) =>
    /\brel\s*=\s*["']?[^"'>]*stylesheet/i.test(tag),
  )
  return [
    ...found(path, links.join('\n'), /\bhref\s*=\s*["']?([^"'\s>]+)/gi, 'style'),
    ...found(path, text, /<script\b[^>]*\bsrc\s*=\s*["']?([^"'\s>]+)/gi, 'page'),
  ]
}

function found(from: string, text: string, pattern: RegExp, kind: PartKind): PagePart[] {
  return [...text.matchAll(pattern)].flatMap(([, reference]) => {
    const path = reference === undefined ? undefined : resolvePath(from, reference)
    return path === undefined ? [] : [{ path, kind }]
  })
}

/** `/x` means the top of the workspace. */
function resolvePath(from: string, reference: string): string | undefined {
  if (/^(?:[a-z][a-z\d+.-]*:|\/\/|#)/i.test(reference)) return undefined
  const plain = reference.replace(/[?#].*$/s, '')
  const parts = plain.startsWith('/') ? [] : from.split('/').slice(0, -1)
  for (const part of plain.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined
    } else if (part !== '' && part !== '.') parts.push(decode(part))
  }
  return parts.length === 0 ? undefined : parts.join('/')
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
