/** What the slots of a form were filled with. */
export type Slots = Readonly<Record<string, string>>

/**
 * A way of saying something, as data: `rename {from:symbol} (to|as) {to:symbol}`. `(a|b)` is a choice, `[a]` may be
 * left out, `[a|b]*` may be repeated, `{name:kind}` is a slot (kind `text` unless said). Words stand alone, spaces are free.
 */
export type Form = string

/** What may fill the slots of each kind: sources of regular expressions without capturing groups. */
export type SlotKinds = Readonly<Record<string, string>>

const quotes = `"[^"]*"|'[^']*'|\`[^\`]*\`|“[^”]*”|‘[^’]*’|「[^」]*」|『[^』]*』|《[^》]*》`

export const basicKinds: SlotKinds = {
  symbol: `["'\`“‘「]?[A-Za-z_$][\\w$]*(?:\\.[A-Za-z_$][\\w$]*)*(?:\\(\\))?["'\`”’」]?`,
  /** A file, a folder or a symbol: one word. */
  path: `["'\`“‘「]?[\\w@~.()[\\]+/$-]*[\\w)\\]$]["'\`”’」]?`,
  /** A path that ends in a file name with a dot; `.card` is a class. */
  file: `["'\`“‘「]?(?:[\\w@~()[\\]+/.-]*[\\w)\\]-]\\.[\\w-]+|(?:[\\w./-]*/)?\\.(?:git|env|npm|editor|prettier|eslint|docker)[\\w.]*)["'\`”’」]?`,
  quoted: quotes,
  text: `${quotes}|[\\s\\S]+?`,
  /** Text that keeps its quotation marks. */
  raw: `${quotes}|[\\s\\S]+`,
  size: '[\\d.]+(?:px|rem|em|%|vh|vw|ch)?',
}

/** Turns a form into a test for whole sentences. */
export function compileForm(form: Form, kinds: SlotKinds): (sentence: string) => Slots | undefined {
  const slots: { name: string; kind: string }[] = []
  let source = ''
  for (let i = 0; i < form.length; i++) {
    const char = form[i] ?? ''
    const rest = form.slice(i)
    const slot = /^\{(\w+)(?::(\w+))?\}/.exec(rest)
    const word = /^[A-Za-z][A-Za-z']*/.exec(rest)
    if (slot?.[1] !== undefined) {
      const kind = slot[2] ?? 'text'
      slots.push({ name: slot[1], kind })
      source += `(${kinds[kind] ?? unknownKind(kind)})`
      i += slot[0].length - 1
    } else if (word) {
      // A word is no part of a path: `create a/b.ts` has no article.
      const slash = form[i + word[0].length] === '/' ? '' : '/'
      source += `(?<![\\w$])${word[0]}(?![\\w$${slash}])`
      i += word[0].length - 1
    } else if (char === '(') source += '(?:'
    else if (char === '[') source += '(?:(?:'
    else if (char === ']' && form[i + 1] === '*') {
      source += ')\\s*)*'
      i++
    } else if (char === ']') source += '))?'
    else if (char === ')' || char === '|') source += char
    else if (char === ' ') source += '\\s*'
    else source += char.replace(/[.*+?^$\\/{}=>-]/, '\\$&')
  }
  const pattern = new RegExp(`^${source}$`, 'i')
  return (sentence) => {
    const found = pattern.exec(sentence)
    if (!found) return undefined
    const filled: Record<string, string> = {}
    slots.forEach(({ name, kind }, index) => {
      const value = found[index + 1]?.trim()
      if (value !== undefined && filled[name] === undefined)
        filled[name] = kind === 'raw' ? value : unquote(value)
    })
    return filled
  }
}

function unknownKind(kind: string): never {
  throw new Error(`no slot kind ${kind}`)
}

const wholeQuotes = new RegExp(`^(?:${quotes})$`)

/** The text without the quotation marks around all of it. */
export function unquote(text: string): string {
  return wholeQuotes.test(text) ? text.slice(1, -1) : text
}

export function isQuoted(text: string): boolean {
  return wholeQuotes.test(text.trim())
}

export function isIdentifier(text: string): boolean {
  return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(text)
}
