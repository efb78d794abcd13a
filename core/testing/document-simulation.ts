import * as Y from 'yjs'
import type { ChangeSet } from '../document/change-set.ts'
import { createDocument, textOf } from '../document/document-text.ts'
import { createFork, type Fork } from '../document/fork.ts'
import { dropHalfWritten } from '../document/half-written.ts'
import { type IdRanges, itemsIn } from '../document/id-ranges.ts'
import { createPersonalUndo, type PersonalUndo } from '../document/personal-undo.ts'
import { createUpdateReceiver, type UpdateReceiver } from '../document/receive-update.ts'
import { revertChanges } from '../document/revert-changes.ts'
import { type Random, randomInt, seededRandom } from '../lib/random.ts'

/** What one run of `simulateDocument` found. */
export interface SimulationResult {
  readonly seed: number
  /** All replicas show the same text. */
  readonly converged: boolean
  readonly typedCharacters: number
  /** Typed by a person, deleted by nobody who had seen it, and gone. */
  readonly lostCharacters: number
  /** Undoing every hunk leaves no character of the model and all others in their order; redoing gives the text back. */
  readonly undoExact: boolean
  /** The first thing that was wrong, in words. */
  readonly problem: string | undefined
}

interface Person {
  readonly doc: Y.Doc
  /** Origin of what they do. */
  readonly own: object
  /** As in the editor: of what happens in `doc` it takes back this person's own doing alone. */
  readonly undo: PersonalUndo
  readonly typed: Set<string>
  readonly deleted: Set<string>
  /** Steps until the network is back; until then nothing goes either way. */
  awaySteps: number
  readonly fromServer: Uint8Array[]
  readonly toServer: Uint8Array[]
}

interface Writer {
  readonly fork: Fork
  hunk: { readonly id: string; at: number; tokens: number; deleted: string[]; written: string[] } | undefined
}

interface FinishedHunk {
  readonly id: string
  readonly changes: ChangeSet
  readonly fork: Fork
  readonly deleted: readonly string[]
}

/**
 * Two or three people and up to two models in one document, over links that delay, repeat, reorder and break; now
 * and then a person takes back what they did, a hunk is undone or dropped, or the server dies. Every character is a different one, so that each can be asked after.
 */
export function simulateDocument(seed: number): SimulationResult {
  return new Simulation(seed).run()
}

class Simulation {
  readonly #seed: number
  readonly #random: Random
  readonly #people: Person[] = []
  readonly #writers: Writer[] = []
  readonly #finished: FinishedHunk[] = []
  /** What happens in one step reaches the journal as one row. */
  readonly #journal: Uint8Array[][] = [[]]
  readonly #base: string
  readonly #typed = new Set<string>()
  readonly #modelWrote = new Set<string>()
  readonly #deletedByPeople = new Set<string>()
  /** Brought back by Ctrl+Z, or deleted, by somebody who did not know what became of it meanwhile. */
  readonly #raced = new Set<string>()
  readonly #snapshots: Y.Snapshot[] = []
  #live: Y.Doc
  #receiver: UpdateReceiver
  /** Something a person sent waits for what was sent before it. */
  #overtaken = false
  /** Rows up to the last recovery, undo or redo: those are acknowledged only when they are kept. */
  #recovered = 0
  #nextCharacter = 0x3400
  #nextClient = 100
  #nextHunk = 0
  #problem: string | undefined
  /** An undo in the middle moves text that is typed next to it afterwards; then only presence is asked for. */
  #orderKnown = true
  /** Nobody undoes before the end and the server lives. */
  readonly #calm: boolean

