import { namedColours } from './words.ts'

/** The value with every length in it scaled: `clamp(2rem, 5vw, 4rem)` too. `undefined` when there is nothing to scale. */
export function scaleValue(value: string, factor: number): string | undefined {
  if (value.includes('var(')) {
    return /^var\([^()]*\)$/.test(value.trim())
      ? `calc(${value.trim()} * ${factor})`
      : scaleParts(value, factor)
  }
  const own = /^calc\((var\([^()]*\)) \* ([\d.]+)\)$/.exec(value)
  if (own) return `calc(${own[1]} * ${tidy(Number(own[2]) * factor)})`
  return scaleParts(value, factor)
}

const length =
  /(?<![\w#.-])(-?\d*\.?\d+)(px|rem|em|%|vh|vw|vmin|vmax|svh|dvh|svw|ch|ex|pt|lh|cqw|cqi)(?![\w%])/g
const keywordSizes: Readonly<Record<string, number>> = {
  'xx-small': 9,
  'x-small': 10,
  small: 13,
  medium: 16,
  large: 18,
  'x-large': 24,
  'xx-large': 32,
}

function scaleParts(value: string, factor: number): string | undefined {
  const keyword = keywordSizes[value.trim()]
  if (keyword !== undefined) return `${tidy(keyword * factor)}px`
  const scaled = value.replace(length, (_, number: string, unit: string) => {
    const result = Number(number) * factor
    // Whole pixels stay whole, but a small one still changes.
    const rounded = unit === 'px' && Number.isInteger(Number(number)) ? Math.round(result) : result
    return `${tidy(rounded === Number(number) && factor !== 1 ? Number(number) + Math.sign(factor - 1) : rounded)}${unit}`
  })
  if (scaled !== value) return scaled
  return /^-?\d*\.?\d+$/.test(value.trim()) && Number(value) !== 0 ? tidy(Number(value) * factor) : undefined
}

function tidy(number: number): string {
  return String(Math.round(number * 1000) / 1000)
}

export type Rgb = readonly [red: number, green: number, blue: number]

/** Hex, rgb() and names; other notations are not judged. */
export function readRgb(value: string): Rgb | undefined {
  const text = value.trim().toLowerCase()
  const hex =
    /^#([\da-f]{3,8})$/.exec(text)?.[1] ??
    (Object.hasOwn(namedColours, text) ? namedColours[text] : undefined)
  if (hex !== undefined) {
    const wide = hex.length < 6 ? [...hex].map((digit) => digit + digit).join('') : hex
    const parts = [0, 2, 4].map((at) => Number.parseInt(wide.slice(at, at + 2), 16))
    return [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0]
  }
  const numbers = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/.exec(text)
  return numbers ? [Number(numbers[1]), Number(numbers[2]), Number(numbers[3])] : undefined
}

/** WCAG contrast ratio, 1 to 21. */
export function contrast(one: Rgb, other: Rgb): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05)
}

function luminance(colour: Rgb): number {
  const [red = 0, green = 0, blue = 0] = colour.map((part) => {
    const value = part / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
