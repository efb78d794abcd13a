import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { type Random, randomInt, seededRandom } from '../lib/random.ts'
import { createDocument, textOf } from './document-text.ts'
import { createFork, type Fork, modelClients } from './fork.ts'
import { countNoted, dropHalfWritten, dropUntold, notedAfter } from './half-written.ts'

const slots = 8
const slotText = (slot: number, version: string) =>
  Array.from({ length: 3 }, (_, line) => `slot ${slot} ${version} line ${line}\n`).join('')

interface Hunk {
  readonly id: string
  readonly slot: number
  readonly version: string
  /** The journal had to have this many updates to hold the whole of it; `undefined` while it is written. */
  doneAt: number | undefined
}

interface Writer {
  readonly fork: Fork
  readonly slots: readonly number[]
  readonly hunks: Hunk[]
  /** Lines of the present hunk's slot to take out, then lines to write, and where. */
  work: { hunk: Hunk; out: number; rest: string; at: number } | undefined
}

/** Two models write, one person types, and the server dies with any part of it in its journal. */
class CrashedDocument {
  readonly #random: Random
  #live: Y.Doc
  readonly #browser: Y.Doc
  readonly #journal: Uint8Array[]
  readonly versions = new Map<number, string>()
  typed: string[] = []
  #rounds = 0

