import type * as Y from 'yjs'
import { type ChangeSet, changesOf, noChanges } from '../../core/document/change-set.ts'
import { ChangeTimes, decodeTimes, encodeTimes } from '../../core/document/change-times.ts'
import { createDocument, textOf } from '../../core/document/document-text.ts'
import { type FileChange, FileReplay, type FileStep } from '../../core/document/file-replay.ts'
import { runsOf } from '../../core/document/text-runs.ts'
import { randomInt, seededRandom } from '../../core/lib/random.ts'
import { type Row, row } from '../lib/row.ts'
import { quantile } from '../lib/stats.ts'

const lines = Array.from({ length: 3000 }, (_, i) => `line ${i} of a file that is long\n`).join('')
/** Of the replayed thread; between two of them a person types. */
const edits = 2000
const typedBetween = 10

/** A file of 3,000 lines edited 2,000 times by the replayed thread while a person types 20,000 characters all over it. */
export function measureFile(): readonly Row[] {
  const random = seededRandom(1)
  const doc = createDocument(1)
  const text = textOf(doc)
  text.insert(0, lines)
  const times = new ChangeTimes()
  let now = 0
  let last: ChangeSet = noChanges
  doc.on('afterTransaction', (transaction: Y.Transaction) => {
    last = changesOf(transaction)
    times.note({ at: now, changes: last })
  })
  const steps: FileStep[] = []
  const rowTimes: number[] = []
  for (let seq = 1; seq <= edits; seq++) {
    now += 1000
    doc.clientID = 1000 + seq
    const at = randomInt(random, text.length - 100)
    doc.transact(() => {
      text.delete(at, 60)
      text.insert(at, 'one line\nanother line\n')
    })
    steps.push({ seq, changes: last, growth: [] })
    rowTimes.push(now)
    doc.clientID = 7
    for (let i = 0; i < typedBetween; i++) {
      now += 300
      text.insert(randomInt(random, text.length), 'x')
    }
  }
  const runs = runsOf(doc)
  const bytes = encodeTimes(times.list())
  const builtAt = performance.now()
  const changes = decodeTimes(bytes).map(({ at, changes: each }): FileChange => {
    const index = rowTimes.findIndex((time) => time >= at)
    return { seq: index < 0 ? Number.POSITIVE_INFINITY : index + 1, changes: each }
  })
  const replay = new FileReplay(runs, steps, changes)
  const built = performance.now() - builtAt
  const asked = Array.from({ length: 1000 }, () => {
    const seq = 1 + randomInt(random, edits)
    const askedAt = performance.now()
    replay.at(seq)
    return performance.now() - askedAt
  })
  return [
    row('thread.replay.file.times', 'kB', [bytes.length / 1000]),
    row('thread.replay.file.build', 'ms', [built], 1000),
    row('thread.scrub.file.text', 'ms', asked),
    row('thread.scrub.file.textP95', 'ms', [quantile(asked, 0.95)], 8),
  ]
}
