import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { randomInt, seededRandom } from '../lib/random.ts'
import { limits } from '../protocol/limits.ts'
import { type ChangeSet, changesOf, mergeChangeSets, noChanges } from './change-set.ts'
import { ChangeTimes, decodeTimes, encodeTimes } from './change-times.ts'
import { createDocument, textOf } from './document-text.ts'
import { FileReplay, type FileStep } from './file-replay.ts'
import { revertChanges } from './revert-changes.ts'
import { runsOf } from './text-runs.ts'

/**
 * Replaces the characters from `at` on, as a model does it: through a fork of its own, the first line with its end.
 * `seen`: the state it knows, which may be an older one.
 */
function edit(
  doc: Y.Doc,
  client: number,
  at: number,
  length: number,
  insert: string,
  seen = Y.encodeStateAsUpdate(doc),
): ChangeSet {
  const fork = createDocument(client)
  Y.applyUpdate(fork, seen)
  let changes = noChanges
  fork.on('afterTransaction', (transaction: Y.Transaction) => {
    changes = mergeChangeSets(changes, changesOf(transaction))
  })
  textOf(fork).delete(at, length)
  const [line = ''] = insert.split('\n', 1)
  const isLines = insert.endsWith('\n')
  textOf(fork).insert(at, isLines ? `${line}\n` : insert)
  if (isLines) textOf(fork).insert(at + line.length, insert.slice(line.length, -1))
  const mine = changes
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(fork))
  return mine
}

test('[TIMELINE-6] a file’s text at any finished edit, undo or redo of a thread is what it was then', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seededRandom(seed)
    const doc = createDocument(1)
    textOf(doc).insert(0, 'one\ntwo\nthree\nfour\nfive\n')
    const texts = new Map<number, string>([[0, textOf(doc).toString()]])
    const steps: FileStep[] = []
    let undone: ChangeSet | undefined
    for (let seq = 10; seq <= 100; seq += 10) {
      const last = steps.at(-1)
      const chance = random.next()
      let changes: ChangeSet
      if (undone && chance < 0.6) {
        changes = revertChanges(doc, undone, 'redo')
        undone = undefined
      } else if (last && !undone && chance < 0.3) {
        changes = revertChanges(doc, last.changes, 'undo')
        undone = changes
      } else {
        const { length } = textOf(doc)
        const at = randomInt(random, length + 1)
        const words = ['', 'a\n', `${seq}`, 'long\ntext\n'][randomInt(random, 4)] ?? ''
        changes = edit(doc, seq + 100, at, randomInt(random, Math.min(8, length - at + 1)), words)
        undone = undefined
      }
      steps.push({ seq, changes, growth: [] })
      texts.set(seq, textOf(doc).toString())
    }
    const replay = new FileReplay(runsOf(doc), steps, [])
    for (const [seq, text] of texts) {
      expect([seed, seq, replay.at(seq + 5).lines.join('\n')]).toEqual([seed, seq, text])
    }
  }
})

test('[TIMELINE-6] while an edit is written its lines come one after the other, and it is told which they are', () => {
  const doc = createDocument(1)
  textOf(doc).insert(0, 'one\ntwo\nthree\n')
  const changes = edit(doc, 2, 4, 4, 'A\nB\nC\n')
  const growth = [
    { seq: 5, addedLines: 0 },
    { seq: 6, addedLines: 1 },
    { seq: 7, addedLines: 3 },
  ]
  const replay = new FileReplay(runsOf(doc), [{ seq: 8, changes, growth }], [])
  const shown = (seq: number) => {
    const { lines, from, to } = replay.at(seq)
    return [lines.join('|'), lines.slice(from, to).join('|')]
  }
  expect(shown(4)).toEqual(['one|two|three|', ''])
  expect(shown(5)).toEqual(['one|three|', ''])
  expect(shown(6)).toEqual(['one|A|three|', 'A'])
  expect(shown(7)).toEqual(['one|A|B|C|three|', 'A|B|C'])
  expect(shown(8)).toEqual(['one|A|B|C|three|', 'A|B|C'])
  expect(replay.isKnown).toBe(true)
})

test('[TIMELINE-6] what nobody noted the time of is there all the time; a document that was made anew is told apart', () => {
  const doc = createDocument(1)
  textOf(doc).insert(0, 'one\ntwo\n')
  const changes = edit(doc, 2, 0, 3, 'ONE')
  edit(doc, 3, 4, 0, 'typed ')
  const steps = [{ seq: 8, changes, growth: [] }]
  expect(new FileReplay(runsOf(doc), steps, []).at(1).lines).toEqual(['one', 'typed two', ''])
  const anew = createDocument(9)
  textOf(anew).insert(0, textOf(doc).toString())
  expect(new FileReplay(runsOf(anew), steps, []).isKnown).toBe(false)
})

