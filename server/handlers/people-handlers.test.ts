import { expect, test } from 'vitest'
import { workspaceIdSchema } from '../../core/protocol/ids.ts'
import { owner } from '../access/actor.ts'
import { People } from '../relay/people.ts'
import { createTestSession } from '../testing/test-session.ts'
import { createPeopleHandlers } from './people-handlers.ts'

const workspaceId = workspaceIdSchema.parse('wsp_1')
const other = workspaceIdSchema.parse('wsp_2')

function connect(id: string) {
  const session = createTestSession({ id, actor: owner })
  return { session, receivedAt: 0 }
}

function open() {
  const told: string[] = []
  const people = new People(({ workspaceId: place, people: all }) => {
    told.push(`${place}: ${all.map(({ name, path }) => `${name} ${path ?? '-'}`).join(', ')}`)
  })
  const threads = { workspace: () => ({}) as never, get: async () => ({}) as never }
  return { told, announce: createPeopleHandlers({ threads, people })['people/announce'] }
}

test('[PEOPLE-1] who announces themselves is told to all, with where they are, until their session ends', async () => {
  const { told, announce } = open()
  const ada = connect('ses_1')
  const ben = connect('ses_2')
  await announce({ workspaceId, presence: { name: 'Ada', color: 0 } }, ada)
  const answer = await announce({ workspaceId, presence: { name: 'Ben', color: 1, path: 'a.ts' } }, ben)
  expect(answer.people.map(({ id, name }) => [id, name])).toEqual([
    ['ses_1', 'Ada'],
    ['ses_2', 'Ben'],
  ])
  await announce({ workspaceId, presence: { name: 'Ada', color: 0, path: 'b.ts' } }, ada)
  ben.session.close('shuttingDown', 'test')
  expect(told).toEqual([
    'wsp_1: Ada -',
    'wsp_1: Ada -, Ben a.ts',
    'wsp_1: Ada b.ts, Ben a.ts',
    'wsp_1: Ada b.ts',
  ])
})

test('[PEOPLE-2] who goes to another workspace leaves the first', async () => {
  const { told, announce } = open()
  const ada = connect('ses_1')
  await announce({ workspaceId, presence: { name: 'Ada', color: 0 } }, ada)
  await announce({ workspaceId: other, presence: { name: 'Ada', color: 0 } }, ada)
  expect(told).toEqual(['wsp_1: Ada -', 'wsp_2: Ada -', 'wsp_1: '])
})
