import { expect, test } from 'vitest'
import { type Action, access } from '../../core/protocol/access.ts'
import { threadIdSchema, turnIdSchema, workspaceIdSchema } from '../../core/protocol/ids.ts'
import { type Method, methods } from '../../core/protocol/methods.ts'
import { type GuestRole, guestRoleSchema, shareIdSchema } from '../../core/protocol/share.ts'
import { protocolVersion } from '../../core/protocol/version.ts'
import { createRouter, type Handlers } from '../relay/router.ts'
import { createTestSession } from '../testing/test-session.ts'
import { type CheckAccess, createAccessCheck } from './access-check.ts'
import { type Actor, owner } from './actor.ts'
import { can } from './can.ts'

const threadId = threadIdSchema.parse('thr_1')
const workspaceId = workspaceIdSchema.parse('wsp_1')
const turnId = turnIdSchema.parse('trn_1')
const guestOf = (role: GuestRole): Actor => ({
  kind: 'guest',
  pass: { linkId: shareIdSchema.parse('shr_1'), role, threadId, workspaceId, sharedBy: 'Ada' },
})
const actors = { view: guestOf('view'), steer: guestOf('steer'), edit: guestOf('edit'), owner }

/** Said once more, apart from the table: what each role may do besides what the one before it may. */
const expected: Record<GuestRole, readonly Action[]> = {
  view: [
    'session/open',
    'session/ping',
    'topic/subscribe',
    'topic/unsubscribe',
    'model/list',
    'file/list',
    'file/find',
    'document/open',
    'document/history',
    'document/close',
    'document/point',
    'people/announce',
    'thread/read',
    'thread/history',
    'thread/window',
  ],
  steer: [
    'thread/warm',
    'thread/limits',
    'turn/start',
    'turn/redirect',
    'turn/interrupt',
    'turn/steer',
    'turn/pause',
    'turn/unpause',
    'turn/resume',
    'queue/add',
    'queue/edit',
    'queue/move',
    'queue/remove',
    'queue/resume',
  ],
  edit: [
    'document/write',
    'document/save',
    'turn/check',
    'turn/stopCheck',
    'turn/undo',
    'turn/redo',
    'edit/decide',
    'review/keep',
    'review/undo',
    'review/takeBack',
  ],
}
const actions = Object.keys(access) as Action[]
const shared = new Set(['src/a.ts'])
const own = { threadId, workspaceId, topic: `thread:${threadId}`, path: 'src/a.ts' }

function allowed(role: GuestRole): readonly Action[] {
  const roles = guestRoleSchema.options
  return roles.slice(0, roles.indexOf(role) + 1).flatMap((each) => expected[each])
}

test('[SHARE-1] every action is allowed to exactly the roles it is meant for, on what the link is for', () => {
  for (const role of guestRoleSchema.options) {
    const may = actions.filter((action) => can(actors[role], action, own, shared))
    expect([role, may.toSorted()]).toEqual([role, allowed(role).toSorted()])
  }
  expect(actions.every((action) => can(owner, action, {}, new Set()))).toBe(true)
})

test('[SHARE-2] no role reaches another thread, workspace, topic or file, nor anything that names none', () => {
  const foreign = [
    { ...own, threadId: 'thr_2' },
    { ...own, workspaceId: 'wsp_2' },
  ]
  const free = new Set<Action>(actions.filter((action) => access[action].object === 'server'))
  for (const role of guestRoleSchema.options) {
    for (const target of foreign) {
      expect(actions.filter((action) => can(actors[role], action, target, shared))).toEqual([])
    }
    expect(actions.filter((action) => can(actors[role], action, {}, shared) && !free.has(action))).toEqual([])
    for (const path of ['.env', 'src/b.ts', './src/a.ts', 'src/../src/a.ts', 'SRC/A.TS', '']) {
      expect(can(actors[role], 'document/open', { workspaceId, path }, shared)).toBe(false)
    }
    for (const topic of ['thread:thr_2', 'workspace:wsp_2', `thread:${threadId}x`, 'shares']) {
      expect(can(actors[role], 'topic/subscribe', { topic }, shared)).toBe(false)
    }
    expect(can(actors[role], 'topic/subscribe', { topic: `workspace:${workspaceId}` }, shared)).toBe(true)
  }
})

