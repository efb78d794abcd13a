/** How a text file is written beside its text. */
export interface TextFormat {
  readonly eol: 'lf' | 'crlf'
  /** It begins with a byte order mark. */
  readonly bom: boolean
}

const mark = Uint8Array.of(0xef, 0xbb, 0xbf)

/** The text with `\n` line ends; `undefined` when the bytes are not UTF-8. Mixed line ends count as what most lines have. */
export function decodeText(
  bytes: Uint8Array,
): { readonly text: string; readonly format: TextFormat } | undefined {
  const bom = mark.every((byte, index) => bytes[index] === byte)
  let raw: string
  try {
    raw = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bom ? bytes.subarray(3) : bytes)
  } catch {
    return undefined
  }
  if (!raw.includes('\r')) return { text: raw, format: { eol: 'lf', bom } }
  const crlf = count(raw, '\r\n')
  const eol = crlf > count(raw, '\n') - crlf ? 'crlf' : 'lf'
  return { text: raw.replace(/\r\n?/g, '\n'), format: { eol, bom } }
}

export function encodeText(text: string, { eol, bom }: TextFormat): Uint8Array {
  const body = new TextEncoder().encode(eol === 'crlf' ? text.replaceAll('\n', '\r\n') : text)
  if (!bom) return body
  const bytes = new Uint8Array(body.length + mark.length)
  bytes.set(mark)
  bytes.set(body, mark.length)
  return bytes
}

function count(text: string, part: string): number {
  let found = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) found++
  return found
}
