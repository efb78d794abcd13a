import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  open,
  openSync,
  readFileSync,
  write,
  writeSync,
} from 'node:fs'
import { rename } from 'node:fs/promises'
import { promisify } from 'node:util'
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
 * microseconds; waiting for the disk would cost each call more than it may take. A power cut can take the last lines.
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
  /** Is about to take the file's place: what is written meanwhile goes to both, once it is open. */
  #draft: { readonly fd: number; text: string; bytes: number } | undefined
  #rewriting: Promise<void> | undefined

  constructor(file: string) {
    this.#file = file
    this.#fd = openSync(file, 'a', 0o600)
    this.#bytes = fstatSync(this.#fd).size
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

  /** The store has all that ended just now, so that it need not be kept here once it is much. */
  async stored(): Promise<void> {
    if (this.#bytes >= rewriteBytes) await this.rewrite()
  }

  /** Keeps only what is under way now. Beside all else: to rename a file can take as long as the disk does. */
  rewrite(): Promise<void> {
    this.#rewriting ??= this.#rewrite().finally(() => {
      this.#rewriting = undefined
    })
    return this.#rewriting
  }

  async #rewrite(): Promise<void> {
    const lines = [...this.#open.values()].map((call) => {
      const sent = this.#sent.has(call.id) ? toText({ type: 'sent', id: call.id }) : ''
      return toText({ type: 'begun', call }) + sent
    })
    const draft = { fd: -1, text: lines.join(''), bytes: 0 }
    this.#draft = draft
    const name = `${this.#file}.new`
    try {
      draft.fd = await openFile(name, newFile, 0o600)
      draft.bytes = writeSync(draft.fd, draft.text)
      await rename(name, this.#file)
    } catch (error) {
      this.#draft = undefined
      if (draft.fd >= 0) closeSync(draft.fd)
      throw error
    }
    this.#draft = undefined
    this.#leave()
    this.#fd = draft.fd
    this.#bytes = draft.bytes
  }

  /** No line follows. */
  close(): void {
    this.#leave()
    this.#fd = -1
  }

  /** A number that is free again while something is written there would be another file's. */
  #leave(): void {
    if (this.#growing !== this.#fd) closeSync(this.#fd)
  }

  #write(line: Line): void {
    const text = toText(line)
    this.#bytes += writeSync(this.#fd, text)
    if (!this.#draft) return
    if (this.#draft.fd < 0) this.#draft.text += text
    else this.#draft.bytes += writeSync(this.#draft.fd, text)
  }
}

const openFile = promisify(open)
const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND

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
