import type { StyleRule } from './stylesheet.ts'
import { readElement } from './words.ts'

/** One rule somewhere in the workspace. */
export interface FoundRule {
  readonly path: string
  readonly rule: StyleRule
  /** How near its file is to what is being looked at: 0 is best. */
  readonly distance: number
}

/** The subject `primary button` or `text of the card`: a noun and what tells it from others. */
export interface Subject {
  readonly selectors: readonly string[]
  readonly qualifiers: readonly string[]
  /** Its colour is that of its words. */
  readonly text: boolean
  /** Said as a selector, so it must match exactly. */
  readonly exact: boolean
}

const fillers = new Set([
  'the',
  'a',
  'an',
  'of',
  'in',
  'on',
  'at',
  'my',
  'main',
  'site',
  'page',
  'web',
  'all',
  'element',
  'text',
])

export function readSubject(words: string): Subject {
  const said = words.trim()
  if (/^[.#:*[]|^[a-z][\w-]*[.#:[>]/i.test(said) || /^--/.test(said)) {
    return { selectors: [said], qualifiers: [], text: false, exact: true }
  }
  const parts = said
    .toLowerCase()
    .split(/\s+|的/)
    .filter((part) => part !== '')
  // English says the noun last (`primary button`) or before `of`; Chinese says it last.
  const of = parts.findIndex((part) => part === 'of' || part === 'in' || part === 'on')
  const headIndex = of > 0 ? of - 1 : parts.length - 1
  const head = parts[headIndex] ?? said
  const { selectors, text } = readElement(head)
  const rest = parts.filter((part, index) => index !== headIndex && !fillers.has(part))
  const classes = parts.length > 1 ? [`.${parts.join('-')}`, `.${parts.join('_')}`] : []
  const qualifiers = rest.map((part) => readElement(part).selectors[0]?.replace(/^[.#]/, '') ?? part)
  return { selectors: [...classes, ...selectors], qualifiers, text, exact: false }
}

/** Rules that style the subject, the likeliest first. `wanted`: properties that make a rule likelier. */
export function findRules(
  rules: readonly FoundRule[],
  subject: Subject,
  wanted: readonly string[],
): readonly FoundRule[] {
  const scored = rules.flatMap((found, order) => {
    const score = Math.max(
      ...selectorsOf(found.rule.selector).map((selector) => scoreSelector(selector, subject)),
    )
    if (score <= 0) return []
    const declares = found.rule.declarations.some(({ property }) => wanted.includes(property)) ? 5 : 0
    const conditional = found.rule.around.some((prelude) => /^@(?:media|container|supports)/.test(prelude))
      ? -7
      : 0
    const nested = found.rule.around.filter((prelude) => !prelude.startsWith('@')).length
    return [{ found, order, score: score + declares + conditional - nested - found.distance * 2 }]
  })
  scored.sort((a, b) => b.score - a.score || a.order - b.order)
  return scored.map(({ found }) => found)
}

export function selectorsOf(selector: string): readonly string[] {
  return selector.split(/,(?![^(]*\))/).map((part) => part.trim())
}

function scoreSelector(selector: string, subject: Subject): number {
  if (subject.exact) return normal(selector) === normal(subject.selectors[0] ?? '') ? 20 : 0
  const compounds = selector.split(/\s*[>+~]\s*|\s+(?![^(]*\))/).filter((part) => part !== '')
  const last = compounds.at(-1) ?? ''
  const pseudo = /::?[\w-]+/.test(last) && !/^:root$/.test(last) ? -9 : 0
  const bare = last === ':root' ? last : last.replace(/::?[\w-]+(?:\([^)]*\))?/g, '')
  const names = bare.match(/[.#]?[\w-]+|:root/g) ?? []
  let best = 0
  subject.selectors.forEach((wanted, rank) => {
    const plain = wanted.replace(/^[.#]/, '')
    for (const name of names) {
      const own = name.replace(/^[.#]/, '')
      if (name === wanted) best = Math.max(best, 12 - rank)
      else if (name.startsWith('.') && wanted.startsWith('.') && words(own).includes(plain))
        best = Math.max(best, 8 - rank)
    }
  })
  if (best === 0) return 0
  const everything = words(selector)
  const qualified = subject.qualifiers.reduce(
    (sum, qualifier) => sum + (everything.includes(qualifier) ? 7 : -3),
    0,
  )
  // `.button.ghost` is not what `the button` means when there is a plain `.button`.
  const extra = subject.qualifiers.length === 0 ? names.length - 1 : 0
  return best + qualified + pseudo - (compounds.length - 1) - extra * 2
}

function words(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '')
}

function normal(selector: string): string {
  return selector
    .replace(/\s+/g, ' ')
    .replace(/\s*([>+~])\s*/g, '$1')
    .trim()
}
