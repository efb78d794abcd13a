import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  write,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { z } from 'zod'
import { type UsageRow, usageRowSchema } from '../../core/protocol/usage.ts'

const begunSchema = usageRowSchema.omit({ outcome: true, usage: true, estimated: true }).extend({
  /** What it sends, as far as that is known before. */
  inputTokens: z.number(),
})
export type BegunCall = z.infer<typeof begunSchema>

const lineSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('begun'), call: begunSchema }),
  /** It may have taken a while until there was a connection. */
  z.object({ type: z.literal('sent'), id: z.string() }),
  z.object({ type: z.literal('grew'), id: z.string(), outputTokens: z.number() }),
  z.object({ type: z.literal('ended'), row: usageRowSchema }),
  /** Nothing was sent after all. */
  z.object({ type: z.literal('void'), id: z.string() }),
])
type Line = z.infer<typeof lineSchema>

const rewriteBytes = 256 * 1024

/**
 * Calls under way, in a file that outlives the process: a line is with the system before the call leaves, which takes
 * microseconds, and so is one when it has left; waiting for the disk would cost each call more than it may take. A power cut can take the last lines.
 */
export class CallJournal {
  readonly #file: string
  #fd: number
  #bytes = 0
  readonly #open = new Map<string, BegunCall>()
  readonly #sent = new Set<string>()
  /** Output that is not noted yet, in tokens. */
  readonly #grown = new Map<string, number>()
  /** Growth is being written there. */
  #growing: number | undefined

  constructor(file: string) {
    this.#file = file
    this.#fd = openSync(file, 'a', 0o600)
  }

  /** What a server that died had under way or not stored: those it did not see the end of count as lost. */
  static read(file: string): readonly UsageRow[] {
    if (!existsSync(file)) return []
    const begun = new Map<string, BegunCall>()
    const sent = new Set<string>()
    const grown = new Map<string, number>()
    const rows: UsageRow[] = []
    for (const text of readFileSync(file, 'utf8').split('\n')) {
      const line = parse(text)
      if (!line) continue
      if (line.type === 'begun') begun.set(line.call.id, line.call)
      else if (line.type === 'sent') sent.add(line.id)
      else if (line.type === 'grew') grown.set(line.id, line.outputTokens)
      else if (line.type === 'void') begun.delete(line.id)
      else {
        begun.delete(line.row.id)
        rows.push(line.row)
      }
    }
    const left = [...begun.values()].filter(({ id }) => sent.has(id))
    const lost = left.map(({ inputTokens, ...call }): UsageRow => {
      const usage = { inputTokens, cachedTokens: 0, outputTokens: grown.get(call.id) ?? 0 }
      return { ...call, outcome: 'lost', usage, estimated: true }
    })
    return [...rows, ...lost]
  }

  begin(call: BegunCall): void {
    this.#open.set(call.id, call)
    this.#write({ type: 'begun', call })
  }

  /** In the tick in which it left. */
  sent(id: string): void {
    this.#sent.add(id)
    this.#write({ type: 'sent', id })
  }

  /** Noted with the next `noteGrowth`. */
  grew(id: string, outputTokens: number): void {
    this.#grown.set(id, outputTokens)
  }

  /** Beside all else: many streams would wait for the disk together each time it is busy. The last of it may be missing. */
  noteGrowth(): void {
    if (this.#growing !== undefined || this.#grown.size === 0) return
    const lines = [...this.#grown].map(([id, outputTokens]) => toText({ type: 'grew', id, outputTokens }))
    this.#grown.clear()
    const text = lines.join('')
    const fd = this.#fd
    this.#growing = fd
    this.#bytes += text.length
    write(fd, text, () => {
      this.#growing = undefined
      if (fd !== this.#fd) closeSync(fd)
    })
  }

  end(row: UsageRow): void {
    this.#forget(row.id)
    this.#write({ type: 'ended', row })
  }

  void(id: string): void {
    this.#forget(id)
    this.#write({ type: 'void', id })
  }

  #forget(id: string): void {
    this.#open.delete(id)
    this.#sent.delete(id)
    this.#grown.delete(id)
  }

  /** The store has all that ended, so that it need not be kept here. */
  stored(): void {
    if (this.#bytes < rewriteBytes && this.#open.size > 0) return
    this.rewrite()
  }

  /** Only what is under way. */
  rewrite(): void {
    const lines = [...this.#open.values()].map((call) => {
      const sent = this.#sent.has(call.id) ? toText({ type: 'sent', id: call.id }) : ''
      return toText({ type: 'begun', call }) + sent
    })
    const draft = `${this.#file}.new`
    writeFileSync(draft, lines.join(''), { mode: 0o600 })
    renameSync(draft, this.#file)
    this.#leave()
    this.#fd = openSync(this.#file, 'a', 0o600)
    this.#bytes = 0
  }

  close(): void {
    this.#leave()
    this.#fd = -1
  }

  /** A number that is free again while something is written there would be another file's. */
  #leave(): void {
    if (this.#growing !== this.#fd) closeSync(this.#fd)
  }

  #write(line: Line): void {
    this.#bytes += writeSync(this.#fd, toText(line))
  }
}

function toText(line: Line): string {
  return `${JSON.stringify(line)}\n`
}

/** The last line of a file that was cut off may be half a line. */
function parse(text: string): Line | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
