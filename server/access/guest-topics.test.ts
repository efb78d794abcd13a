import { expect, test } from 'vitest'
import type { TandemEvent } from '../../core/protocol/events.ts'
import { threadIdSchema, workspaceIdSchema } from '../../core/protocol/ids.ts'
import { reduceWorkspace } from '../../core/state/workspace-reducer.ts'
import { Hub } from '../relay/hub.ts'
import { Outbox } from '../relay/outbox.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { FakeTransport } from '../testing/fake-transport.ts'
import { ManualTimers } from '../testing/manual-timers.ts'
import { guestWorkspaceView } from './guest-topics.ts'

const id = workspaceIdSchema.parse('wsp_1')
const topic = `workspace:${id}`
const [own, other] = ['thr_1', 'thr_2'].map((text) => threadIdSchema.parse(text))
const thread = { title: 'secret', createdAt: 1, updatedAt: 1, running: false }

test('[SHARE-18] of a workspace a guest is told of the shared thread, its files and who is here; live, as a replay and as a snapshot', () => {
  if (!own || !other) throw new Error('two ids')
  const timers = new ManualTimers()
  const hub = new Hub({ store: createMemoryStore(), clock: timers.clock, timers, epoch: 'e' })
  let state = { id, threads: [{ ...thread, id: own, title: 'shared' }] }
  hub.open(topic, 0, { state: () => state, running: () => [] })
  const view = guestWorkspaceView(own, () => new Set(['src/deep/a.ts']))
  const join = (seen?: typeof view) => {
    const transport = new FakeTransport()
    const outbox = new Outbox(transport, timers)
    return { transport, outbox, first: hub.subscribe(outbox, { topic }, seen) }
  }
  const guest = join(view)
  const owner = join()
  const logged: TandemEvent[] = [
    { type: 'threadList/added', thread: { ...thread, id: other } },
    { type: 'threadList/changed', threadId: other, title: 'secret', running: true, at: 2 },
    { type: 'threadList/marked', threadId: other, pinned: true, archived: false },
    { type: 'threadList/changed', threadId: own, title: 'shared, renamed', running: true, at: 3 },
  ]
  for (const event of logged) {
    state = reduceWorkspace(state, event as Parameters<typeof reduceWorkspace>[1])
    void hub.publish(topic, event)
  }
  const people = [
    { id: 'ses_1', name: 'Ada', color: 0, path: 'secret.txt' },
    { id: 'ses_2', name: 'Bo', color: 1, path: 'src/deep/a.ts' },
  ]
  hub.publishPassing(topic, { type: 'people/changed', people })
  hub.publishPassing(topic, { type: 'document/saved', path: 'secret.txt', saved: true })
  hub.publishPassing(topic, { type: 'document/saved', path: 'src/deep/a.ts', saved: true })
  hub.publishPassing(topic, { type: 'document/merged', path: 'secret.txt', line: 1, deleted: false, at: 1 })
  hub.publishPassing(topic, {
    type: 'document/merged',
    path: 'src/deep/a.ts',
    line: 77,
    deleted: false,
    at: 1,
  })
  hub.publishPassing(topic, { type: 'files/changed', folders: ['secret', 'src', 'src/deep', ''] })
  const snapshot = join(view).first
  const replay = hub.subscribe(guest.outbox, { topic, since: 0, epoch: 'e' }, view)
  const told = JSON.stringify([guest.first, guest.transport.sent, snapshot, replay])
  expect(told).not.toContain('secret')
  for (const shown of ['shared, renamed', 'Ada', 'Bo', 'src/deep/a.ts', 'line\\":77'])
    expect(told).toContain(shown)
  // Places in the log stay filled: a gap would make the page ask again without end.
  const seqs = guest.transport.sent.flatMap((text) => JSON.parse(text).seq ?? [])
  expect(seqs).toEqual([1, 2, 3, 4])
  const folders = guest.transport.sent
    .map((text) => JSON.parse(text).event)
    .findLast(({ type }) => type === 'files/changed')
  expect(folders.folders).toEqual(['', 'src/deep', 'src'])
  // The control: who may see all is told all.
  expect(JSON.stringify(owner.transport.sent)).toContain('secret')
})