const context = { openPaths: [] }
const jobId = 'job_1'
const group = 'cnd_1'
/** Right parameters for every method, about the shared thread as far as they say. */
const samples: Record<Method, object> = {
  'session/open': { protocol: protocolVersion },
  'session/ping': {},
  'topic/subscribe': { topic: `thread:${threadId}` },
  'topic/unsubscribe': { topic: `thread:${threadId}` },
  'model/list': {},
  'usage/read': { since: 0 },
  'file/list': { workspaceId, path: '' },
  'file/find': { workspaceId, query: 'a', limit: 5 },
  'file/create': { workspaceId, path: 'src/a.ts', kind: 'file' },
  'file/rename': { workspaceId, path: 'src/a.ts', to: 'b.ts' },
  'file/delete': { workspaceId, path: 'src/a.ts' },
  'file/restore': { workspaceId, trashId: 'x' },
  'preview/open': { workspaceId },
  'approval/lasting': { workspaceId },
  'approval/takeBack': { workspaceId, id: 'a'.repeat(64) },
  'job/list': { workspaceId },
  'job/start': { workspaceId, task: 'x', conversation: false },
  'job/pause': { jobId, paused: true },
  'job/stop': { jobId },
  'job/retry': { jobId },
  'job/answer': { jobId, text: 'x' },
  'job/decidePlan': { jobId, accept: true, text: 'yes' },
  'schedule/list': { workspaceId },
  'schedule/check': { when: { kind: 'once', at: 1 } },
  'schedule/add': { workspaceId, task: 'a', when: { kind: 'once', at: 1 } },
  'schedule/pause': { scheduleId: 'sch_1', paused: true },
  'schedule/remove': { scheduleId: 'sch_1', removed: true },
  'job/extend': { jobId, budget: { steps: 1, tokens: 1, minutes: 1 } },
  'job/patch': { jobId },
  'job/artefacts': { jobId },
  'job/artefact': { jobId, path: 'out.log' },
  'job/apply': { jobId },
  'job/resolve': { jobId, path: 'src/a.ts', startLine: 1, take: 'ours' },
  'job/commit': { jobId, message: 'x' },
  'job/unmerge': { jobId },
  'job/openRequest': { jobId, title: 'x', text: '' },
  'job/settleEffect': { jobId, decision: 'done' },
  'job/remove': { jobId },
  'job/discard': { jobId, discarded: true },
  'candidate/start': {
    workspaceId,
    task: 'x',
    conversation: false,
    candidates: [{ strategy: 'plain' }, { strategy: 'other' }],
    judge: false,
  },
  'candidate/pick': { jobId },
  'candidate/compare': { jobId, withId: jobId },
  'candidate/hunks': { jobId },
  'candidate/mix': { picks: [{ jobId, path: 'src/a.ts', hunks: [0] }] },
  'candidate/dismiss': { group },
  'document/open': { workspaceId, path: 'src/a.ts' },
  'document/history': { workspaceId, path: 'src/a.ts' },
  'document/save': { workspaceId, path: 'src/a.ts' },
  'document/close': { handle: 1 },
  'people/announce': { workspaceId, presence: { name: 'Ada', color: 0 } },
  'thread/create': { workspaceId },
  'thread/rename': { threadId, title: 'x' },
  'thread/pin': { threadId, pinned: true },
  'thread/archive': { threadId, archived: true },
  'thread/search': { workspaceId, query: 'x' },
  'thread/read': { threadId },
  'thread/history': { threadId, since: 0, limit: 10 },
  'thread/configure': { threadId, mode: 'plan' },
  'thread/warm': { threadId },
  'workspace/warm': { workspaceId },
  'thread/inspect': { threadId },
  'thread/rewindPreview': { threadId, turnId },
  'thread/rewind': { threadId, turnId, what: 'files' },
  'thread/unrewind': { threadId, rewindId: 'rew_1' },
  'thread/window': { threadId },
  'thread/limits': { threadId, others: [] },
  'turn/switch': { threadId, expectedTurnId: turnId, modelId: 'fake/x' },
  'thread/compact': { threadId },
  'thread/stopCompact': { threadId },
  'thread/uncompact': { threadId, compactionId: 'cmp_1' },
  'message/pin': { threadId, itemId: `${turnId}.1`, pinned: true },
  'turn/rerun': { threadId, turnId, text: 'x', what: 'both' },
  'thread/fork': { threadId, throughTurnId: turnId, title: 'x' },
  'prompt/preview': { workspaceId, threadId, text: 'x', context },
  'turn/start': { threadId, text: 'x', context },
  'turn/redirect': { threadId, expectedTurnId: turnId, text: 'x', context },
  'turn/interrupt': { threadId, expectedTurnId: turnId },
  'turn/steer': { threadId, expectedTurnId: turnId, id: 'ste_1', text: 'x', context },
  'turn/pause': { threadId, expectedTurnId: turnId },
  'turn/unpause': { threadId, expectedTurnId: turnId },
  'turn/resume': { threadId, turnId },
  'turn/compare': { threadId, turnId },
  'turn/check': { threadId, turnId },
  'turn/stopCheck': { threadId, turnId },
  'turn/undo': { threadId, turnId },
  'turn/redo': { threadId, turnId },
  'edit/decide': { threadId, hunkId: 'trn_1.1.1', decision: 'resume' },
  'queue/add': { threadId, id: 'que_1', text: 'x', context },
  'queue/edit': { threadId, id: 'que_1', text: 'x' },
  'queue/move': { threadId, id: 'que_1', to: 0 },
  'queue/remove': { threadId, id: 'que_1' },
  'queue/resume': { threadId },
  'review/keep': { threadId, hunkIds: ['trn_1.1.1'] },
  'review/undo': { threadId, hunkIds: ['trn_1.1.1'] },
  'review/takeBack': { threadId, hunkIds: ['trn_1.1.1'] },
  'approval/answer': { threadId, approvalId: 'apr_1', hash: 'a'.repeat(64), answer: 'once' },
  'command/stopCall': { threadId, callId: 'call_1' },
  'command/run': { threadId, id: 'cmd_1', text: 'ls' },
  'command/stop': { threadId, id: 'cmd_1' },
  'share/create': { threadId, role: 'view', sharedBy: 'Ada' },
  'share/list': { threadId },
  'share/revoke': { threadId, linkId: 'shr_1' },
}