const act = fc.record({
  who: fc.constantFrom('own', 'own', 'other', 'person', 'undoOwn', 'undoOther', 'row'),
  at: fc.nat({ max: 60 }),
  length: fc.nat({ max: 8 }),
  insert: fc.constantFrom('', 'a\n', 'typed', 'long\ntext\n'),
  /** It was begun before what happened last. */
  isStale: fc.boolean(),
  gapMs: fc.integer({ min: limits.documentTimeMs, max: 5000 }),
})

type Act = typeof act extends fc.Arbitrary<infer One> ? One : never

/** What one thread deleted of another's text, which then was undone, comes back by no undo of the deletion. */
const keptAway: Act[] = [
  { who: 'other', at: 0, length: 0, insert: 'long\ntext\n', isStale: false, gapMs: 250 },
  { who: 'own', at: 0, length: 0, insert: '', isStale: false, gapMs: 250 },
  { who: 'own', at: 0, length: 1, insert: '', isStale: false, gapMs: 250 },
  { who: 'undoOther', at: 0, length: 0, insert: '', isStale: false, gapMs: 250 },
  { who: 'undoOwn', at: 0, length: 0, insert: '', isStale: false, gapMs: 250 },
]

test('[REPLAY-40] with two threads and a person in a file, its text at each row of one thread is what it was then', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 25 }), (acts) => {
      const doc = createDocument(1)
      textOf(doc).insert(0, 'one\ntwo\nthree\nfour\nfive\n')
      const times = new ChangeTimes()
      let now = 1_000_000
      doc.on('afterTransaction', (transaction: Y.Transaction) =>
        times.note({ at: now, changes: changesOf(transaction) }),
      )
      const rows: { readonly seq: number; readonly at: number; readonly text: string }[] = []
      const steps: FileStep[] = []
      const done = { own: [] as ChangeSet[], other: [] as ChangeSet[] }
      let before = Y.encodeStateAsUpdate(doc)
      const row = (changes?: ChangeSet) => {
        const seq = 10 * (rows.length + 1)
        rows.push({ seq, at: now, text: textOf(doc).toString() })
        if (changes) steps.push({ seq, changes, growth: [] })
      }
      row()
      for (const [index, { who, at, length, insert, isStale, gapMs }] of acts.entries()) {
        now += gapMs
        const seen = isStale ? before : Y.encodeStateAsUpdate(doc)
        before = Y.encodeStateAsUpdate(doc)
        const known = createDocument(2)
        Y.applyUpdate(known, seen)
        const from = Math.min(at, textOf(known).length)
        const count = Math.min(length, textOf(known).length - from)
        const write = () => edit(doc, 100 + index, from, count, insert, seen)
        if (who === 'row') row()
        else if (who === 'own') {
          const changes = write()
          done.own.push(changes)
          row(changes)
        } else if (who === 'other') done.other.push(write())
        else if (who === 'person') write()
        else {
          const changes = (who === 'undoOwn' ? done.own : done.other).pop()
          const inverse = changes && revertChanges(doc, changes, 'undo')
          if (inverse && who === 'undoOwn') row(inverse)
        }
      }
      const changes = decodeTimes(encodeTimes(times.list())).map((timed) => ({
        seq: rows.find(({ at }) => at >= timed.at)?.seq ?? Number.POSITIVE_INFINITY,
        changes: timed.changes,
      }))
      const replay = new FileReplay(runsOf(doc), steps, changes)
      for (const { seq, text } of rows) {
        expect([seq, replay.at(seq).lines.join('\n')]).toEqual([seq, text])
      }
    }),
    { numRuns: 500, examples: [[keptAway]] },
  )
})

test('[REPLAY-41] lines of others that come while an edit is written are not its own', () => {
  const doc = createDocument(1)
  textOf(doc).insert(0, 'one\ntwo\n')
  const changes = edit(doc, 2, 0, 0, 'A\n')
  const typed = edit(doc, 3, textOf(doc).length, 0, 'typed\n')
  const growth = [{ seq: 5, addedLines: 1 }]
  const replay = new FileReplay(runsOf(doc), [{ seq: 8, changes, growth }], [{ seq: 6, changes: typed }])
  const shown = (seq: number) => {
    const { lines, from, to } = replay.at(seq)
    return [lines.join('|'), lines.slice(from, to).join('|')]
  }
  expect(shown(5)).toEqual(['A|one|two|', 'A'])
  expect(shown(6)).toEqual(['A|one|two|typed|', 'A'])
})
