import type { EditFormat, EditOutcome, EditStream, EditStreamEvent, ProvidedFile } from '../patch/edit.ts'
import { createEditStream } from '../patch/edit-stream.ts'
import { MemoryTarget } from '../patch/memory-target.ts'

type Files = Readonly<Record<string, string>>

/** An edit stream over files in memory that are handed over as soon as they are needed. */
export class EditStory {
  readonly stream: EditStream
  readonly events: EditStreamEvent[] = []
  readonly #targets = new Map<string, MemoryTarget>()
  #hunks = 0

  constructor(format: EditFormat, files: Files) {
    this.stream = createEditStream({ format, nextHunkId: () => `h${++this.#hunks}` })
    for (const [path, text] of Object.entries(files)) this.#targets.set(path, new MemoryTarget(text))
  }

  push(chunk: string): this {
    return this.#note(this.stream.push(chunk))
  }

  finish(): this {
    return this.#note(this.stream.finish())
  }

  cut(): this {
    return this.#note(this.stream.cut())
  }

  get outcome(): EditOutcome | undefined {
    return this.stream.outcome()
  }

  /** The texts now; files that were deleted or moved are still there under their old names. */
  get files(): Files {
    return Object.fromEntries([...this.#targets].map(([path, target]) => [path, target.text()]))
  }

  /** What happened, one short line each, growth left out. */
  get happened(): readonly string[] {
    return this.events.flatMap((event) => {
      if (event.type === 'hunkGrew') return []
      if (event.type === 'prose') return [`prose ${event.text}`]
      const subject = 'hunkId' in event ? event.hunkId : `${event.kind} ${event.path}`
      return [`${event.type} ${subject}${'startLine' in event ? ` at ${event.startLine}` : ''}`]
    })
  }

  /** Whether a hunk is half-written. */
  get writing(): boolean {
    const last = this.events.findLast(({ type }) => type.startsWith('hunk'))
    return last?.type === 'hunkStarted' || last?.type === 'hunkGrew'
  }

  #note(events: readonly EditStreamEvent[]): this {
    for (const event of events) {
      this.events.push(event)
      if (event.type !== 'fileNeeded') continue
      this.#note(this.stream.provide(event.path, this.#provide(event.path, event.kind)))
    }
    return this
  }

  #provide(path: string, kind: string): ProvidedFile {
    const known = this.#targets.get(path)
    if (known === undefined && kind !== 'add') return { problem: `Failed to read file to update ${path}` }
    const target = known ?? new MemoryTarget('')
    this.#targets.set(path, target)
    return { target }
  }
}

/** `text` cut where `cuts`, fractions of its length, say. */
export function splitAt(text: string, cuts: readonly number[]): readonly string[] {
  const places = cuts.map((cut) => Math.floor(cut * (text.length + 1))).sort((a, b) => a - b)
  return [0, ...places].map((from, index) => text.slice(from, places[index] ?? text.length))
}

/** A whole edit, in the given pieces. */
export function editStory(format: EditFormat, files: Files, pieces: readonly string[]): EditStory {
  const story = new EditStory(format, files)
  for (const piece of pieces) story.push(piece)
  return story.finish()
}
