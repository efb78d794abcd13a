import { expect, test } from 'vitest'
import { createDocument, textOf } from '../document/document-text.ts'
import { createFork } from '../document/fork.ts'
import { randomInt, seededRandom } from '../lib/random.ts'
import type { EditStreamEvent } from './edit.ts'
import { createEditStream } from './edit-stream.ts'

const count = 8
const lines = Array.from({ length: count * 4 }, (_, n) => `line ${n}`)
const targets = Array.from({ length: count }, (_, n) => n * 4 + 1)
const patch = [
  '*** Begin Patch',
  '*** Update File: a.txt',
  ...targets.flatMap((n) => ['@@', `-line ${n}`, `+LINE ${n}`, `+more of ${n}`]),
  '*** End Patch',
  '',
].join('\n')

/** A stream that is cut at a random byte, in random pieces, while a person types between its hunks. */
function cutAt(seed: number) {
  const random = seededRandom(seed)
  const live = createDocument(7)
  const text = textOf(live)
  text.insert(0, `${lines.join('\n')}\n`)
  const fork = createFork({ live, clientId: 3 })
  let next = 0
  const stream = createEditStream({ format: 'applyPatch', nextHunkId: () => `h${next++}` })
  const completed = new Set<number>()
  const typed = new Map<number, string>()
  const take = (events: readonly EditStreamEvent[]) => {
    for (const event of events) {
      if (event.type === 'fileNeeded') take(stream.provide(event.path, { target: fork }))
      if (event.type !== 'hunkCompleted') continue
      completed.add(completed.size)
      fork.endHunk(event.hunkId)
    }
    fork.merge()
  }
  const end = randomInt(random, patch.length)
  for (let at = 0; at < end; ) {
    const to = Math.min(end, at + 1 + randomInt(random, 12))
    take(stream.push(patch.slice(at, to)))
    at = to
    if (random.next() < 0.2) {
      const n = randomInt(random, count) * 4 + 3
      const mark = ` typed${seed}.${at}`
      text.insert(`\n${text.toString()}`.indexOf(`\nline ${n}`) + `line ${n}`.length, mark)
      typed.set(n, `${mark}${typed.get(n) ?? ''}`)
    }
  }
  take(stream.cut())
  return { live: text.toString(), completed: completed.size, typed, message: stream.outcome()?.message }
}

const keptWords = (kept: number) =>
  kept === 1 ? /its first hunk was kept/ : new RegExp(`its first ${kept} hunks were kept`)

test('[EDIT-37] cut at any byte: finished hunks stand to the letter, the half one is gone, hand edits are there, and what was kept is told', () => {
  for (let seed = 1; seed <= 1000; seed++) {
    const { live, completed, typed, message } = cutAt(seed)
    const wanted = lines.map((line, n) => {
      const hunk = targets.indexOf(n)
      return hunk >= 0 && hunk < completed ? `LINE ${n}\nmore of ${n}` : `${line}${typed.get(n) ?? ''}`
    })
    expect(live).toBe(`${wanted.join('\n')}\n`)
    if (completed > 0 && completed < count) expect(message).toMatch(keptWords(completed))
  }
})
