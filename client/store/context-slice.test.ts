import { expect, test } from 'vitest'
import { threadIdSchema, workspaceIdSchema } from '../../core/protocol/ids.ts'
import { createPageStore, memoryStorage } from '../testing/page-store.ts'
import { pastesOf } from './context-slice.ts'
import { runSlash, slashCommands } from './slash-commands.ts'

const workspaceId = workspaceIdSchema.parse('wsp_a')
const files = ['src/main.ts', 'src/my file.ts', 'README.md']

async function start(storage = memoryStorage()) {
  const { relay, store } = createPageStore({ topic: 'thread:thr_a', state: () => ({}), storage })
  relay.answers['file/find'] = (params) => {
    const { query } = params as { query: string }
    return { result: { paths: files.filter((path) => path.includes(query)) } }
  }
  const thread = { createdAt: 0, updatedAt: 0, running: false }
  store.setState({
    workspaceId,
    threads: [
      { ...thread, id: threadIdSchema.parse('thr_b'), title: 'Teal button' },
      { ...thread, id: threadIdSchema.parse('thr_c'), title: 'Odd (one)' },
    ],
  })
  await relay.run()
  relay.requests.length = 0
  const after = async <T>(asked: Promise<T>) => {
    await relay.run()
    return asked
  }
  return { relay, store, storage, after }
}

test('[MENTION-6] what names nothing is no mention', async () => {
  const { store, after } = await start()
  const text =
    '@media @Injectable() @src @src/main.ts:2-3 @README.md. @thread(Teal button) @thread(none) @selection @problems'
  expect(await after(store.getState().findMentions(text))).toEqual([
    { kind: 'folder', path: 'src' },
    { kind: 'file', path: 'src/main.ts', startLine: 2, endLine: 3 },
    { kind: 'file', path: 'README.md' },
    { kind: 'thread', threadId: 'thr_b' },
  ])
  store.setState({
    activePath: 'a.ts',
    selection: { startLine: 1, endLine: 2, text: 'x' },
    problems: { 'a.ts': { errors: 1, warnings: 0, texts: ['a.ts:1:1: no'] } },
  })
  expect(await after(store.getState().findMentions('@selection @problems'))).toEqual([
    { kind: 'selection', path: 'a.ts', startLine: 1, endLine: 2, text: 'x' },
    { kind: 'problems', text: 'a.ts:1:1: no' },
  ])
})

test('[WEB-273] of a file a model is in the middle of, what is mentioned as its problems says that they are from before', async () => {
  const { store, after } = await start()
  store.getState().setProblems('a.ts', { errors: 1, warnings: 0, texts: ['a.ts:1:1: no'] })
  store.getState().setProblems('a.ts', { errors: 1, warnings: 0, pending: true, texts: ['a.ts:1:1: no'] })
  store.getState().setProblems('b.ts', { errors: 0, warnings: 0, pending: true, texts: [] })
  expect(await after(store.getState().findMentions('@problems'))).toEqual([
    {
      kind: 'problems',
      text: [
        'a.ts: being written at this moment; found before that:',
        'a.ts:1:1: no',
        'b.ts: being written at this moment; found before that:',
        'nothing',
      ].join('\n'),
    },
  ])
})

test('[MENTION-8] completions offer what fits, and each is read as itself', async () => {
  const { store, after } = await start()
  const { completeMention, findMentions } = store.getState()
  const inserts = async (query: string) =>
    (await after(completeMention(query))).map(({ kind, insert }) => [kind, insert])
  expect(await inserts('src')).toEqual([
    ['folder', '@src/'],
    ['file', '@src/main.ts'],
    ['file', '@"src/my file.ts"'],
  ])
  expect(await inserts('ch')).toEqual([['changes', '@changes']])
  expect(await inserts('#priceFor')).toEqual([['symbol', '@#priceFor']])
  const threads = await inserts('thread(')
  expect(threads).toEqual([
    ['thread', '@thread(Teal button)'],
    ['thread', '@thread(thr_c)'],
  ])
  const all = [...(await inserts('src')), ...threads].map(([, insert]) => insert).join(' ')
  expect(await after(findMentions(all))).toHaveLength(5)
})

