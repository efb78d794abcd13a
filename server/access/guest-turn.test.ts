import { afterEach, expect, test } from 'vitest'
import type { Rule } from '../../bench/fake-model/script.ts'
import type { Item, PromptContext } from '../../core/protocol/item.ts'
import { queueIdSchema } from '../../core/protocol/queue.ts'
import { shareIdSchema } from '../../core/protocol/share.ts'
import { noDeepWork } from '../../core/state/checks.ts'
import { createThreadHandlers } from '../handlers/thread-handlers.ts'
import { People } from '../relay/people.ts'
import type { ThreadRuntime } from '../runtime/thread-runtime.ts'
import { createTestSession } from '../testing/test-session.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import { type Actor, owner } from './actor.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

const files = { 'src/a.ts': 'const a = 1\n', 'src/b.ts': 'const b = 2\n', '.config/keys.txt': 'hunter2\n' }
const patch = (path: string, removed: string, added: string) =>
  `*** Begin Patch\n*** Update File: ${path}\n@@\n-${removed}\n+${added}\n*** End Patch\n`
const edits = (match: string, text: string): Rule => ({
  match,
  steps: [[{ type: 'customCall', name: 'apply_patch', text }], [{ type: 'text', text: 'Done.' }]],
})
const calls = (match: string, name: string, args: object): Rule => ({
  match,
  steps: [[{ type: 'functionCall', name, text: JSON.stringify(args) }], [{ type: 'text', text: 'Done.' }]],
})

/** A thread whose owner had `src/a.ts` changed, and the handlers as owner and guest reach them. */
async function shared(...script: Rule[]) {
  const world = await createWorld(files)
  worlds.push(world)
  world.model.script = [edits('owner edits', patch('src/a.ts', 'const a = 1', 'const a = 2')), ...script]
  const thread = await world.newThread()
  await world.ask(thread, 'owner edits')
  const people = new People(() => undefined)
  const handlers = createThreadHandlers({
    threads: world.threads,
    models: world.models,
    people,
    isShared: () => true,
    speculation: 'connection',
    deep: noDeepWork,
    storeRefuses: () => false,
  })
  const { id: threadId, workspaceId } = thread.state()
  const linkId = shareIdSchema.parse('shr_1')
  const guest = (id = linkId): Actor => ({
    kind: 'guest',
    pass: { linkId: id, role: 'edit', threadId, workspaceId, sharedBy: 'Ada' },
  })
  const connect = (actor: Actor) => {
    const session = createTestSession({ id: `ses_${actor.kind}`, actor })
    return { session, receivedAt: 0 }
  }
  const ask = async (actor: Actor, text: string, context: PromptContext = { openPaths: [] }) => {
    await handlers['turn/start']({ threadId, text, context }, connect(actor))
    await settled(thread)
    return thread.state().turns.at(-1)?.items ?? []
  }
  return { world, thread, threadId, people, handlers, guest, connect, ask }
}

async function settled(thread: ThreadRuntime): Promise<void> {
  await until(() => thread.state().turns.at(-1)?.settledAt !== undefined)
}

const outputOf = (items: readonly Item[]) =>
  items
    .flatMap((item) => (item.type === 'toolCall' || item.type === 'fileChange' ? [item.output] : []))
    .join('\n')

test('[SHARE-12] in a turn a guest asked for the model reads, lists and finds the files of the thread alone', async () => {
  const reads = (path: string) => calls(`read ${path}`, 'read_file', { path })
  const { ask, guest } = await shared(
    reads('src/a.ts'),
    reads('src/b.ts'),
    reads('.config/keys.txt'),
    calls('list', 'list_files', {}),
    calls('find', 'search', { query: 'const|hunter', regex: true }),
  )
  expect(outputOf(await ask(guest(), 'read src/a.ts'))).toBe('const a = 2\n')
  expect(outputOf(await ask(guest(), 'read src/b.ts'))).toContain('not shared with the guest')
  expect(outputOf(await ask(guest(), 'read .config/keys.txt'))).toContain('not shared with the guest')
  expect(outputOf(await ask(guest(), 'list'))).toBe('src/a.ts')
  expect(outputOf(await ask(guest(), 'find'))).toBe('src/a.ts:1: const a = 2')
  // The control: asked by the owner the same calls reach all of it.
  expect(outputOf(await ask(owner, 'read .config/keys.txt'))).toBe('hunter2\n')
  expect(outputOf(await ask(owner, 'find'))).toContain('src/b.ts')
})

