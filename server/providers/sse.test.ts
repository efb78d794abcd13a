import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SseParser } from './sse.ts'

function read(chunks: readonly Uint8Array[]): string[] {
  const data: string[] = []
  const parser = new SseParser((text) => data.push(text))
  for (const chunk of chunks) parser.push(chunk)
  return data
}

/** Cuts bytes at the given places, anywhere. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length))
}

describe('server-sent events', () => {
  it('[PROV-16] reads data, joins its lines and skips everything else', () => {
    const stream =
      '\ufeff: hello\nevent: response.created\nid: 7\ndata: {"a":\ndata:1}\n\nretry: 3\n\ndata\n\ndatab: x\n\ndata:  two\r\n\r\ndata: three\r\rdata: unfinished'
    expect(read([Buffer.from(stream)])).toEqual(['{"a":\n1}', ' two', 'three'])
  })

  it('[PROV-16] gives the same events for any split of the bytes', () => {
    const line = fc.stringMatching(/^[a-zé世👋:{} ]{0,12}$/u)
    const ending = fc.constantFrom('\n', '\r\n', '\r')
    const event = fc.tuple(fc.array(line, { minLength: 1, maxLength: 3 }), ending)
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 6 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (events, places) => {
          const text = events
            .map(([lines, end]) => lines.map((each) => `data: ${each}${end}`).join('') + end)
            .join('')
          const bytes = Buffer.from(text)
          const expected = events.map(([lines]) => lines.join('\n')).filter((data) => data !== '')
          expect(read([bytes])).toEqual(expected)
          expect(read(cut(bytes, places))).toEqual(expected)
        },
      ),
    )
  })

  it('[PROV-16] gives up on an event without end', () => {
    const parser = new SseParser(() => {})
    const chunk = Buffer.alloc(1024 * 1024, 'x')
    expect(() => {
      for (let i = 0; i < 20; i++) parser.push(chunk)
    }).toThrow('too long')
  })
})