test('[MENTION-20] kinds come first by their names in either language, then threads by the words of their titles', async () => {
  const { relay, store, after } = await start()
  const threads = ['Button colours', 'Rebuttal of the plan', '按钮的颜色'].map((title, index) => {
    const id = threadIdSchema.parse(`thr_${index}`)
    return { id, title, createdAt: 0, updatedAt: 0, running: false }
  })
  store.setState({ threads })
  relay.answers['file/find'] = () => ({ result: { paths: ['src/thread.ts', 'button/file.ts'] } })
  const inserts = async (query: string) =>
    (await after(store.getState().completeMention(query))).map(({ insert }) => insert)
  expect((await inserts('thr')).slice(0, 5)).toEqual([
    '@thread(',
    '@thread(Button colours)',
    '@thread(Rebuttal of the plan)',
    '@thread(按钮的颜色)',
    '@src/thread.ts',
  ])
  expect((await inserts('会')).slice(0, 2)).toEqual(['@thread(', '@thread(Button colours)'])
  expect((await inserts('文件')).slice(0, 2)).toEqual(['@file(', '@folder('])
  expect((await inserts('改'))[0]).toBe('@changes')
  expect(await inserts('butt')).toEqual([
    '@thread(Button colours)',
    '@button/',
    '@src/thread.ts',
    '@button/file.ts',
    '@thread(Rebuttal of the plan)',
  ])
  expect((await inserts('颜色'))[0]).toBe('@thread(按钮的颜色)')
  expect((await inserts('b'))[0]).toBe('@button/')
  expect((await inserts('')).slice(0, 4)).toEqual(['@changes', '@thread(', '@#', '@src/thread.ts'])
})

test('[MENTION-21] where one of a kind is being chosen, there is nothing else', async () => {
  const { store, after } = await start()
  const inserts = async (query: string) =>
    (await after(store.getState().completeMention(query))).map(({ insert }) => insert)
  expect(await inserts('thread(odd')).toEqual(['@thread(thr_c)'])
  expect(await inserts('会话（teal b')).toEqual(['@thread(Teal button)'])
  expect(await inserts('file(READ')).toEqual(['@README.md'])
  expect(await inserts('folder(')).toEqual(['@src/'])
})

test('[SLASH-2] a command that cannot be done says why', async () => {
  const { relay, store } = await start()
  const run = (text: string) => runSlash(store.getState(), text)
  expect([run('hello'), run('/src/a.ts'), run('/nonsense')]).toEqual(['none', 'none', 'slash.unknown'])
  expect([run('/stop'), run('/undo'), run('/model none'), run('/rename x')]).toEqual([
    'slash.notNow',
    'slash.notNow',
    'slash.noModel',
    'slash.noTitle',
  ])
  expect([run('/export'), run('/export pdf'), run('/share')]).toEqual([
    'slash.notNow',
    'slash.noFormat',
    'slash.notNow',
  ])
  expect([run('/PLAN'), store.getState().nextMode]).toEqual(['done', 'plan'])
  expect([run('／keys'), store.getState().overlay]).toEqual(['done', 'keys'])
  expect(relay.requests).toEqual([])
})

test('[SLASH-3] a command goes by what other tools call it, and no word means two', async () => {
  const { store } = await start()
  expect([runSlash(store.getState(), '/sessions'), store.getState().sidebarView]).toEqual(['done', 'threads'])
  expect([runSlash(store.getState(), '/FAST'), store.getState().nextMode]).toEqual(['done', 'live'])
  const words = slashCommands.flatMap(({ name, aliases = [] }) => [name, ...aliases])
  expect(words).toEqual([...new Set(words)])
})

test('[PASTE-1] pastes go along, outlive the page, and stay with their thread', async () => {
  const { store, storage, after } = await start()
  store.getState().addPaste('long text')
  expect(await after(store.getState().contextFor('x', false))).toEqual({
    openPaths: [],
    mentions: [{ kind: 'paste', text: 'long text' }],
  })
  const { store: later } = await start(storage)
  const [kept] = pastesOf(later.getState())
  expect(kept?.text).toBe('long text')
  expect(pastesOf({ ...later.getState(), threadId: threadIdSchema.parse('thr_b') })).toEqual([])
  later.getState().removePastes([kept?.id ?? ''])
  const { store: last } = await start(storage)
  expect(pastesOf(last.getState())).toEqual([])
})