test('[SHARE-13] a guest’s turn edits files of the thread and makes new ones; what else there is it neither changes nor learns', async () => {
  const add = (path: string) => `*** Begin Patch\n*** Add File: ${path}\n+new\n*** End Patch\n`
  const move = `*** Begin Patch\n*** Update File: src/a.ts\n*** Move to: src/b.ts\n@@\n-const a = 3\n+const a = 4\n*** End Patch\n`
  const { world, ask, guest } = await shared(
    edits('own', patch('src/a.ts', 'const a = 2', 'const a = 3')),
    edits('other', patch('src/b.ts', 'const b = 2', 'const b = 3')),
    edits('make', add('src/new.ts')),
    edits('over', add('src/b.ts')),
    edits('away', move),
    edits('drop', `*** Begin Patch\n*** Delete File: src/b.ts\n*** End Patch\n`),
  )
  await ask(guest(), 'own')
  await ask(guest(), 'make')
  for (const words of ['other', 'over', 'away', 'drop']) {
    expect(outputOf(await ask(guest(), words))).toContain('not shared with the guest')
  }
  expect([world.read('src/a.ts'), world.read('src/b.ts'), world.read('src/new.ts')]).toEqual([
    'const a = 3\n',
    'const b = 2\n',
    'new\n',
  ])
  await ask(owner, 'other')
  expect(world.read('src/b.ts')).toBe('const b = 3\n')
})

test('[SHARE-14] a guest’s prompt brings along what is shared and says by whom it is; a mention of anything else is refused', async () => {
  const { ask, guest, people, thread } = await shared(calls('hello', 'list_files', {}))
  const { workspaceId } = thread.state()
  people.announce('ses_guest', workspaceId, { name: 'Bo', color: 1 })
  const items = await ask(guest(), 'hello', {
    activePath: 'src/b.ts',
    openPaths: ['src/a.ts', 'src/b.ts'],
    selection: { startLine: 1, endLine: 1, text: 'x' },
  })
  expect(items.find((item) => item.type === 'userMessage')).toMatchObject({
    guest: { linkId: 'shr_1', name: 'Bo' },
    context: { openPaths: ['src/a.ts'] },
  })
  expect(JSON.stringify(items)).not.toContain('const b')
  for (const mention of [
    { kind: 'file', path: 'src/b.ts' },
    { kind: 'folder', path: 'src' },
    { kind: 'symbol', name: 'b' },
    { kind: 'thread', threadId: thread.state().id },
  ] as const) {
    await expect(ask(guest(), 'hello', { openPaths: [], mentions: [mention] })).rejects.toMatchObject({
      code: 'forbidden',
    })
  }
  expect(
    await ask(guest(), 'hello', { openPaths: [], mentions: [{ kind: 'file', path: 'src/a.ts' }] }),
  ).toBeDefined()
})

test('[SHARE-15] a guest changes no prompt in the queue but their own, and never gets before the others', async () => {
  const { handlers, threadId, thread, guest, connect } = await shared({
    match: 'long',
    steps: [[{ type: 'text', text: 'word '.repeat(2000), tokensPerSecond: 50 }]],
  })
  const bo = connect(guest())
  const cy = connect(guest(shareIdSchema.parse('shr_2')))
  const ada = connect(owner)
  const [first, second] = ['que_1', 'que_2'].map((id) => queueIdSchema.parse(id))
  if (!first || !second) throw new Error('two ids')
  const context = { openPaths: [] }
  const { turnId } = await handlers['turn/start']({ threadId, text: 'long', context }, ada)
  await handlers['queue/add'](
    { threadId, id: first, text: 'mine', context: { openPaths: ['src/b.ts'] } },
    ada,
  )
  await handlers['queue/add']({ threadId, id: second, text: 'theirs', context, at: 0 }, bo)
  const queue = () => thread.state().queue?.map(({ text, guest: by }) => [text, by?.linkId])
  expect(queue()).toEqual([
    ['mine', undefined],
    ['theirs', 'shr_1'],
  ])
  for (const change of [
    () => handlers['queue/edit']({ threadId, id: first, text: 'leak' }, bo),
    () => handlers['queue/move']({ threadId, id: first, to: 1 }, bo),
    () => handlers['queue/remove']({ threadId, id: first }, bo),
    () => handlers['queue/edit']({ threadId, id: second, text: 'leak' }, cy),
  ]) {
    await expect(change()).rejects.toMatchObject({ code: 'forbidden' })
  }
  await handlers['queue/edit']({ threadId, id: second, text: 'better' }, bo)
  await handlers['queue/remove']({ threadId, id: first }, ada)
  expect(queue()).toEqual([['better', 'shr_1']])
  await handlers['queue/remove']({ threadId, id: second }, bo)
  await handlers['turn/interrupt']({ threadId, expectedTurnId: turnId }, bo)
  await settled(thread)
})
