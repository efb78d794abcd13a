import { posix } from 'node:path'
import { parsePage } from '../content/page.ts'
import type { ProjectFiles } from '../project/project-files.ts'
import { type FoundRule, selectorsOf } from '../style/find-rule.ts'
import { addDeclaration, type Declaration, parseRules, type StyleRule } from '../style/stylesheet.ts'
import { contrast, readRgb } from '../style/values.ts'
import type { Workbench } from './workbench.ts'

export const textProperties = ['color']

/** Parsed sheets by path, as long as their text is the same. */
const parsed = new WeakMap<
  ProjectFiles,
  Map<string, { readonly version: string; readonly rules: readonly StyleRule[] }>
>()

/** Every rule of every stylesheet and `<style>` element, the nearest files first. */
export function allRules(bench: Workbench): readonly FoundRule[] {
  const { activeFile } = bench.context
  const near = activeFile === undefined ? '' : posix.dirname(activeFile)
  const distance = (path: string): number => {
    if (path === activeFile) return 0
    const depth = path.split('/').length - 1
    return (posix.dirname(path) === near ? 0 : 1) + Math.min(depth, 4) * 0.25
  }
  return bench.files
    .list()
    .filter((path) => /\.(?:css|scss|less|html?|vue|svelte)$/.test(path))
    .map((path) => ({ path, distance: distance(path) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 400)
    .flatMap(({ path, distance }) => rulesOf(bench.files, path).map((rule) => ({ path, rule, distance })))
}

function rulesOf(files: ProjectFiles, path: string): readonly StyleRule[] {
  const cache =
    parsed.get(files) ?? new Map<string, { readonly version: string; readonly rules: readonly StyleRule[] }>()
  parsed.set(files, cache)
  const version = files.version(path)
  const known = cache.get(path)
  if (known?.version === version) return known.rules
  const text = files.read(path) ?? ''
  const parts = /\.(?:css|scss|less)$/.test(path)
    ? [{ start: 0, end: text.length }]
    : parsePage(text).filter(({ tag }) => tag === 'style')
  const rules = parts.flatMap(({ start, end }) => parseRules(text, start, end))
  cache.set(path, { version, rules })
  return rules
}

export function lastName(selector: string): string {
  return (
    selector
      .split(/[\s>+~]+/)
      .at(-1)
      ?.replace(/:.*$/, '') ?? selector
  )
}

export function lastOf(rule: FoundRule, properties: readonly string[]): Declaration | undefined {
  return rule.rule.declarations.findLast(({ property }) => properties.includes(property))
}

export function writeValue(bench: Workbench, path: string, { valueSpan }: Declaration, value: string): void {
  const text = bench.files.read(path) ?? ''
  bench.files.write(path, text.slice(0, valueSpan.start) + value + text.slice(valueSpan.end))
}

/** The custom property a declaration reads, when it exists for this rule alone: `--button` or one only its own rules use. */
export function ownVariable(
  bench: Workbench,
  found: FoundRule,
  declaration: Declaration,
): string | undefined {
  const variable = /^var\(\s*(--[\w-]+)\s*(?:,[^()]*)?\)$/.exec(declaration.value)?.[1]
  if (variable === undefined) return undefined
  const rules = allRules(bench)
  if (!rules.some(({ rule }) => rule.declarations.some(({ property }) => property === variable)))
    return undefined
  const names = selectorsOf(found.rule.selector).map((selector) => lastName(selector).replace(/^[.#]/, ''))
  const use = new RegExp(`var\\(\\s*${variable}(?![\\w-])`)
  const users = rules.filter(({ rule }) => rule.declarations.some(({ value }) => use.test(value)))
  const mine = users.every(({ rule }) => names.some((name) => rule.selector.includes(name)))
  return mine ? variable : undefined
}

/** Everywhere it is defined (and `wrong`), so that dark and light agree. */
export function setVariable(
  bench: Workbench,
  variable: string,
  value: string,
  wrong: (value: string) => boolean = (old) => old !== value,
): void {
  for (const path of new Set(allRules(bench).map((found) => found.path))) {
    // Backwards, so that the offsets of those before stay true.
    for (const declaration of rulesOf(bench.files, path)
      .flatMap((rule) => rule.declarations)
      .reverse()) {
      if (declaration.property === variable && wrong(declaration.value))
        writeValue(bench, path, declaration, value)
    }
  }
}

/** The same selector in a `prefers-color-scheme` block would win over what was just set. */
export function followInDarkMode(bench: Workbench, found: FoundRule, property: string, value: string): void {
  const same = allRules(bench).find(
    ({ path, rule }) =>
      path === found.path &&
      rule.selector === found.rule.selector &&
      rule.body.start !== found.rule.body.start &&
      rule.around.some((prelude) => prelude.includes('prefers-color-scheme')) &&
      rule.declarations.some(
        (declaration) => declaration.property === property && declaration.value !== value,
      ),
  )
  const declaration = same && lastOf(same, [property])
  if (same && declaration) writeValue(bench, same.path, declaration, value)
}

/** White words on a yellow button: their colour turns dark with it. */
export function keepReadable(bench: Workbench, path: string, selector: string, background: string): void {
  const behind = readRgb(background)
  const rules = allRules(bench)
  const rule = rules.find(
    (found) => found.path === path && found.rule.selector === selector && found.rule.around.length === 0,
  )
  if (!behind || !rule) return
  const unreadable = (value: string): boolean => {
    const colour = readRgb(value)
    return colour !== undefined && contrast(colour, behind) < 4.5
  }
  const readable = contrast([255, 255, 255], behind) >= 4.5 ? '#fff' : '#111'
  const words = lastOf(rule, textProperties)
  const own = words && ownVariable(bench, rule, words)
  if (own !== undefined) setVariable(bench, own, readable, unreadable)
  else if (shownColours(rules, words ?? inheritedColour(rules)).some(unreadable)) {
    if (words) writeValue(bench, path, words, readable)
    else bench.files.write(path, addDeclaration(bench.files.read(path) ?? '', rule.rule, 'color', readable))
  }
}

function inheritedColour(rules: readonly FoundRule[]): Declaration | undefined {
  const page = rules.find(
    ({ rule }) =>
      /^(?:body|html|:root)$/.test(rule.selector) &&
      rule.declarations.some(({ property }) => property === 'color'),
  )
  return page && lastOf(page, textProperties)
}

/** The colour itself, or what its variable is in each colour scheme. */
function shownColours(rules: readonly FoundRule[], declaration: Declaration | undefined): readonly string[] {
  if (!declaration) return []
  const variable = /^var\(\s*(--[\w-]+)\s*\)$/.exec(declaration.value)?.[1]
  return variable === undefined ? [declaration.value] : definitionsOf(rules, variable)
}

export function definitionsOf(rules: readonly FoundRule[], variable: string): readonly string[] {
  return rules.flatMap(({ rule }) =>
    rule.declarations.filter(({ property }) => property === variable).map(({ value }) => value),
  )
}