/** Every request of the protocol by one actor; answers the methods whose handlers were reached. */
async function reached(actor: Actor, check: CheckAccess): Promise<readonly string[]> {
  const called: string[] = []
  const handlers = Object.fromEntries(
    Object.keys(methods).map((name) => [name, () => called.push(name)]),
  ) as unknown as Handlers
  const session = createTestSession({ actor })
  const handle = createRouter(handlers, check, () => undefined)
  for (const [method, params] of Object.entries(samples)) {
    const answer = await handle(1, method, params, { session, receivedAt: 0 })
    if (!called.includes(method))
      expect([method, answer]).toEqual([method, expect.stringContaining('"forbidden"')])
  }
  return called
}

const state = () => ({
  turns: [{ items: [{ type: 'userMessage', context: { activePath: 'src/a.ts', openPaths: [] } }] }],
})
const check = createAccessCheck({ get: async () => ({ state }) as never })

test('[SHARE-3] the router lets through what each role may and answers the rest with forbidden, method by method', async () => {
  for (const role of guestRoleSchema.options) {
    const wanted = allowed(role).filter((action) => Object.hasOwn(methods, action))
    expect([role, (await reached(actors[role], check)).toSorted()]).toEqual([role, wanted.toSorted()])
  }
  expect(await reached(owner, check)).toHaveLength(Object.keys(methods).length)
  // The control: without the check a guest reaches all of it.
  const open = await reached(actors.view, async () => undefined)
  expect(open).toHaveLength(Object.keys(methods).length)
})
