import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { randomInt, seededRandom } from '../lib/random.ts'
import { type ChangeSet, changesOf, mergeChangeSets, noChanges } from './change-set.ts'
import { createDocument, textOf } from './document-text.ts'
import { FileReplay, type FileStep } from './file-replay.ts'
import { revertChanges } from './revert-changes.ts'
import { runsOf } from './text-runs.ts'

/** Replaces the characters from `at` on, as a model does it: through a fork of its own, the first line with its end. */
function edit(doc: Y.Doc, client: number, at: number, length: number, insert: string): ChangeSet {
  const fork = createDocument(client)
  Y.applyUpdate(fork, Y.encodeStateAsUpdate(doc))
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
    const replay = new FileReplay(runsOf(doc), steps)
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
  const replay = new FileReplay(runsOf(doc), [{ seq: 8, changes, growth }])
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

test('[TIMELINE-6] what people wrote is there all the time; a document that was made anew is told apart', () => {
  const doc = createDocument(1)
  textOf(doc).insert(0, 'one\ntwo\n')
  const changes = edit(doc, 2, 0, 3, 'ONE')
  edit(doc, 3, 4, 0, 'typed ')
  const steps = [{ seq: 8, changes, growth: [] }]
  expect(new FileReplay(runsOf(doc), steps).at(1).lines).toEqual(['one', 'typed two', ''])
  const anew = createDocument(9)
  textOf(anew).insert(0, textOf(doc).toString())
  expect(new FileReplay(runsOf(anew), steps).isKnown).toBe(false)
})