  constructor(seed: number) {
    this.#seed = seed
    this.#random = seededRandom(seed)
    this.#live = this.#createLive()
    this.#receiver = createUpdateReceiver(this.#live)
    this.#base = this.#newCharacters(20 + this.#int(60))
    textOf(this.#live).insert(0, this.#base)
    this.#calm = this.#random.next() < 0.5
    const count = 2 + this.#int(2)
    for (let i = 0; i < count; i++) {
      this.#people.push(this.#createPerson())
    }
    this.#snapshots.push(Y.snapshot(this.#live))
  }

  run(): SimulationResult {
    const steps = 60 + this.#int(120)
    for (let step = 0; step < steps; step++) {
      this.#act()
      this.#journal.push([])
      if (this.#problem !== undefined) break
    }
    this.#settleWriters()
    if (this.#random.next() < 0.5) this.#deliverAll()
    const lostCharacters = this.#random.next() < 0.5 ? this.#lost() : 0
    const undoExact = this.#problem === undefined && this.#undoAll()
    this.#deliverAll()
    const texts = [this.#live, ...this.#people.map((person) => person.doc)].map((doc) =>
      textOf(doc).toString(),
    )
    const converged = texts.every((text) => text === texts[0])
    if (!converged) this.#fail('the replicas differ')
    return {
      seed: this.#seed,
      converged,
      typedCharacters: this.#typed.size,
      lostCharacters,
      undoExact: undoExact && this.#problem === undefined,
      problem: this.#problem,
    }
  }

  #act(): void {
    for (const person of this.#people) person.awaySteps = Math.max(0, person.awaySteps - 1)
    const dice = this.#random.next()
    if (dice < 0.27) this.#type()
    else if (dice < 0.29) this.#undoAsPerson()
    else if (dice < 0.3) this.#somebody().awaySteps = 5 + this.#int(60)
    else if (dice < 0.38) this.#deleteAsPerson()
    else if (dice < 0.6) this.#write()
    else if (dice < 0.7) this.#writers[this.#int(2)]?.fork.merge()
    else if (dice < 0.93) this.#deliverOne()
    else if (dice < 0.95) this.#snapshots.push(Y.snapshot(this.#live))
    else if (dice < 0.97) this.#refresh()
    else if (!this.#calm && dice < 0.985) this.#undoOne()
    else if (!this.#calm && dice < 0.99) this.#restart()
  }

  #type(): void {
    const person = this.#somebody()
    const text = textOf(person.doc)
    const at = this.#boundary(text.toString())
    const characters = this.#newCharacters(1 + this.#int(3))
    for (const character of characters) {
      this.#typed.add(character)
      person.typed.add(character)
    }
    person.doc.transact(() => text.insert(at, characters), person.own)
  }

  /** Ctrl+Z or its opposite: what goes is this person's, and so is what comes back. */
  #undoAsPerson(): void {
    // Half of the time all know of all, so that what comes of it is known to the character.
    const isSeen = this.#random.next() < 0.5
    if (isSeen) this.#deliverAll()
    const { doc, undo, typed, deleted } = this.#somebody()
    const before = new Set(textOf(doc).toString())
    const inverse = this.#random.next() < 0.7 ? undo.undo() : undo.redo()
    const after = new Set(textOf(doc).toString())
    const gone = [...before].filter((character) => !after.has(character))
    const back = [...after].filter((character) => !before.has(character))
    if (!inverse) return
    this.#orderKnown = false
    if (gone.some((character) => !typed.has(character) && !deleted.has(character)))
      this.#fail('Ctrl+Z took what another wrote')
    if (back.some((character) => !typed.has(character) && !deleted.has(character)))
      this.#fail('Ctrl+Z brought back what another deleted')
    if (isSeen) this.#deliverAll()
    else for (const character of back) this.#raced.add(character)
    // What was gone already has one more reason to be.
    for (const character of charactersOf(doc, inverse.deletions)) {
      deleted.add(character)
      this.#deletedByPeople.add(character)
    }
  }

  #deleteAsPerson(): void {
    const person = this.#somebody()
    const text = textOf(person.doc)
    const before = text.toString()
    const from = this.#boundary(before)
    const characters = [...before.slice(from)].slice(0, 1 + this.#int(3))
    if (characters.length === 0) return
    const live = new Set(textOf(this.#live).toString())
    for (const character of characters) {
      person.deleted.add(character)
      if (!live.has(character)) this.#raced.add(character)
      this.#deletedByPeople.add(character)
    }
    person.doc.transact(() => text.delete(from, characters.join('').length), person.own)
  }

  /** One step of a model: begin a hunk, write a token, finish it or drop it. */
  #write(): void {
    const writer = this.#writers[this.#int(2)] ?? this.#newWriter()
    const { fork, hunk } = writer
    if (hunk === undefined) return this.#beginHunk(writer)
    if (hunk.tokens > 0) {
      hunk.tokens -= 1
      const token = this.#newCharacters(1 + this.#int(4))
      for (const character of token) {
        this.#modelWrote.add(character)
        hunk.written.push(character)
      }
      fork.replace(hunk.at, hunk.at, token)
      hunk.at += token.length
      return
    }
    writer.hunk = undefined
    if (this.#random.next() < 0.2) {
      // A server that dies between a finished hunk and its being dropped keeps it: nothing to compare with.
      this.#orderKnown = false
      if (this.#calm) fork.endHunk(hunk.id)
      fork.revertHunk(hunk.id)
      return
    }
    fork.endHunk(hunk.id)
    fork.merge()
    this.#finished.push({ id: hunk.id, changes: fork.changes(hunk.id), fork, deleted: hunk.deleted })
  }

  #beginHunk(writer: Writer): void {
    const { fork } = writer
    const before = fork.text()
    const from = this.#boundary(before)
    const deleted = [...before.slice(from)].slice(0, this.#int(8))
    const id = `h${this.#nextHunk++}`
    fork.beginHunk(id)
    fork.replace(from, from + deleted.join('').length, '')
    writer.hunk = { id, at: from, tokens: this.#int(5), deleted, written: [] }
  }

  #newWriter(): Writer {
    const snapshot = this.#snapshots[this.#int(this.#snapshots.length + 1)]
    const options = { live: this.#live, clientId: this.#newClient() }
    const fork = createFork(snapshot === undefined ? options : { ...options, snapshot })
    const writer: Writer = { fork, hunk: undefined }
    this.#writers.push(writer)
    return writer
  }

  /** A refresh between hunks: offsets of a hunk that is being written would be stale after it. */
  #refresh(): void {
    const writer = this.#writers[this.#int(2)]
    if (writer !== undefined && writer.hunk === undefined) writer.fork.refresh()
  }

  /** Undo, perhaps redo at once: the redone text must be the one from before. */
  #undoOne(): void {
    const index = this.#int(this.#finished.length)
    const hunk = this.#finished[index]
    if (hunk === undefined) return
    this.#orderKnown = false
    const before = textOf(this.#live).toString()
    const undone = revertChanges(this.#live, hunk.changes, 'undo')
    this.#recovered = this.#journal.length
    if (this.#random.next() < 0.7) {
      const changes = revertChanges(this.#live, undone, 'redo')
      this.#recovered = this.#journal.length
      if (textOf(this.#live).toString() !== before) this.#fail('redo gave another text than before undo')
      // A later undo may be asked with the first change set or with the new one.
      if (this.#random.next() < 0.5) this.#finished[index] = { ...hunk, changes }
      return
    }
    this.#finished.splice(index, 1)
  }

  /** The server dies: what was not yet in the journal is gone there, and comes back only from browsers. */
  #restart(): void {
    this.#orderKnown = false
    const kept = this.#journal.length - this.#int(Math.min(4, this.#journal.length - this.#recovered))
    this.#live.destroy()
    const writers = this.#writers.splice(0)
    this.#snapshots.length = 0
    const journal = this.#journal.splice(0, this.#journal.length, [])
    this.#live = this.#createLive()
    for (const update of journal.slice(0, kept).flat()) Y.applyUpdate(this.#live, update, 'journal')
    this.#receiver = createUpdateReceiver(this.#live)
    dropHalfWritten(this.#live, () => false, 'recovery')
    for (const person of this.#people) this.#reconnect(person)
    this.#recovered = this.#journal.length
    this.#snapshots.push(Y.snapshot(this.#live))
    for (const { fork, hunk } of writers) {
      if (hunk === undefined) continue
      const text = textOf(this.#live).toString()
      if (hunk.written.some((character) => text.includes(character)))
        this.#fail('half a hunk survived the server')
      fork.destroy()
    }
    // What nobody had is gone altogether: the hunk never was, or only in part.
    const present = (hunk: FinishedHunk) =>
      hunk.changes.insertions.every(
        (range) => Y.getState(this.#live.store, range.client) >= range.clock + range.length,
      )
    this.#finished.splice(0, this.#finished.length, ...this.#finished.filter(present))
  }

  #reconnect(person: Person): void {
    person.fromServer.length = 0
    person.toServer.length = 0
    const missing = Y.encodeStateAsUpdate(person.doc, Y.encodeStateVector(this.#live))
    this.#receiver.receive(missing, person)
    dropHalfWritten(this.#live, () => false, 'recovery')
    Y.applyUpdate(person.doc, Y.encodeStateAsUpdate(this.#live, Y.encodeStateVector(person.doc)), 'server')
  }

  #deliverOne(): void {
    const person = this.#somebody()
    if (person.awaySteps > 0) return
    const queue = this.#random.next() < 0.5 ? person.fromServer : person.toServer
    const index = this.#random.next() < 0.7 ? 0 : this.#int(queue.length)
    const update = queue[index]
    if (update === undefined) return
    if (this.#random.next() < 0.9) queue.splice(index, 1)
    if (queue === person.fromServer) Y.applyUpdate(person.doc, update, 'server')
    else this.#receive(person, update)
  }

  #receive(person: Person, update: Uint8Array): void {
    this.#overtaken = this.#live.store.pendingStructs !== null
    this.#receiver.receive(update, person)
    this.#overtaken = false
  }

  #deliverAll(): void {
    for (let busy = true; busy; ) {
      busy = false
      for (const person of this.#people) {
        for (const update of person.toServer.splice(0)) this.#receive(person, update)
      }
      for (const person of this.#people) {
        const updates = person.fromServer.splice(0)
        busy ||= updates.length > 0
        for (const update of updates) Y.applyUpdate(person.doc, update, 'server')
      }
    }
  }

  #settleWriters(): void {
    for (const writer of this.#writers) {
      const { fork, hunk } = writer
      if (hunk !== undefined) {
        fork.endHunk(hunk.id)
        fork.merge()
        this.#finished.push({ id: hunk.id, changes: fork.changes(hunk.id), fork, deleted: hunk.deleted })
      }
      fork.merge()
    }
  }

  /** Call with all delivered: what people typed and nobody who saw it deleted. */
  #lost(): number {
    this.#deliverAll()
    const present = new Set(textOf(this.#live).toString())
    const replaced = new Set(this.#finished.flatMap((hunk) => hunk.deleted))
    let lost = 0
    for (const character of this.#typed) {
      if (!present.has(character) && !this.#deletedByPeople.has(character) && !replaced.has(character)) lost++
    }
    if (lost > 0) this.#fail(`${lost} typed characters are lost`)
    return lost
  }

  #undoAll(): boolean {
    const before = textOf(this.#live).toString()
    const order = this.#order()
    const inverses: ChangeSet[] = []
    for (const hunk of this.#finished.toReversed()) {
      inverses.push(revertChanges(this.#live, hunk.changes, 'undo'))
    }
    const undone = textOf(this.#live).toString()
    const again: ChangeSet[] = []
    for (const inverse of inverses.toReversed()) again.push(revertChanges(this.#live, inverse, 'redo'))
    if (textOf(this.#live).toString() !== before) this.#fail('redoing all gave another text')
    for (const changes of again.toReversed()) revertChanges(this.#live, changes, 'undo')
    if (textOf(this.#live).toString() !== undone) this.#fail('undoing all again gave another text')
    this.#deliverAll()
    const all = [...textOf(this.#live).toString()]
    const present = new Set(all)
    const after = all.filter((character) => !this.#raced.has(character))
    if (new Set(after).size !== after.length) this.#fail('a character is there twice')
    if (after.some((character) => this.#modelWrote.has(character))) this.#fail('undo left text of the model')
    for (const character of [...this.#base, ...this.#typed]) {
      if (!present.has(character) && !this.#deletedByPeople.has(character))
        this.#fail(`undo lost ${character}`)
    }
    if (this.#orderKnown) {
      const known = new Set(order)
      const now = all.filter((character) => known.has(character)).join('')
      if (now !== order.filter((character) => present.has(character)).join('')) this.#fail('undo moved text')
    }
    return this.#problem === undefined
  }

  /** Characters of base and people in the order of the document, deleted ones too. */
  #order(): readonly string[] {
    const order: string[] = []
    for (let item = textOf(this.#live)._start; item !== null; item = item.right) {
      if (item.content instanceof Y.ContentString) order.push(...item.content.str)
    }
    const once = new Set<string>()
    return order.filter((character) => {
      if (this.#modelWrote.has(character) || once.has(character)) return false
      once.add(character)
      return true
    })
  }

  #createLive(): Y.Doc {
    const live = createDocument(this.#newClient())
    live.on('update', (update: Uint8Array, origin: unknown) => {
      this.#journal.at(-1)?.push(update)
      if (origin === 'journal') return
      // What was overtaken on its way comes free with somebody else's update, which then holds news for them too.
      for (const person of this.#people) {
        if (person !== origin || this.#overtaken) person.fromServer.push(update)
      }
    })
    return live
  }

  #createPerson(): Person {
    const doc = createDocument(this.#newClient())
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(this.#live), 'server')
    const own = {}
    const person: Person = {
      doc,
      own,
      undo: createPersonalUndo({ doc, origin: own, captureMs: 0, now: () => 0 }),
      typed: new Set(),
      deleted: new Set(),
      awaySteps: 0,
      fromServer: [],
      toServer: [],
    }
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'server') person.toServer.push(update)
    })
    return person
  }

  #fail(problem: string): void {
    this.#problem ??= problem
  }

  #somebody(): Person {
    const person = this.#people[this.#int(this.#people.length)]
    if (person === undefined) throw new Error('there are people')
    return person
  }

  #int(bound: number): number {
    return randomInt(this.#random, bound)
  }

  /** Ids in no order, as in life. */
  #newClient(): number {
    this.#nextClient += 1
    return this.#nextClient + 10_000 * this.#int(100_000)
  }

  #newCharacters(count: number): string {
    let characters = ''
    for (let i = 0; i < count; i++) {
      // Some need two code units.
      const code = this.#nextCharacter++
      characters += String.fromCodePoint(this.#random.next() < 0.1 ? code + 0x20000 : code)
    }
    return characters
  }

  /** An offset that cuts no surrogate pair. */
  #boundary(text: string): number {
    const characters = [...text]
    return characters.slice(0, this.#int(characters.length + 1)).join('').length
  }
}

function charactersOf(doc: Y.Doc, ranges: IdRanges): string[] {
  return doc.transact((transaction) =>
    itemsIn(transaction, ranges).flatMap(({ content }) =>
      content instanceof Y.ContentString ? [...content.str] : [],
    ),
  )
}
