import { createFakeModel, type FakeModel } from '../../bench/fake-model/fake-model.ts'
import type { FakeRequest, Step } from '../../bench/fake-model/script.ts'
import { type Random, randomInt } from '../../core/lib/random.ts'
import { isUntouched, madeFile, prefixed, type Rewrite, rewritePatch, type Slot } from './chaos-text.ts'

/** What one call of apply_patch was to do. */
export interface Plan {
  readonly rewrites: readonly Rewrite[]
  /** Path and text of a file it adds. */
  readonly adds: { readonly path: string; readonly text: string } | undefined
  readonly deletes: string | undefined
}

export interface Ask {
  readonly id: number
  readonly slots: readonly number[]
  /** Requests in which it edits, before the one that says it is done. */
  readonly edits: number
  readonly adds: boolean
  readonly deletes: string | undefined
}

const speeds = [80, 300, 1500, 6000, 0]

export function askText({ id, slots, edits, adds, deletes }: Ask): string {
  return `ask-${id} slots=${slots.join(',')} edits=${edits} adds=${adds} deletes=${deletes ?? ''} please`
}

function readAsk(text: string): Ask | undefined {
  const match = /ask-(\d+) slots=([\d,]*) edits=(\d+) adds=(\w+) deletes=(\S*) please/.exec(text)
  if (match === null) return undefined
  const [, id, slots = '', edits, adds, deletes] = match
  return {
    id: Number(id),
    slots: slots.split(',').filter(Boolean).map(Number),
    edits: Number(edits),
    adds: adds === 'true',
    deletes: deletes || undefined,
  }
}

/** A model that does what prompts ask, each time at another speed, and remembers all it said. */
export class ChaosModel {
  /** By number, which is also the first word of each. */
  readonly answers = new Map<number, string>()
  readonly plans = new Map<string, Plan>()
  /** How often each prompt was asked, by prompt and round. */
  readonly #asked = new Set<string>()
  readonly #random: Random
  readonly #slots: readonly Slot[]
  readonly #textOf: (path: string) => string | undefined
  #fake: FakeModel | undefined
  #count = 0

  constructor(options: {
    readonly random: Random
    readonly slots: readonly Slot[]
    /** What a person sees in the file now. */
    readonly textOf: (path: string) => string | undefined
  }) {
    this.#random = options.random
    this.#slots = options.slots
    this.#textOf = options.textOf
  }

  async listen(): Promise<string> {
    this.#fake = await createFakeModel({ script: (request) => this.#answer(request) })
    return this.#fake.url
  }

  async close(): Promise<void> {
    await this.#fake?.close()
  }

  #answer(request: FakeRequest): readonly Step[] {
    const ask = readAsk(request.userText)
    // A turn that goes on after an interruption ends with a note, not with a prompt.
    if (ask === undefined) return [{ type: 'text', text: this.#say() }]
    const { round } = request
    const key = `${ask.id} ${round}`
    const speed = this.#asked.has(key) ? 0 : (speeds[randomInt(this.#random, speeds.length)] ?? 0)
    this.#asked.add(key)
    const text: Step = { type: 'text', text: this.#say(), tokensPerSecond: speed }
    if (round >= ask.edits) return [text]
    const callId = `call_chaos_${++this.#count}`
    const patch = this.#patch(ask, callId, round)
    if (patch === undefined) return [text]
    return [text, { type: 'customCall', name: 'apply_patch', callId, text: patch, tokensPerSecond: speed }]
  }

  #say(): string {
    const number = ++this.#count
    const words = Array.from({ length: 5 + randomInt(this.#random, 60) }, (_, i) => `${number}.${i}`)
    const answer = `answer ${number} ${words.join(' ')}`
    this.answers.set(number, answer)
    return answer
  }

  #patch(ask: Ask, callId: string, round: number): string | undefined {
    const rewrites = this.#slots.flatMap((slot): Rewrite[] => {
      if (!ask.slots.includes(slot.id)) return []
      const text = this.#textOf(slot.path) ?? ''
      const from = Number(
        new RegExp(`^slot ${slot.id} version (\\d+) begin$`, 'm').exec(text)?.[1] ?? Number.NaN,
      )
      return isUntouched(text, slot.id, from) ? [{ slot, from, to: ++this.#count }] : []
    })
    const made = `made/${++this.#count}.txt`
    const adds = ask.adds && round === 0 ? { path: made, text: madeFile(this.#count) } : undefined
    const deletes = round === 0 ? ask.deletes : undefined
    if (rewrites.length === 0 && !adds && deletes === undefined) return undefined
    this.plans.set(callId, { rewrites, adds, deletes })
    const parts = [...new Set(rewrites.map(({ slot }) => slot.path))].map((path) => {
      const hunks = rewrites.filter(({ slot }) => slot.path === path)
      return `*** Update File: ${path}\n${rewritePatch(this.#textOf(path) ?? '', hunks)}`
    })
    if (adds) parts.unshift(`*** Add File: ${adds.path}\n${prefixed('+', adds.text)}`)
    if (deletes !== undefined) parts.push(`*** Delete File: ${deletes}\n`)
    return `*** Begin Patch\n${parts.join('')}*** End Patch\n`
  }
}
