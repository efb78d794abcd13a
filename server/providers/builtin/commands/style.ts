import { posix } from 'node:path'
import type { StyleChange } from '../command.ts'
import { parsePage } from '../content/page.ts'
import { type FoundRule, findRules, readSubject, type Subject, selectorsOf } from '../style/find-rule.ts'
import { addDeclaration } from '../style/stylesheet.ts'
import { scaleValue } from '../style/values.ts'
import {
  allRules,
  definitionsOf,
  followInDarkMode,
  keepReadable,
  lastName,
  lastOf,
  ownVariable,
  setVariable,
  textProperties,
  writeValue,
} from './style-rules.ts'
import { CannotDo, code, type Workbench } from './workbench.ts'

/** Finds the rule that gives an element its look and edits the one declaration, or adds it. */
export function restyle(bench: Workbench, subjectWords: string, change: StyleChange): string {
  const value = change.kind === 'set' || change.kind === 'colour' ? change.value : ''
  if (/[{};<]|\/\*/.test(value)) {
    throw new CannotDo(bench.say(`${code(value)} is not one CSS value.`, `${code(value)} 不是一个 CSS 值。`))
  }
  const variable = namedVariable(bench, subjectWords, change)
  if (variable !== undefined) return variable
  const subject = readSubject(subjectWords)
  const rules = allRules(bench)
  if (/^(?:corners|圆角|corner)$/i.test(subjectWords) && change.kind === 'scale')
    return roundEverything(bench, rules, change.factor)
  const properties = propertiesOf(change, subject)
  const found = target(rules, subject, properties)
  if (!found) return addRule(bench, subject, subjectWords, change, properties)
  const done =
    change.kind === 'scale' || change.kind === 'shade'
      ? adjust(bench, found, change, properties)
      : put(bench, found, properties, value)
  if (done === undefined) {
    throw new CannotDo(
      bench.say(
        `The rule ${code(found.rule.selector)} in ${code(found.path)} has nothing to change there. Say a value: “set ${properties[0]} of ${subjectWords} to …”.`,
        `${code(found.path)} 中的规则 ${code(found.rule.selector)} 没有可调整的值。请说出具体的值：“把${subjectWords}的 ${properties[0]} 改成 …”。`,
      ),
    )
  }
  return bench.say(
    `Setting ${code(`${done.property}: ${done.value}`)} for ${code(done.selector)} in ${code(done.path)}.`,
    `在 ${code(done.path)} 中把 ${code(done.selector)} 设为 ${code(`${done.property}: ${done.value}`)}。`,
  )
}

interface Done {
  readonly path: string
  readonly selector: string
  readonly property: string
  readonly value: string
}

const boxProperties = ['background', 'background-color']

/** The properties that may carry the change, the one to add first. */
function propertiesOf(change: StyleChange, subject: Subject): readonly string[] {
  if (change.kind === 'colour' || change.kind === 'shade')
    return subject.text ? textProperties : boxProperties
  const property = change.property
  if (property === 'size')
    return subject.text ? ['font-size', 'font'] : ['font-size', 'padding', 'width', 'max-width', 'height']
  if (property === 'background') return boxProperties
  if (property === 'width') return ['width', 'max-width', 'inline-size', 'max-inline-size', 'min-width']
  if (property === 'height') return ['height', 'min-height', 'block-size']
  if (property === 'padding' || property === 'margin') {
    const sides = [
      '',
      '-inline',
      '-block',
      '-top',
      '-right',
      '-bottom',
      '-left',
      '-inline-start',
      '-inline-end',
      '-block-start',
      '-block-end',
    ]
    return sides.map((side) => `${property}${side}`)
  }
  return [property]
}

/** The likeliest rule; when it lacks the property, one for the same thing that has it. */
function target(
  rules: readonly FoundRule[],
  subject: Subject,
  properties: readonly string[],
): FoundRule | undefined {
  const candidates = findRules(rules, subject, properties)
  const [first] = candidates
  if (!first || has(first, properties)) return first
  const own = new Set(selectorsOf(first.rule.selector).map(lastName))
  const variant = candidates.find(
    (other) =>
      has(other, properties) &&
      other.rule.around.length === 0 &&
      selectorsOf(other.rule.selector).some(
        (selector) => !/:/.test(selector) && [...own].some((name) => isVariant(lastName(selector), name)),
      ),
  )
  return variant ?? first
}

