import { err, ok, type Result } from '../lib/result.ts'

/** Reads one string property of a JSON object while the object's text arrives. */
export interface JsonStringReader {
  /** The part of the property's text that `chunk` brings; an error once the JSON is known to be malformed. */
  push(chunk: string): Result<string, string>
  /** The JSON is complete; an error if it is not, or lacks the property. */
  finish(): Result<string, string>
}

export function createJsonStringReader(property: string): JsonStringReader {
  return new JsonProperty(property)
}

type Expected = 'object' | 'firstKey' | 'key' | 'colon' | 'firstItem' | 'value' | 'comma' | 'end'
type Role = 'key' | 'wanted' | 'other'

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

class JsonProperty implements JsonStringReader {
  readonly #property: string
  #expected: Expected = 'object'
  /** The brackets that are open, outermost first. */
  readonly #open: ('{' | '[')[] = []
  #key = ''
  #found = false
  /** What the string being read is for. */
  #role: Role | undefined
  #text = ''
  /** An escape sequence as far as it has come, backslash first. */
  #escape = ''
  /** A number or word as far as it has come. */
  #word = ''
  #decoded = ''
  /** The first half of a surrogate pair, kept until the second is there. */
  #half = ''
  #error: string | undefined

  constructor(property: string) {
    this.#property = property
  }

  push(chunk: string): Result<string, string> {
    this.#decoded = this.#half
    this.#half = ''
    for (let at = 0; at < chunk.length && this.#error === undefined; ) {
      if (this.#role !== undefined && this.#escape === '') at = this.#takeRun(chunk, at)
      else this.#take(chunk.charAt(at++))
    }
    if (this.#error !== undefined) return err(this.#error)
    if (this.#role === 'wanted' && /[\ud800-\udbff]$/.test(this.#decoded)) {
      this.#half = this.#decoded.slice(-1)
      this.#decoded = this.#decoded.slice(0, -1)
    }
    return ok(this.#decoded)
  }

  finish(): Result<string, string> {
    if (this.#error === undefined && this.#expected !== 'end') this.#fail('it ends too early')
    if (this.#error === undefined && !this.#found) this.#fail(`it lacks "${this.#property}"`)
    return this.#error === undefined ? ok(this.#half) : err(this.#error)
  }

  #fail(why: string): void {
    this.#error = `The arguments are not the JSON they should be: ${why}.`
  }

  /** Takes what of a string is itself, up to its end or an escape. */
  #takeRun(chunk: string, from: number): number {
    const special = /["\\\u0000-\u001f]/g
    special.lastIndex = from
    const end = special.exec(chunk)?.index ?? chunk.length
    this.#append(chunk.slice(from, end))
    if (end === chunk.length) return end
    const char = chunk.charAt(end)
    if (char === '\\') this.#escape = char
    else if (char === '"') this.#endString()
    else this.#fail('a string holds a control character')
    return end + 1
  }

  #append(text: string): void {
    if (this.#role === 'key') this.#text += text
    else if (this.#role === 'wanted') this.#decoded += text
  }

  #take(char: string): void {
    if (this.#escape !== '') return this.#takeEscape(char)
    if (this.#word !== '') {
      if (/[-+.\w]/.test(char)) {
        this.#word += char
        return
      }
      this.#endWord()
    }
    if (this.#error === undefined && !/[ \t\r\n]/.test(char)) this.#takeStructure(char)
  }

  #takeEscape(char: string): void {
    this.#escape += char
    if (this.#escape === '\\u' || (this.#escape.startsWith('\\u') && this.#escape.length < 6)) return
    const isUnicode = this.#escape.startsWith('\\u')
    const text = isUnicode ? unicode(this.#escape.slice(2)) : escapes[char]
    this.#escape = ''
    if (text === undefined) return this.#fail('a string holds an unknown escape')
    this.#append(text)
  }

  #endString(): void {
    const role = this.#role
    this.#role = undefined
    if (role !== 'key') return this.#endValue()
    this.#key = this.#text
    this.#expected = 'colon'
  }

  #endWord(): void {
    if (!/^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)$/.test(this.#word)) {
      return this.#fail(`${this.#word} is no value`)
    }
    this.#word = ''
    this.#endValue()
  }

  #endValue(): void {
    this.#expected = this.#open.length === 0 ? 'end' : 'comma'
  }

  #takeStructure(char: string): void {
    const inside = this.#open.at(-1)
    switch (this.#expected) {
      case 'object':
        if (char === '{') return this.#openBracket(char)
        break
      case 'firstKey':
      case 'key':
        if (char === '"') return this.#beginString('key')
        if (char === '}' && this.#expected === 'firstKey') return this.#closeBracket()
        break
      case 'colon':
        if (char === ':') return this.#expectValue()
        break
      case 'firstItem':
      case 'value':
        if (char === ']' && this.#expected === 'firstItem') return this.#closeBracket()
        return this.#beginValue(char)
      case 'comma':
        if (char === ',') {
          this.#expected = inside === '{' ? 'key' : 'value'
          return
        }
        if (char === (inside === '{' ? '}' : ']')) return this.#closeBracket()
        break
      case 'end':
        break
    }
    this.#fail(`${JSON.stringify(char)} has no place there`)
  }

  #expectValue(): void {
    this.#expected = 'value'
  }

  /** Whether the value that comes is the property's. */
  #isWanted(): boolean {
    return this.#open.length === 1 && this.#key === this.#property
  }

  #beginValue(char: string): void {
    if (this.#isWanted() && (char !== '"' || this.#found)) {
      return this.#fail(
        this.#found ? `"${this.#property}" is there twice` : `"${this.#property}" is no string`,
      )
    }
    if (char === '"') return this.#beginString(this.#isWanted() ? 'wanted' : 'other')
    if (char === '{' || char === '[') return this.#openBracket(char)
    if (!/[-\w]/.test(char)) return this.#fail(`${JSON.stringify(char)} has no place there`)
    this.#word = char
  }

  #beginString(role: Role): void {
    this.#role = role
    this.#text = ''
    if (role === 'wanted') this.#found = true
  }

  #openBracket(bracket: '{' | '['): void {
    this.#open.push(bracket)
    this.#expected = bracket === '{' ? 'firstKey' : 'firstItem'
  }

  #closeBracket(): void {
    this.#open.pop()
    this.#endValue()
  }
}

function unicode(digits: string): string | undefined {
  return /^[\da-fA-F]{4}$/.test(digits) ? String.fromCharCode(Number.parseInt(digits, 16)) : undefined
}
