import { prose } from '../fake-model/tokens.ts'

/** Units of one token: the fake model cuts what it says into pieces of this length. */
export const tokenChars = 4
const markEvery = 10

/**
 * A mark is two whole tokens, `q01234q `, and its number is that of its last token: whoever sees it knows which
 * token it has seen.
 */
class MarkedText {
  text = ''
  readonly #words = prose(1000, tokenChars).replace(/\s+/g, ' ').split(' ')
  #word = 0
  #lastMark = 0

  get tokens(): number {
    return Math.ceil(this.text.length / tokenChars)
  }

  add(text: string): void {
    this.text += text
  }

  /** Some words, with a mark when one is due. */
  phrase(count: number): void {
    for (let i = 0; i < count; i++) this.add(`${this.#words[this.#word++ % this.#words.length] ?? ''} `)
    if (this.tokens - this.#lastMark >= markEvery) this.mark()
  }

  mark(): void {
    while (this.text.length % tokenChars !== 0) this.add(' ')
    const last = this.text.length / tokenChars + 1
    this.add(`q${String(last).padStart(5, '0')}q `)
    this.#lastMark = last
  }
}

/** Markdown as models write it: paragraphs, lists and fenced code. */
export function markedMarkdown(tokens: number): string {
  const out = new MarkedText()
  for (let block = 0; out.tokens < tokens - 40; block++) {
    if (block % 4 === 2) {
      out.add('\n\n```ts\n')
      for (let line = 0; line < 8; line++) {
        out.add(`const value${line} = `)
        out.phrase(2)
        out.add('\n')
      }
      out.add('```\n\n')
    } else if (block % 4 === 3) {
      for (let line = 0; line < 4; line++) {
        out.add('\n- ')
        out.phrase(6)
      }
      out.add('\n\n')
    } else {
      for (let i = 0; i < 8; i++) out.phrase(5)
      out.add('\n\n')
    }
  }
  out.mark()
  return out.text
}

/** A file of `lines` lines with a place for each hunk of `markedPatch`. */
export function patchTarget(lines: number): string {
  return Array.from({ length: lines }, (_, i) => `export const line${i} = ${i} * 2\n`).join('')
}

/** A patch that adds lines with marks after several lines of the target. */
export function markedPatch(path: string, tokens: number): string {
  const out = new MarkedText()
  out.add(`*** Begin Patch\n*** Update File: ${path}\n`)
  const hunks = 4
  for (let hunk = 0; hunk < hunks; hunk++) {
    out.add(`@@\n export const line${100 + hunk * 200} = ${100 + hunk * 200} * 2\n`)
    const until = (tokens * (hunk + 1)) / hunks - 30
    for (let line = 0; out.tokens < until; line++) {
      out.add(`+const h${hunk}l${line} = '`)
      out.phrase(3)
      out.phrase(3)
      out.add("'\n")
    }
    out.add('+const ')
    out.mark()
    out.add(`= ${hunk}\n`)
  }
  out.add('*** End Patch\n')
  return out.text
}

/** A patch of `patchTarget` that changes that many of its lines, each in a hunk of its own. */
export function manyHunks(path: string, hunks: number): string {
  const changes = Array.from({ length: hunks }, (_, hunk) => {
    const line = 5 + hunk * 10
    return `@@\n-export const line${line} = ${line} * 2\n+export const line${line} = ${line} * 3\n`
  })
  return `*** Begin Patch\n*** Update File: ${path}\n${changes.join('')}*** End Patch\n`
}