function has({ rule }: FoundRule, properties: readonly string[]): boolean {
  return rule.declarations.some(({ property }) => properties.includes(property))
}

/** `.button-primary`, `.button.primary` and `.button--primary` are variants of `.button`. */
function isVariant(name: string, base: string): boolean {
  return name.startsWith(base) && /^$|^[-_.]/.test(name.slice(base.length))
}

/** Sets a value: in the variable that exists for it, in the declaration, or in a new declaration. */
function put(bench: Workbench, found: FoundRule, properties: readonly string[], value: string): Done {
  const { path, rule } = found
  const existing = lastOf(found, properties)
  const variable = existing && ownVariable(bench, found, existing)
  const [first = ''] = properties
  const property = variable ?? existing?.property ?? first
  const text = bench.files.read(path) ?? ''
  if (variable !== undefined) setVariable(bench, variable, value)
  else if (existing) writeValue(bench, path, existing, value)
  else bench.files.write(path, addDeclaration(text, rule, property, value))
  if (!variable) followInDarkMode(bench, found, property, value)
  if (properties === boxProperties) keepReadable(bench, path, rule.selector, value)
  return { path, selector: rule.selector, property, value }
}

/** Scales or shades what is there; a size that is nowhere declared starts from 1em. */
function adjust(
  bench: Workbench,
  found: FoundRule,
  change: Extract<StyleChange, { kind: 'scale' | 'shade' }>,
  properties: readonly string[],
): Done | undefined {
  const present = found.rule.declarations.filter(({ property }) => properties.includes(property))
  let done: Done | undefined
  // Backwards, so that the offsets of those before stay true.
  for (const declaration of [...present].reverse()) {
    const variable = ownVariable(bench, found, declaration)
    const old = variable ? definitionsOf(allRules(bench), variable)[0] : declaration.value
    const value = old === undefined ? undefined : adjusted(old, change)
    if (value === undefined) continue
    if (variable) setVariable(bench, variable, value)
    else writeValue(bench, found.path, declaration, value)
    done = {
      path: found.path,
      selector: found.rule.selector,
      property: variable ?? declaration.property,
      value,
    }
    if (variable) break
  }
  if (done || change.kind === 'shade') return done
  const start = startValues[change.property]
  if (start === undefined || present.length > 0) return undefined
  const value = scaleValue(start, change.factor) ?? start
  const [property = change.property] = properties
  bench.files.write(
    found.path,
    addDeclaration(bench.files.read(found.path) ?? '', found.rule, property, value),
  )
  return { path: found.path, selector: found.rule.selector, property, value }
}

/** What a property that nobody declared is taken to be before it is scaled. */
const startValues: Readonly<Record<string, string>> = {
  size: '1em',
  'font-size': '1em',
  'border-radius': '8px',
  padding: '16px',
  margin: '16px',
  gap: '16px',
  'line-height': '1.4',
}

function adjusted(
  value: string,
  change: Extract<StyleChange, { kind: 'scale' | 'shade' }>,
): string | undefined {
  return change.kind === 'scale'
    ? scaleValue(value, change.factor)
    : `color-mix(in oklab, ${value} 85%, ${change.toward})`
}

/** `accent colour`: a custom property people speak of by its name. */
function namedVariable(bench: Workbench, words: string, change: StyleChange): string | undefined {
  if (change.kind !== 'colour' && change.kind !== 'set') return undefined
  const name = words
    .trim()
    .toLowerCase()
    .replace(/\s+colou?r$/, '')
    .replace(/\s+/g, '-')
  const wanted = name.startsWith('--') ? name : `--${name}`
  const rules = allRules(bench)
  const known = /^[-\w]+$/.test(name) && definitionsOf(rules, wanted).length > 0
  // An element of that name is likelier meant, unless the variable was written out.
  if (!known || (!name.startsWith('--') && findRules(rules, readSubject(words), []).length > 0))
    return undefined
  setVariable(bench, wanted, change.value)
  return bench.say(
    `Setting ${code(`${wanted}: ${change.value}`)}.`,
    `把 ${code(wanted)} 设为 ${code(change.value)}。`,
  )
}

