import { expect, test } from 'vitest'
import { workspaceIdSchema } from '../../core/protocol/ids.ts'
import type { Person } from '../../core/protocol/people.ts'
import { createPageStore, memoryStorage } from '../testing/page-store.ts'

const workspaceId = workspaceIdSchema.parse('wsp_a')

async function start(storage = memoryStorage()) {
  const { relay, store } = createPageStore({
    topic: 'workspace:wsp_a',
    state: () => ({ id: workspaceId, threads: [] }),
    storage,
  })
  relay.answers['people/announce'] = () => ({ result: { people: [] } })
  store.getState().connect()
  await relay.run()
  store.getState().openWorkspace(workspaceId)
  await relay.run()
  const told = () =>
    relay.requests.flatMap(({ method, params }) => (method === 'people/announce' ? [params] : []))
  const publish = async (people: Person[]) => {
    relay.pass({ type: 'people/changed', people })
    await relay.run()
  }
  return { relay, store, storage, told, publish }
}

const ada: Person = { id: 'ses_ada', name: 'Ada', color: 1, path: 'a.ts' }

test('[PERSON-1] a page says who and where its person is, once per change, and keeps the name', async () => {
  const { relay, store, storage, told } = await start()
  store.getState().announce()
  store.getState().announce()
  store.getState().renameSelf('  Grace ')
  store.getState().renameSelf('   ')
  await relay.run()
  const names = told().map((params) => (params as { presence: { name: string } }).presence.name)
  expect(names.length).toBe(2)
  expect(names[1]).toBe('Grace')
  const again = await start(storage)
  expect(again.store.getState().self.name).toBe('Grace')
})

test('[PERSON-2] shown are the others, nobody twice', async () => {
  const { store, publish } = await start()
  const { self } = store.getState()
  await publish([{ id: 's', ...self }, { id: 'ses_tab', ...self }, ada, { ...ada, id: 'ses_ada2' }])
  expect(store.getState().people).toEqual([ada])
})

test('[PERSON-3] following opens the file they are in until they leave', async () => {
  const { store, publish } = await start()
  await publish([ada])
  expect(store.getState().activePath).toBeUndefined()
  store.getState().followPerson('ses_ada')
  expect(store.getState().activePath).toBe('a.ts')
  await publish([{ ...ada, path: 'b.ts' }])
  expect(store.getState().activePath).toBe('b.ts')
  await publish([])
  expect(store.getState().followedPerson).toBeUndefined()
})

test('[PERSON-4] of two with one colour the later takes a free one, and tells it; the first keeps theirs', async () => {
  const { store, relay, told, publish } = await start()
  const { self } = store.getState()
  const own = { id: 's', ...self }
  const same = { ...ada, color: self.color }
  await publish([own, same])
  expect(store.getState().self.color).toBe(self.color)
  await publish([same, own])
  await relay.run()
  const { color } = store.getState().self
  expect(color).not.toBe(self.color)
  expect(told().at(-1)).toMatchObject({ presence: { color } })
  const all = [0, 1, 2, 3, 4].map((other) => ({
    ...ada,
    id: `ses_${other}`,
    name: `P${other}`,
    color: other,
  }))
  await publish([...all, { ...own, color }])
  expect(store.getState().self.color).toBe(color)
})
