import { StringDecoder } from 'node:string_decoder'

/** No event of a model is longer; what is comes from something else. */
const eventChars = 16 * 1024 * 1024

/**
 * Reads server-sent events from bytes cut anywhere, inside characters too, and calls `onData` with the data of
 * each. Names, ids and retry times are not used by any model API and are skipped; what is unfinished at the
 * end of the stream is dropped, as the standard says.
 */
export class SseParser {
  readonly #onData: (data: string) => void
  readonly #decoder = new StringDecoder('utf8')
  #line = ''
  #data: string | undefined
  #afterReturn = false
  #atStart = true

  constructor(onData: (data: string) => void) {
    this.#onData = onData
  }

  /** Throws when one event grows past all measure. */
  push(chunk: Uint8Array): void {
    let text = this.#decoder.write(chunk)
    if (text === '') return
    if (this.#atStart) {
      this.#atStart = false
      if (text.charCodeAt(0) === 0xfeff) text = text.slice(1)
    }
    if (this.#afterReturn || text.includes('\r')) text = this.#unifyLineEnds(text)
    let from = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      const rest = text.slice(from, end)
      this.#endLine(this.#line === '' ? rest : this.#line + rest)
      this.#line = ''
      from = end + 1
    }
    this.#line += text.slice(from)
    if (this.#line.length + (this.#data?.length ?? 0) > eventChars)
      throw new Error('An event of the stream is too long.')
  }

  #unifyLineEnds(text: string): string {
    // The line feed of a CRLF whose return was the last character before.
    const rest = this.#afterReturn && text.startsWith('\n') ? text.slice(1) : text
    this.#afterReturn = text.endsWith('\r')
    return rest.replace(/\r\n?/g, '\n')
  }

  #endLine(line: string): void {
    if (line === '') {
      const data = this.#data
      this.#data = undefined
      if (data !== undefined && data !== '') this.#onData(data)
      return
    }
    if (!line.startsWith('data')) return
    if (line.length > 4 && line.charCodeAt(4) !== 0x3a) return
    const value = line.slice(line.charCodeAt(5) === 0x20 ? 6 : 5)
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
  }
}
