import type { StyleChange } from '../command.ts'
import { readColour } from './words.ts'

const scale = (property: string, factor: number): StyleChange => ({ kind: 'scale', property, factor })
const set = (property: string, value: string): StyleChange => ({ kind: 'set', property, value })
const more = 1.25
const less = 0.8

/** How something may look: words of both languages and what they change. */
const looks: readonly (readonly [words: RegExp, change: StyleChange])[] = [
  [/^(?:bigger|larger|enlarge|enlarged|big|large|放大|变大|更大|大)$/, scale('size', more)],
  [/^(?:huge|twice as big|大一倍|很大)$/, scale('size', 2)],
  [/^(?:smaller|shrink|tinier|small|缩小|变小|更小|小)$/, scale('size', less)],
  [
    /^(?:rounder|more rounded|more round|rounded|round|圆|更圆|变圆|圆润|更圆润)$/,
    scale('border-radius', 1.75),
  ],
  [/^(?:less rounded|less round|sharper|方|更方)$/, scale('border-radius', 0.5)],
  [/^(?:square|squared|not rounded|直角|方形)$/, set('border-radius', '0')],
  [/^(?:wider|widen|宽|更宽|变宽)$/, scale('width', more)],
  [/^(?:narrower|narrow|窄|更窄|变窄)$/, scale('width', less)],
  [/^(?:taller|高|更高|变高)$/, scale('height', more)],
  [/^(?:shorter|lower|矮|更矮|变矮)$/, scale('height', less)],
  [/^(?:roomier|more spacious|more roomy|airier|宽松|更宽松)$/, scale('padding', 1.5)],
  [/^(?:tighter|more compact|denser|紧凑|更紧凑)$/, scale('padding', 0.7)],
  [/^(?:bold|bolder|heavier|粗|粗体|加粗|更粗|变粗)$/, set('font-weight', '700')],
  [/^(?:thin|thinner|lighter weight|细|细体|更细|变细)$/, set('font-weight', '300')],
  [/^(?:regular weight|not bold|normal weight|不加粗)$/, set('font-weight', '400')],
  [/^(?:italic|slanted|斜体)$/, set('font-style', 'italic')],
  [/^(?:underlined|underline|带下划线|下划线)$/, set('text-decoration', 'underline')],
  [/^(?:not underlined|无下划线)$/, set('text-decoration', 'none')],
  [/^(?:uppercase|upper case|all caps|大写)$/, set('text-transform', 'uppercase')],
  [/^(?:lowercase|lower case|小写)$/, set('text-transform', 'lowercase')],
  [/^(?:centered|centred|center|centre|in the middle|居中)$/, set('text-align', 'center')],
  [/^(?:left aligned|aligned left|左对齐|靠左)$/, set('text-align', 'left')],
  [/^(?:right aligned|aligned right|右对齐|靠右)$/, set('text-align', 'right')],
  [/^(?:darker|darken|深|更深|变深|暗|更暗)$/, { kind: 'shade', toward: 'black' }],
  [/^(?:lighter|lighten|brighten|brighter|浅|更浅|变浅|亮|更亮)$/, { kind: 'shade', toward: 'white' }],
  [/^(?:hidden|hide|invisible|disappear|隐藏|消失|不可见)$/, set('display', 'none')],
  [/^(?:see-through|translucent|semi-transparent|半透明)$/, set('opacity', '0.6')],
]

/** The Chinese words of looks, for the grammar. */
export const lookWords: readonly string[] = looks.flatMap(
  ([words]) => words.source.match(/\p{Script=Han}+/gu) ?? [],
)

const slightly = /^(?:a (?:little|tiny)? ?bit|a little|slightly|somewhat|稍微|略微)\s*/
const strongly = /^(?:a lot|much|way|far|really|very|大大|明显)\s*/

/** `teal`, `a bit bigger`, `更圆一点`: the change it asks for, `undefined` when it describes no look. */
export function readLook(words: string): StyleChange | undefined {
  let text = words.trim().toLowerCase()
  let strength = 1
  if (slightly.test(text)) strength = 0.5
  else if (strongly.test(text)) strength = 1.6
  text = text
    .replace(slightly, '')
    .replace(strongly, '')
    .replace(/^[再更](?=.)/, '')
    .replace(/\s*(?:一点点?|一些|些|点)$/, '')
  text = text.replace(/\s+by a (?:bit|little)$/, '')
  const colour = readColour(text)
  if (colour !== undefined) return { kind: 'colour', value: colour }
  for (const [pattern, change] of looks) {
    if (!pattern.test(text)) continue
    return change.kind === 'scale' ? { ...change, factor: strengthen(change.factor, strength) } : change
  }
  return undefined
}

function strengthen(factor: number, strength: number): number {
  return Math.round((1 + (factor - 1) * Math.min(strength, factor < 1 ? 1.5 : 2)) * 100) / 100
}