  constructor(random: Random) {
    this.#random = random
    this.#live = createDocument(this.#anyClient())
    for (let slot = 0; slot < slots; slot++) this.versions.set(slot, 'v0')
    textOf(this.#live).insert(0, this.expected())
    this.#journal = [Y.encodeStateAsUpdate(this.#live)]
    this.#browser = createDocument(this.#anyClient())
    Y.applyUpdate(this.#browser, Y.encodeStateAsUpdate(this.#live))
  }

  expected(): string {
    return [...this.versions].map(([slot, version]) => `note\n${slotText(slot, version)}`).join('')
  }

  shown(): { readonly text: string; readonly typed: string[]; readonly browser: boolean } {
    const characters = [...textOf(this.#live).toString()]
    const isTyped = (character: string) => character >= '\u4e00'
    return {
      text: characters.filter((character) => !isTyped(character)).join(''),
      typed: characters.filter(isTyped).toSorted(),
      browser: textOf(this.#browser).toString() === textOf(this.#live).toString(),
    }
  }

  round(): void {
    this.#rounds += 1
    const updates: Uint8Array[] = []
    const live = this.#live
    live.on('update', (update: Uint8Array, origin: unknown) => {
      updates.push(update)
      if (origin !== 'browser') Y.applyUpdate(this.#browser, update, 'server')
    })
    const writers = [0, 1].map((half): Writer => {
      const own = Array.from({ length: slots / 2 }, (_, slot) => slot * 2 + half)
      const clientId = 1 + randomInt(this.#random, modelClients - 1)
      return { fork: createFork({ live, clientId }), slots: own, hunks: [], work: undefined }
    })
    for (let step = 10 + randomInt(this.#random, 60); step > 0; step--) {
      const writer = writers[randomInt(this.#random, 2)]
      if (writer !== undefined) this.#write(writer, updates)
      if (this.#random.next() < 0.1) this.#type()
    }
    const kept = randomInt(this.#random, updates.length + 1)
    this.#restart(updates.slice(0, kept))
    // What the log was told before the server died, and what the journal holds: of each model the first hunks.
    const told = new Set<string>()
    for (const { hunks } of writers) {
      const held = hunks.filter(({ doneAt }) => doneAt !== undefined && doneAt <= kept)
      for (const hunk of held.slice(0, randomInt(this.#random, held.length + 1))) {
        told.add(hunk.id)
        this.versions.set(hunk.slot, hunk.version)
      }
    }
    this.#stored(() => {
      dropHalfWritten(this.#live, () => false, 'recovery')
      dropUntold(
        this.#live,
        (hunkId) => hunkId.startsWith(`${this.#rounds}.`) && !told.has(hunkId),
        'recovery',
      )
    })
    for (let i = 0; i < 2; i++) {
      this.#send()
      this.#receive()
    }
  }

  #write(writer: Writer, updates: readonly Uint8Array[]): void {
    const { fork, hunks } = writer
    const work = writer.work
    if (work === undefined) {
      const slot = writer.slots[randomInt(this.#random, writer.slots.length)] ?? 0
      const version = `v${this.#rounds}.${hunks.length}`
      const at = fork.text().indexOf(`slot ${slot} `)
      const hunk: Hunk = {
        id: `${this.#rounds}.${slot % 2}.${hunks.length}`,
        slot,
        version,
        doneAt: undefined,
      }
      hunks.push(hunk)
      fork.beginHunk(hunk.id)
      writer.work = { hunk, out: 3, rest: slotText(slot, version), at }
      return
    }
    if (work.out > 0 && (work.rest === '' || this.#random.next() < 0.6)) {
      work.out -= 1
      const end = fork.text().indexOf('\n', work.at) + 1
      fork.replace(work.at, end, '')
    } else if (work.rest !== '') {
      const piece = work.rest.slice(0, 1 + randomInt(this.#random, 30))
      fork.replace(work.at, work.at, piece)
      work.rest = work.rest.slice(piece.length)
      work.at += piece.length
    } else {
      fork.endHunk(work.hunk.id)
      fork.merge()
      work.hunk.doneAt = updates.length
      writer.work = undefined
    }
    if (this.#random.next() < 0.5) fork.merge()
  }

  #type(): void {
    const character = String.fromCharCode(0x4e00 + this.typed.length)
    this.typed.push(character)
    const text = textOf(this.#browser)
    const places = [...text.toString().matchAll(/ote/g)].map(({ index }) => index)
    text.insert(places[randomInt(this.#random, places.length)] ?? 0, character)
    if (this.#random.next() < 0.7)
      Y.applyUpdate(
        this.#live,
        Y.encodeStateAsUpdate(this.#browser, Y.encodeStateVector(this.#live)),
        'browser',
      )
  }

  #restart(kept: readonly Uint8Array[]): void {
    this.#journal.push(...kept)
    this.#live = createDocument(this.#anyClient())
    for (const update of this.#journal) Y.applyUpdate(this.#live, update)
  }

  /** Nobody sees what is taken back before the journal has it. */
  #stored(work: () => void): void {
    const before = Y.encodeStateVector(this.#live)
    work()
    this.#journal.push(Y.encodeStateAsUpdate(this.#live, before))
  }

  #send(): void {
    Y.applyUpdate(
      this.#browser,
      Y.encodeStateAsUpdate(this.#live, Y.encodeStateVector(this.#browser)),
      'server',
    )
  }

  #receive(): void {
    const noted = countNoted(this.#live)
    this.#stored(() => {
      const missing = Y.encodeStateAsUpdate(this.#browser, Y.encodeStateVector(this.#live))
      Y.applyUpdate(this.#live, missing, 'browser')
      dropHalfWritten(this.#live, () => false, 'recovery')
      const brought = notedAfter(this.#live, noted)
      dropUntold(this.#live, (hunkId) => brought.has(hunkId), 'recovery')
    })
  }

  #anyClient(): number {
    return 1 + randomInt(this.#random, 2 ** 32 - 1)
  }
}

test('[DOC-8] whatever part of hunks the journal holds and a browser brings, those nobody was told of are gone to the letter', () => {
  let typed = 0
  for (let seed = 1; seed <= 400; seed++) {
    const random = seededRandom(seed)
    const document = new CrashedDocument(random)
    for (let round = 0; round < 3; round++) {
      document.round()
      const due = { text: document.expected(), typed: document.typed.toSorted(), browser: true }
      expect({ seed, round, ...document.shown() }).toEqual({ seed, round, ...due })
    }
    typed += document.typed.length
  }
  expect(typed).toBeGreaterThan(1000)
})
