import type { ModelEvent } from './model-stream.ts'
import { editToolName } from './tool-specs.ts'

const opening = /^<{5,9} SEARCH>?\s*$/
const closing = /^>{5,9} REPLACE\s*$/

/**
 * For models without tools: takes SEARCH/REPLACE blocks out of the answer's text and turns each into an edit call,
 * so that the rest of the engine knows one way of editing. A line that may be a block's path or marker is held
 * back until it is clear what it is; all other text passes at once.
 */
export class InlineEdits {
  #line = ''
  /** How much of the present line has been passed on as text. */
  #passed = 0
  /** Lines held back: they belong to a block if its marker follows. */
  #held: string[] = []
  #block: { readonly callId: string; input: string } | undefined
  #count = 0
  readonly #prefix: string

  /** `prefix` makes call ids unique over the requests of a thread. */
  constructor(prefix: string) {
    this.#prefix = prefix
  }

  push(event: ModelEvent): readonly ModelEvent[] {
    if (event.type === 'textDelta') return this.#text(event.text)
    if (event.type === 'textCompleted' || event.type === 'completed') return [...this.#end(), event]
    return [event]
  }

  #text(text: string): ModelEvent[] {
    const out: ModelEvent[] = []
    let rest = text
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      this.#line += rest.slice(0, end + 1)
      rest = rest.slice(end + 1)
      this.#endLine(out)
    }
    this.#line += rest
    if (this.#block) this.#growBlock(out)
    else if (this.#line !== '' && !mayBelongToBlock(this.#line)) this.#pass(out)
    return merged(out)
  }

  #endLine(out: ModelEvent[]): void {
    const line = this.#line
    const bare = line.trimEnd()
    if (this.#block) {
      this.#growBlock(out)
      this.#line = ''
      this.#passed = 0
      if (closing.test(bare)) this.#closeBlock(out)
    } else if (opening.test(bare)) {
      const callId = `${this.#prefix}_${++this.#count}`
      out.push({ type: 'toolCallStarted', callId, name: editToolName, format: 'freeform' })
      const input = this.#held.join('') + line
      this.#block = { callId, input }
      out.push({ type: 'toolCallDelta', callId, delta: input })
      this.#reset()
    } else if (this.#passed === 0 && mayBelongToBlock(line)) {
      // Only the last two lines can belong to a block: its path and perhaps a fence.
      this.#held.push(line)
      if (this.#held.length > 2) out.push({ type: 'textDelta', text: this.#held.shift() ?? '' })
      this.#line = ''
    } else {
      this.#pass(out)
      this.#line = ''
      this.#passed = 0
    }
  }

  #growBlock(out: ModelEvent[]): void {
    const block = this.#block
    const delta = this.#line.slice(this.#passed)
    if (!block || delta === '') return
    block.input += delta
    this.#passed = this.#line.length
    out.push({ type: 'toolCallDelta', callId: block.callId, delta })
  }

  #closeBlock(out: ModelEvent[]): void {
    const block = this.#block
    if (!block) return
    const { callId, input } = block
    out.push({ type: 'toolCallCompleted', callId, name: editToolName, input, format: 'freeform' })
    this.#block = undefined
  }

  #pass(out: ModelEvent[]): void {
    const text = this.#held.join('') + this.#line.slice(this.#passed)
    this.#held = []
    this.#passed = this.#line.length
    if (text !== '') out.push({ type: 'textDelta', text })
  }

  #end(): ModelEvent[] {
    const out: ModelEvent[] = []
    if (this.#block) {
      // The last line may lack its line end; anything else is a block cut off, which the call's missing end says.
      if (closing.test(this.#line.trimEnd())) this.#closeBlock(out)
      this.#block = undefined
    } else this.#pass(out)
    this.#reset()
    return out
  }

  #reset(): void {
    this.#line = ''
    this.#passed = 0
    this.#held = []
  }
}

/** A path on a line of its own, a code fence, or the beginning of a marker. */
function mayBelongToBlock(line: string): boolean {
  const bare = line.trim()
  if (bare === '') return false
  if (bare.startsWith('<')) return '<<<<<<<<< SEARCH'.includes(bare) || opening.test(bare)
  if (bare.startsWith('`')) return bare.length < 260 && !bare.slice(1).includes(' ')
  return bare.length < 260 && /^[\w@.(][\w@.()[\]/\\+~-]*:?$/.test(bare) && !line.startsWith(' ')
}

function merged(events: readonly ModelEvent[]): ModelEvent[] {
  const out: ModelEvent[] = []
  for (const event of events) {
    const last = out.at(-1)
    if (event.type === 'textDelta' && last?.type === 'textDelta') {
      out[out.length - 1] = { type: 'textDelta', text: last.text + event.text }
    } else if (
      event.type === 'toolCallDelta' &&
      last?.type === 'toolCallDelta' &&
      last.callId === event.callId
    ) {
      out[out.length - 1] = { ...last, delta: last.delta + event.delta }
    } else out.push(event)
  }
  return out
}
