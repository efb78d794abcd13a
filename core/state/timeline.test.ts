import { expect, test } from 'vitest'
import { randomInt, seededRandom } from '../lib/random.ts'
import { itemIdSchema, turnIdSchema } from '../protocol/ids.ts'
import type { Item } from '../protocol/item.ts'
import type { LoggedEvent, ThreadEvent, ThreadState } from '../protocol/thread.ts'
import { type LongThread, longThread } from '../testing/long-thread.ts'
import { reduceThread } from './thread-reducer.ts'
import { Timeline } from './timeline.ts'

const shape: LongThread = {
  threadId: 'thr_1',
  workspaceId: 'wsp_1',
  turns: 6,
  edits: 3,
  hunks: 2,
  growth: 9,
  stepMs: 50,
  words: 30,
  lineWords: 4,
}

function timelineOf(rows: readonly LoggedEvent[]): Timeline {
  const timeline = new Timeline()
  timeline.append(rows)
  return timeline
}

const turnId = turnIdSchema.parse('trn_1')
const answer = {
  type: 'agentMessage',
  id: itemIdSchema.parse('trn_1.2'),
  request: 0,
  status: 'streaming',
  text: '',
} as const satisfies Item
const start = [...longThread({ ...shape, turns: 0 })]

/** The beginning of a thread, then these events at these times after it. */
function story(...events: readonly (readonly [number, ThreadEvent])[]): LoggedEvent[] {
  const { seq, at } = start.at(-1) ?? { seq: 0, at: 0 }
  return [...start, ...events.map(([after, event], i) => ({ seq: seq + i + 1, at: at + after, event }))]
}

test('[TIMELINE-1] the thread at any row is the log folded up to it, in whatever order rows come and are asked for', () => {
  const all = [...longThread(shape)]
  for (let seed = 1; seed <= 30; seed++) {
    const random = seededRandom(seed)
    // A history leaves rows out.
    const rows = all.filter((_, index) => index === 0 || random.next() < 0.8)
    const states: (ThreadState | undefined)[] = []
    for (const { event } of rows) states.push(reduceThread(states.at(-1), event))
    const timeline = new Timeline()
    let from = 0
    while (from < rows.length) {
      const to = from + 1 + randomInt(random, 400)
      timeline.append(rows.slice(from, to))
      from = Math.min(to, rows.length)
      for (let asked = 0; asked < 40; asked++) {
        const seq = randomInt(random, (rows[from - 1]?.seq ?? 0) + 20)
        const index = rows.findLastIndex((row, i) => i < from && row.seq <= seq)
        expect(timeline.stateAt(seq)).toEqual(index < 0 ? undefined : states[index])
      }
    }
    expect(timeline.lastSeq).toBe(rows.at(-1)?.seq)
  }
})

test('[TIMELINE-2] a replay waits at most two seconds where nothing is written; seqs and times lead to each other', () => {
  const timeline = timelineOf(
    story(
      [100, { type: 'turn/started', turnId, modelId: 'm', mode: 'live', at: 0 }],
      [60_000, { type: 'item/started', turnId, item: answer }],
      [69_000, { type: 'item/completed', turnId, item: { ...answer, status: 'completed', text: 'Yes.' } }],
      [500_000, { type: 'turn/settled', turnId, status: 'completed', at: 0 }],
    ),
  )
  const first = timeline.timeOf(2)
  const times = [3, 4, 5, 6].map((seq) => timeline.timeOf(seq) - first)
  expect(times).toEqual([100, 2100, 11_100, 13_100])
  expect(timeline.durationMs).toBe(first + 13_100)
  for (const seq of [1, 2, 3, 4, 5, 6]) expect(timeline.seqAt(timeline.timeOf(seq))).toBe(seq)
  expect([timeline.seqAt(-5), timeline.seqAt(first + 5000), timeline.seqAt(1e9)]).toEqual([1, 4, 6])
})

test('[REPLAY-44] a time of the clock leads to the first row written at it or later, or to none', () => {
  const settled = { type: 'turn/settled', turnId, status: 'completed', at: 0 } as const
  const rows = story([100, settled], [100, settled], [4000, settled])
  const [{ at, seq } = { at: 0, seq: 0 }] = rows.slice(-3)
  const timeline = timelineOf(rows)
  expect([at - 1, at, at + 1, at + 3900].map((time) => timeline.seqSince(time))).toEqual([
    seq,
    seq,
    seq + 2,
    seq + 2,
  ])
  expect(timeline.seqSince(at + 3901)).toBe(Number.POSITIVE_INFINITY)
  expect(timeline.seqSince(0)).toBe(1)
})

test('[TIMELINE-3] turns are marked where their prompts appear, with what was asked', () => {
  const rows = [...longThread(shape)]
  const timeline = timelineOf(rows)
  const starts = rows.flatMap(({ seq, event }) =>
    event.type === 'item/started' && event.item.type === 'userMessage' ? [seq] : [],
  )
  expect(timeline.marks.map(({ time }) => time)).toEqual(starts.map((seq) => timeline.timeOf(seq)))
  expect(timeline.marks.map(({ prompt }) => prompt)).toEqual(
    [1, 2, 3, 4, 5, 6].map((n) => `Go on with part ${n}.`),
  )
})

test('[TIMELINE-4] a text the log has only whole grows evenly from its beginning to its end, by whole characters', () => {
  const text = '👍'.repeat(50)
  const timeline = timelineOf(
    story(
      [0, { type: 'turn/started', turnId, modelId: 'm', mode: 'live', at: 0 }],
      [0, { type: 'item/started', turnId, item: answer }],
      [5000, { type: 'item/completed', turnId, item: { ...answer, status: 'completed', text } }],
    ),
  )
  const begin = timeline.timeOf(4)
  const shown = (time: number) => {
    const item = timeline
      .viewAt(begin + time)
      ?.turns.at(-1)
      ?.items.at(-1)
    return item?.type === 'agentMessage' ? item.text : undefined
  }
  expect([shown(0), shown(2500), shown(5000)]).toEqual(['', text.slice(0, 50), text])
  for (let time = 0; time <= 5000; time += 7) {
    const piece = shown(time) ?? ''
    expect(text.startsWith(piece) && piece.length % 2 === 0).toBe(true)
  }
  expect(timeline.viewAt(begin + 5000)).toEqual(timeline.stateAt(5))
})

test('[TIMELINE-5] the file at a time is the one edited last by then', () => {
  const rows = [...longThread(shape)]
  const timeline = timelineOf(rows)
  let path: string | undefined
  for (const { seq, event } of rows) {
    if (event.type === 'edit/fileChanged') path = event.file.path
    if (event.type === 'edit/hunkChanged') path = event.path
    expect(timeline.fileAt(timeline.timeOf(seq))).toBe(path)
  }
})
