/** Half-open range of offsets in the file. */
export interface Span {
  readonly start: number
  readonly end: number
}

export interface Declaration extends Span {
  readonly property: string
  readonly value: string
  /** Where the value is, without `!important`. */
  readonly valueSpan: Span
}

/** A style rule. Rules nested in others or in at-rules come as rules of their own. */
export interface StyleRule {
  readonly selector: string
  /** Selectors and at-rules around it, outermost first. */
  readonly around: readonly string[]
  /** What is between the braces. */
  readonly body: Span
  readonly declarations: readonly Declaration[]
}

/** Reads CSS, SCSS or Less well enough to edit it; never fails, whatever the text. `from`, `to`: a part of a larger file. */
export function parseRules(text: string, from = 0, to = text.length): readonly StyleRule[] {
  const rules: {
    selector: string
    around: readonly string[]
    start: number
    declarations: Declaration[]
    end: number
  }[] = []
  const open: { rule: (typeof rules)[number] | undefined; prelude: string }[] = []
  let start = from
  const declare = (end: number): void => {
    const rule = open.at(-1)?.rule
    const declaration = readDeclaration(text, start, end)
    if (rule && declaration) rule.declarations.push(declaration)
  }
  let depth = 0
  for (let i = from; i < to; i++) {
    const char = text[i]
    if (char === '/' && text[i + 1] === '*') {
      const end = text.indexOf('*/', i + 2)
      const next = end < 0 || end + 2 > to ? to : end + 2
      if (text.slice(start, i).trim() === '') start = next
      i = next - 1
    } else if (char === '/' && text[i + 1] === '/' && depth === 0) {
      const end = text.indexOf('\n', i)
      const next = end < 0 || end > to ? to : end
      if (text.slice(start, i).trim() === '') start = next
      i = next - 1
    } else if (char === '"' || char === "'") {
      i++
      while (i < to && text[i] !== char && text[i] !== '\n') i += text[i] === '\\' ? 2 : 1
    } else if (char === '(') depth++
    else if (char === ')') depth = Math.max(0, depth - 1)
    else if (char === ';' && depth === 0) {
      declare(i)
      start = i + 1
    } else if (char === '{') {
      const prelude = withoutComments(text.slice(start, i))
      const isAtRule = prelude.startsWith('@')
      const rule = isAtRule
        ? undefined
        : {
            selector: prelude,
            around: open.map((block) => block.prelude),
            start: i + 1,
            declarations: [],
            end: to,
          }
      if (rule) rules.push(rule)
      // Declarations right in a nested @media belong to the rule around it in no simple way; they are left alone.
      open.push({ rule, prelude })
      start = i + 1
      depth = 0
    } else if (char === '}') {
      declare(i)
      const closed = open.pop()
      if (closed?.rule) closed.rule.end = i
      start = i + 1
      depth = 0
    }
  }
  return rules
    .filter(
      ({ selector, around }) =>
        selector !== '' &&
        !around.some((prelude) => /^@(?:-\w+-)?(?:keyframes|font-face|property)/.test(prelude)),
    )
    .map(({ selector, around, start, end, declarations }) => ({
      selector,
      around,
      body: { start, end },
      declarations,
    }))
}

function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

function readDeclaration(text: string, from: number, to: number): Declaration | undefined {
  const source = text.slice(from, to)
  const found = /^(\s*(?:\/\*[\s\S]*?\*\/\s*)*)([\w$@-]+)(\s*:\s*)([\s\S]*?)(\s*!important)?\s*$/.exec(source)
  if (!found?.[2] || found[4] === undefined || found[4] === '') return undefined
  const start = from + (found[1]?.length ?? 0)
  const valueStart = start + found[2].length + (found[3]?.length ?? 0)
  return {
    property: found[2].startsWith('--') ? found[2] : found[2].toLowerCase(),
    value: found[4],
    start,
    end: from + source.trimEnd().length,
    valueSpan: { start: valueStart, end: valueStart + found[4].length },
  }
}

/** The text with a declaration added at the end of a rule, in the rule's own indentation. */
export function addDeclaration(text: string, rule: StyleRule, property: string, value: string): string {
  const { start, end } = rule.body
  const body = text.slice(start, end)
  const last = rule.declarations.at(-1)
  if (!body.includes('\n')) {
    const inner = body.trim()
    const closed = inner === '' || inner.endsWith(';') ? inner : `${inner};`
    return `${text.slice(0, start)} ${closed}${closed === '' ? '' : ' '}${property}: ${value}; ${text.slice(end)}`
  }
  const ruleLine = text.slice(text.lastIndexOf('\n', start - 1) + 1, start)
  const outer = /^[ \t]*/.exec(ruleLine)?.[0] ?? ''
  const lineStart = last ? text.lastIndexOf('\n', last.start - 1) + 1 : 0
  const indent =
    last && lineStart > start ? (/^[ \t]*/.exec(text.slice(lineStart))?.[0] ?? '  ') : `${outer}  `
  if (last) {
    const closed = text[last.end] === ';' || /^\s*;/.test(text.slice(last.end))
    const after = closed ? text.indexOf(';', last.end) + 1 : last.end
    return `${text.slice(0, after)}${closed ? '' : ';'}\n${indent}${property}: ${value};${text.slice(after)}`
  }
  return `${text.slice(0, start)}\n${indent}${property}: ${value};${text.slice(start)}`
}
