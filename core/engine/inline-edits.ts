import { isFence, longestPath, pathIn } from '../patch/search-parser.ts'
import type { ModelEvent } from './model-stream.ts'
import { editToolName } from './tool-specs.ts'

const opening = /^<{5,9} SEARCH>?\s*$/
const closing = /^>{5,9} REPLACE\s*$/

/**
 * For models without tools: takes SEARCH/REPLACE blocks out of the answer's text and turns each into an edit call,
 * so that the rest of the engine knows one way of editing. Lines that may be a block's path, fence or marker are held
 * back until it is clear what they are; all other text passes at once.
 */
export class InlineEdits {
  #line = ''
  /** How much of the present line has been passed on. */
  #passed = 0
  /** Lines held back: they belong to a block if its marker follows. */
  #held: string[] = []
  #block: { readonly callId: string; input: string } | undefined
  /** The path line of the last block: a block without one is about the same file. */
  #pathLine = ''
  /** The last block was taken out of a code fence, whose end must go too. */
  #fenced = false
  #count = 0
  readonly #prefix: string

  /** `prefix` makes call ids unique over the requests of a thread. */
  constructor(prefix: string) {
    this.#prefix = prefix
  }

  push(event: ModelEvent): readonly ModelEvent[] {
    if (event.type === 'textDelta') return this.#text(event.text)
    if (event.type === 'textCompleted' || event.type === 'completed') return [...this.#end(), event]
    // It goes on from there in another request.
    if (event.type === 'failed' && event.failure.code === 'outputLimit') return [...this.#end(), event]
    return [event]
  }

  #text(text: string): ModelEvent[] {
    const out: ModelEvent[] = []
    let rest = text
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      this.#line += rest.slice(0, end + 1)
      rest = rest.slice(end + 1)
      this.#endLine(out)
      this.#line = ''
      this.#passed = 0
    }
    this.#line += rest
    if (this.#block) this.#growBlock(out)
    else if (this.#passed > 0 || mayFlow(this.#line)) this.#pass(out)
    return merged(out)
  }

  #endLine(out: ModelEvent[]): void {
    const bare = this.#line.slice(0, -1)
    if (this.#block) {
      this.#growBlock(out)
      if (closing.test(bare)) this.#closeBlock(out)
    } else if (this.#passed > 0) this.#pass(out)
    else if (opening.test(bare)) this.#openBlock(out)
    else this.#hold(bare, out)
  }

  /** Keeps the path and what may stand between it and its block; what came before them is no part of a block. */
  #hold(bare: string, out: ModelEvent[]): void {
    const isEnd = bare.trim() === '```'
    if (this.#fenced && isEnd) {
      this.#fenced = false
      this.#release(out)
      return
    }
    if (isFence(bare) && !isEnd) this.#fenced = false
    if (pathIn(bare) !== undefined) {
      const above = this.#held.at(-1)
      const fence = above !== undefined && isFence(above.trimEnd()) ? this.#held.pop() : undefined
      this.#release(out)
      if (fence !== undefined) this.#held.push(fence)
      this.#held.push(this.#line)
    } else if (isFence(bare) || (bare.trim() === '' && this.#held.length > 0 && this.#held.length < 6)) {
      this.#held.push(this.#line)
    } else this.#pass(out)
  }

  #openBlock(out: ModelEvent[]): void {
    const callId = `${this.#prefix}_${++this.#count}`
    const pathLine = this.#held.find((line) => pathIn(line.trimEnd()) !== undefined)
    // Under a known file a bare word above a block is more likely prose than a file without an extension.
    const isNamed = pathLine !== undefined && (this.#pathLine === '' || pathIn(pathLine.trimEnd())?.certain)
    if (isNamed) this.#pathLine = pathLine
    else if (pathLine !== undefined) this.#release(out)
    this.#fenced ||= this.#held.some((line) => isFence(line.trimEnd()))
    const input = (isNamed ? '' : this.#pathLine) + this.#held.join('') + this.#line
    this.#held = []
    this.#block = { callId, input }
    out.push({ type: 'toolCallStarted', callId, name: editToolName, format: 'freeform' })
    out.push({ type: 'toolCallDelta', callId, delta: input })
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
    this.#release(out)
    const text = this.#line.slice(this.#passed)
    this.#passed = this.#line.length
    if (text !== '') out.push({ type: 'textDelta', text })
  }

  #release(out: ModelEvent[]): void {
    const text = this.#held.join('')
    this.#held = []
    if (text !== '') out.push({ type: 'textDelta', text })
  }

  #end(): ModelEvent[] {
    const out: ModelEvent[] = []
    if (this.#block) {
      // The last line may lack its line end; anything else is a block cut off, which the call's missing end says.
      if (closing.test(this.#line.trimEnd())) this.#closeBlock(out)
      this.#block = undefined
    } else if (this.#fenced && this.#line.trim() === '```') this.#release(out)
    else this.#pass(out)
    this.#line = ''
    this.#passed = 0
    return out
  }
}

/** Whether the line, as far as it is known, can be neither a marker nor a path nor a fence. */
function mayFlow(line: string): boolean {
  if ('<<<<<<<<< SEARCH>'.includes(line) || opening.test(line)) return false
  if (line.length > longestPath) return true
  const words = line.trim().replace(/^#+\s+/, '')
  if (/^[`*#]/.test(words) && !/^\*\s+\S/.test(words)) return false
  return /\S\s+\S/.test(words)
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