/** All corners of the page: the variables that hold radii, else each radius. */
function roundEverything(bench: Workbench, rules: readonly FoundRule[], factor: number): string {
  const radius = /^--[\w-]*(?:radius|rounded|corner)[\w-]*$/
  const variables = [
    ...new Set(
      rules.flatMap(({ rule }) =>
        rule.declarations.map(({ property }) => property).filter((name) => radius.test(name)),
      ),
    ),
  ]
  let count = 0
  for (const variable of variables) {
    const old = definitionsOf(rules, variable)[0]
    const value = old === undefined ? undefined : scaleValue(old, factor)
    if (value === undefined || /(?:^|\D)9{2,}|50%/.test(old ?? '')) continue
    setVariable(bench, variable, value)
    count++
  }
  for (const path of count > 0 ? [] : new Set(rules.map((found) => found.path))) {
    const spots = rules.filter((found) => found.path === path).flatMap(({ rule }) => rule.declarations)
    for (const declaration of spots.filter(({ property }) => property.endsWith('radius')).reverse()) {
      const value = scaleValue(declaration.value, factor)
      if (value === undefined || /50%|9{3,}|100vmax/.test(declaration.value)) continue
      writeValue(bench, path, declaration, value)
      count++
    }
  }
  if (count === 0)
    throw new CannotDo(bench.say('I found no rounded corners in the stylesheets.', '样式表中没有找到圆角。'))
  return bench.say(
    `Making the corners ${factor > 1 ? 'rounder' : 'sharper'}${variables.length > 0 ? ` through ${variables.map(code).join(', ')}` : ''}.`,
    `调整圆角${variables.length > 0 ? `（${variables.map(code).join('、')}）` : ''}。`,
  )
}

/** A rule for something that is on a page but in no stylesheet. */
function addRule(
  bench: Workbench,
  subject: Subject,
  words: string,
  change: StyleChange,
  properties: readonly string[],
): string {
  const { say } = bench
  const selector = subject.exact ? subject.selectors[0] : selectorOnPages(bench, subject)
  const sheet = nearestSheet(bench)
  if (selector === undefined || sheet === undefined || sheet === '' || /[{};]/.test(selector)) {
    const known = [...new Set(allRules(bench).map(({ rule }) => rule.selector))].slice(0, 12).map(code)
    throw new CannotDo(
      known.length === 0
        ? say('There is no stylesheet in this workspace.', '这个工作区里没有样式表。')
        : say(
            `I found no CSS rule for “${words}”. Name a class or a selector; there are, for example: ${known.join(', ')}.`,
            `没有找到“${words}”对应的 CSS 规则。请说出类名或选择器，例如：${known.join('、')}。`,
          ),
    )
  }
  const [property = ''] = properties
  const start = change.kind === 'scale' ? startValues[change.property] : undefined
  const value =
    change.kind === 'scale'
      ? start && scaleValue(start, change.factor)
      : change.kind === 'shade'
        ? undefined
        : change.value
  if (value === undefined) {
    throw new CannotDo(
      say(`There is no rule for ${code(selector)} to adjust.`, `没有可以调整的 ${code(selector)} 规则。`),
    )
  }
  const text = bench.files.read(sheet) ?? ''
  bench.files.write(
    sheet,
    `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}\n${selector} {\n  ${property}: ${value};\n}\n`,
  )
  return say(
    `Adding a rule for ${code(selector)} with ${code(`${property}: ${value}`)} to ${code(sheet)}.`,
    `在 ${code(sheet)} 中为 ${code(selector)} 添加规则 ${code(`${property}: ${value}`)}。`,
  )
}

function selectorOnPages(bench: Workbench, subject: Subject): string | undefined {
  const pages = bench.files
    .list()
    .filter((path) => /\.html?$/.test(path))
    .slice(0, 50)
  const elements = pages.flatMap((path) => parsePage(bench.files.read(path) ?? ''))
  return subject.selectors.find((selector) =>
    elements.some(
      ({ tag, id, classes }) =>
        selector === tag || selector === `#${id}` || classes.some((name) => selector === `.${name}`),
    ),
  )
}

function nearestSheet(bench: Workbench): string | undefined {
  const { activeFile } = bench.context
  const near = activeFile === undefined ? '.' : posix.dirname(activeFile)
  const sheets = bench.files.list().filter((path) => /\.(?:css|scss|less)$/.test(path))
  return (
    sheets.find((path) => path === activeFile) ??
    sheets.find((path) => posix.dirname(path) === near) ??
    sheets[0]
  )
}
