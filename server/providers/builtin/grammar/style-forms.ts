import type { Command, StyleChange } from '../command.ts'
import { readLook } from '../style/looks.ts'
import { readColour, readProperty } from '../style/words.ts'
import type { CommandForms } from './code-forms.ts'
import type { Slots } from './form.ts'

const become = '(改成|改为|变成|换成|设为|设成|设置为|设置成|做成|弄成|调成|调整为|变为|搞成)'

/** `the button teal`: the longest ending that is a look, and what comes before it is what should look so. */
function makeLook({ rest }: Slots): Command | undefined {
  const words = (rest ?? '').split(/\s+/)
  for (let cut = 1; cut < words.length; cut++) {
    const change = readLook(
      words
        .slice(cut)
        .join(' ')
        .replace(/^(?:be|look|to be|into)\s+/, ''),
    )
    if (change) return style(words.slice(0, cut).join(' '), change)
  }
  return undefined
}

function look({ subject, look: words }: Slots): Command | undefined {
  const change = readLook(words ?? '')
  return change && subject !== undefined ? style(subject, change) : undefined
}

function setProperty({ property, subject, value }: Slots): Command | undefined {
  const name = readProperty(property ?? '')
  if (name === undefined || subject === undefined || value === undefined) return undefined
  const colour = readColour(value)
  // Of a selector the CSS property itself is meant.
  if (name === 'colour' && !/^[.#]/.test(subject))
    return colour === undefined ? undefined : style(subject, { kind: 'colour', value: colour })
  const look = readLook(value)
  if (look?.kind === 'scale' && colour === undefined) return scaled(name, subject, look.factor)
  if (name === 'size') return style(subject, { kind: 'set', property: 'font-size', value })
  return style(subject, { kind: 'set', property: name === 'colour' ? 'color' : name, value: colour ?? value })
}

function scaled(property: string, subject: string, factor: number): Command | undefined {
  if (property === 'colour' || property === 'background' || property === 'color') return undefined
  return style(subject, { kind: 'scale', property, factor })
}

const scaleBy =
  (factor: number) =>
  ({ property, subject }: Slots): Command | undefined => {
    const name = readProperty(property ?? '')
    return name === undefined ? undefined : scaled(name, subject ?? 'page', factor)
  }

/** The noun without articles: `the primary button` is `primary button`, `corners of the cards` is the cards. */
function style(subject: string, change: StyleChange): Command | undefined {
  const noun = subject
    .trim()
    .replace(articles, '')
    .replace(/\s+(?:to be|look|a|to|be)$/i, '')
  if (noun === '' || noun.length > 80) return undefined
  const [property, owner] = splitProperty(noun)
  if (property === undefined || owner === undefined) return { type: 'style', subject: noun, change }
  const refined = change.kind === 'scale' && change.property === 'size' ? { ...change, property } : change
  return { type: 'style', subject: owner.replace(articles, ''), change: refined }
}

const articles =
  /^(?:all (?:of )?)?(?:the|my|our|this|that|these|those|所有的?|这个|那个|页面(?:上|里)?的(?=.))\s*/i

/** `corners of the cards`, `card corners`, `卡片的圆角`: the property and whose it is. */
function splitProperty(noun: string): readonly [string | undefined, string | undefined] {
  const of = /^(.+?)\s+(?:of|in|on)\s+(.+)$/i.exec(noun)
  if (of) return [readProperty(of[1] ?? ''), of[2]]
  const last = /^(.+)(?:\s+|的)(\S+)$/.exec(noun)
  return [readProperty(last?.[2] ?? ''), last?.[1]]
}

/** Looks of elements, said as properties, colours or comparisons. */
export const styleForms: readonly CommandForms[] = [
  {
    forms: [
      '(set|change|update|make) [the] {property} (of|on|for|in) [the] {subject} [be] (to|into|as|=|:) {value}',
      '(set|change|update|make) [the] {property} (of|on|for|in) [the] {subject} {value:size}',
      '(set|change|update) [the] {subject} {property:property} (to|into|as|=) {value}',
      '(give) [the] {subject} [a|an] {property:property} of {value}',
      '(give) [the] {subject} [a|an] {value} {property:property}',
      `[把|将] {subject} 的 {property} ${become} {value}`,
      `[把|将] {subject} {property:property} ${become} {value}`,
      '(设置|修改|调整) {subject} 的 {property} (为|成|到) {value}',
    ],
    make: setProperty,
  },
  {
    forms: [
      '[add] [a (bit|little)|some|slightly] more {property:property} (in|on|for|to|around|inside|between|of) [the] {subject}',
      '(increase|raise|grow|enlarge) [the] {property:property} (in|on|for|to|around|inside|between|of) [the] {subject}',
      '(increase|raise) [the] {subject} {property:property}',
      'add {property:property} (to|in|around|inside) [the] {subject}',
      'more {property:property}',
      '[给|把|让|将] {subject} [的] {property:property} [再] (大|多|高|宽|粗|增大|增加|加大|调大) [一] [点|些|一点|一些]',
      '(增加|加大|增大|提高|调大) {subject} 的 {property:property}',
      '[给] {subject} (多|增加|加) [一点|一些|点|些] {property:property}',
    ],
    make: scaleBy(1.5),
  },
  {
    forms: [
      '[a (bit|little)] less {property:property} (in|on|for|to|around|inside|between|of) [the] {subject}',
      '(decrease|reduce|lower|shrink|cut) [the] {property:property} (in|on|for|to|around|inside|between|of) [the] {subject}',
      '(decrease|reduce|lower) [the] {subject} {property:property}',
      '[给|把|让|将] {subject} [的] {property:property} [再] (小|少|低|窄|细|减小|减少|调小) [一] [点|些|一点|一些]',
      '(减少|减小|降低|缩小|调小) {subject} 的 {property:property}',
      '[给] {subject} (少|减少) [一点|一些|点|些] {property:property}',
    ],
    make: scaleBy(0.7),
  },
  {
    forms: ['(make|turn|paint|colour|color|let) {rest}', "(i want|i would like|i'd like) {rest}"],
    make: makeLook,
  },
  {
    forms: [
      '(change|set|switch) [the] {subject} (to|into) {look}',
      `[把|将|让|使] {subject} [的颜色|颜色] ${become} {look}`,
      '(把|将|让|使) {subject} (变|变得|调|弄|改|做|搞) [得] {look}',
      '(把|将|让|使) {subject} {look:look}',
      '{subject} {look:slightLook}',
    ],
    make: look,
  },
  {
    forms: ['{look:imperative} {subject}'],
    make: look,
  },
]
