/**
 * Reads the raw text out of a function's streamed arguments, `{"input": "…"}`, while they arrive in pieces cut
 * anywhere. It looks for the first string value of the object; `value` at the end corrects what it could not read.
 */
export class FreeformArgument {
  #state: 'key' | 'colon' | 'value' | 'text' | 'escape' | 'unicode' | 'done' = 'key'
  #json = ''
  #hex = ''
  #inKey = false
  #keyEscape = false
  #held = ''

  /** The text this piece adds; half of a surrogate pair waits for the other half. */
  push(piece: string): string {
    this.#json += piece
    const text = this.#held + this.#read(piece)
    const last = text.charCodeAt(text.length - 1)
    this.#held = last >= 0xd800 && last <= 0xdbff ? text.slice(-1) : ''
    return this.#held === '' ? text : text.slice(0, -1)
  }

  #read(piece: string): string {
    let text = ''
    let from = -1
    for (let i = 0; i < piece.length && this.#state !== 'done'; i++) {
      const char = piece[i] ?? ''
      if (this.#state === 'text') {
        if (from === -1) from = i
        if (char !== '"' && char !== '\\') continue
        text += piece.slice(from, i)
        from = -1
        this.#state = char === '"' ? 'done' : 'escape'
      } else text += this.#step(char)
    }
    return from === -1 ? text : text + piece.slice(from)
  }

  /** The whole input once the arguments are complete; where they are not what was asked for, as they are. */
  value(): string {
    let parsed: unknown
    try {
      parsed = JSON.parse(this.#json)
    } catch {
      return this.#json
    }
    if (typeof parsed === 'string') return parsed
    if (typeof parsed !== 'object' || parsed === null) return this.#json
    return Object.values(parsed).find((field) => typeof field === 'string') ?? this.#json
  }

  #step(char: string): string {
    switch (this.#state) {
      case 'key':
        this.#readKey(char)
        return ''
      case 'colon':
        if (char === ':') this.#state = 'value'
        return ''
      case 'value':
        if (char === '"') this.#state = 'text'
        // Not a string: the next key may have one.
        else if (char === ',') this.#state = 'key'
        return ''
      case 'escape':
        if (char === 'u') {
          this.#hex = ''
          this.#state = 'unicode'
          return ''
        }
        this.#state = 'text'
        return escapes[char] ?? char
      case 'unicode':
        this.#hex += char
        if (this.#hex.length < 4) return ''
        this.#state = 'text'
        return String.fromCharCode(Number.parseInt(this.#hex, 16))
      default:
        return ''
    }
  }

  #readKey(char: string): void {
    if (this.#keyEscape) this.#keyEscape = false
    else if (this.#inKey && char === '\\') this.#keyEscape = true
    else if (char === '"') {
      if (this.#inKey) this.#state = 'colon'
      this.#inKey = !this.#inKey
    }
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }
