import { describe, expect, test } from 'vitest'
import { threadIdSchema, turnIdSchema, workspaceIdSchema } from '../../core/protocol/ids.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { createPageStore, memoryStorage } from '../testing/page-store.ts'
import { isMac, matchesKeys, showKeys } from './keys.ts'
import { parsePlace, toSearch } from './location.ts'
import { howToSend } from './selectors.ts'

const workspaceId = workspaceIdSchema.parse('wsp_a')
const threadId = threadIdSchema.parse('thr_a')
const turnId = turnIdSchema.parse('trn_a')

function threadState(running: boolean): ThreadState {
  const turn = { id: turnId, mode: 'live', modelId: 'm', startedAt: 0, items: [] } as const
  return {
    id: threadId,
    workspaceId,
    title: '',
    createdAt: 0,
    modelId: 'm',
    mode: 'live',
    turns: running ? [{ ...turn, items: [], status: 'running' }] : [],
    contextTokens: 0,
  }
}

async function start({ running = false, storage = memoryStorage() } = {}) {
  const { relay, store } = createPageStore({
    topic: 'thread:thr_a',
    state: () => threadState(running),
    storage,
  })
  relay.answers['thread/create'] = () => ({ result: { threadId } })
  relay.answers['turn/start'] = () => ({ result: { turnId } })
  store.setState({ workspaceId })
  await relay.run()
  relay.requests.length = 0
  // Clocks are compared on the way, whatever else is done.
  const methods = () => relay.requests.map(({ method }) => method).filter((name) => name !== 'session/ping')
  return { relay, store, methods }
}

describe('a prompt', () => {
  test('[PROMPT-1] without a thread it begins one and starts a turn', async () => {
    const { relay, store, methods } = await start()
    const sent = store.getState().send('hello')
    await relay.run()
    expect(await sent).toBe(true)
    expect(methods().filter((method) => method !== 'topic/subscribe')).toEqual([
      'thread/create',
      'turn/start',
    ])
    expect(store.getState().threadId).toBe(threadId)
  })

  test('[PROMPT-1] while a turn runs it redirects it', async () => {
    const { relay, store } = await start({ running: true })
    store.getState().openThread(threadId)
    await relay.run()
    const sent = store.getState().send('rather so')
    await relay.run()
    expect(await sent).toBe(true)
    expect(relay.requests.at(-1)).toMatchObject({
      method: 'turn/redirect',
      params: { threadId, expectedTurnId: turnId, text: 'rather so' },
    })
  })

  test('[PROMPT-2] a redirect that comes too late starts the next turn', async () => {
    const { relay, store, methods } = await start({ running: true })
    store.getState().openThread(threadId)
    await relay.run()
    relay.answers['turn/redirect'] = () => ({
      error: { code: 'conflict', message: 'settled', retriable: false },
    })
    const sent = store.getState().send('and now')
    await relay.run()
    expect(await sent).toBe(true)
    expect(methods().slice(-2)).toEqual(['turn/redirect', 'turn/start'])
  })

  test('[PROMPT-3] a prompt that did not arrive is said to be lost', async () => {
    const { relay, store } = await start()
    relay.answers['turn/start'] = () => ({
      error: { code: 'storageFailed', message: 'full', retriable: true },
    })
    const sent = store.getState().send('hello')
    await relay.run()
    expect(await sent).toBe(false)
    expect(store.getState().notices.map(({ key }) => key)).toEqual(['error.storageFailed'])
  })
})

describe('the queue', () => {
  test('[RUN-21] a prompt whose way to the queue failed stays with the person; sent again it is the same entry, other words are another', async () => {
    const { relay, store } = await start({ running: true })
    store.getState().openThread(threadId)
    await relay.run()
    const idsOf = () =>
      relay.requests.flatMap(({ method, params }) =>
        method === 'queue/add' ? [(params as { readonly id: string }).id] : [],
      )
    const send = async (text: string, fails: boolean) => {
      const error = { code: 'busy', message: 'no answer', retriable: true } as const
      relay.answers['queue/add'] = () => (fails ? { error } : { result: {} })
      const sent = store.getState().send(text, { how: 'queue' })
      await relay.run()
      return sent
    }
    expect(await send('then this', true)).toBe(false)
    expect(store.getState().notices.map(({ key }) => key)).toEqual(['error.busy'])
    expect(await send('then this', false)).toBe(true)
    expect(await send('then this', false)).toBe(true)
    const [first, again, another] = idsOf()
    expect([again === first, another === first]).toEqual([true, false])
  })

  test('[QUEUE-3] while a turn runs Enter redirects in Live, queues in Plan, or does what was chosen; Control does the other', async () => {
    const { store } = await start({ running: true })
    const ways = () => [howToSend(store.getState(), false), howToSend(store.getState(), true)]
    expect(ways()).toEqual(['redirect', 'redirect'])
    store.setState({ thread: threadState(true) })
    expect(ways()).toEqual(['redirect', 'queue'])
    store.setState({ thread: { ...threadState(true), mode: 'plan' } })
    expect(ways()).toEqual(['queue', 'redirect'])
    store.getState().setPreferences({ whileRunning: 'redirect' })
    expect(ways()).toEqual(['redirect', 'queue'])
  })

  test('[QUEUE-3] a prompt that is queued is added once, with its context', async () => {
    const { relay, store } = await start({ running: true })
    relay.answers['queue/add'] = () => ({ result: {} })
    store.getState().openThread(threadId)
    await relay.run()
    const sent = store.getState().send('later', { how: 'queue' })
    await relay.run()
    expect(await sent).toBe(true)
    const asked = relay.requests.filter(({ method }) => method === 'queue/add')
    expect(asked).toMatchObject([{ params: { threadId, text: 'later' } }])
  })
})

describe('what the page remembers', () => {
  test('[LAYOUT-1] preferences survive, nonsense becomes the default', async () => {
    const storage = memoryStorage()
    const { store } = await start({ storage })
    store.getState().setPreferences({ theme: 'dark', sidebarOpen: false })
    const again = await start({ storage })
    expect(again.store.getState()).toMatchObject({ theme: 'dark', sidebarOpen: false, density: 'compact' })
    for (const kept of ['{', '7', '{"theme":"neon","sidebarOpen":"yes"}']) {
      storage.setItem('tandem.layout', kept)
      expect((await start({ storage })).store.getState()).toMatchObject({
        theme: 'system',
        sidebarOpen: true,
      })
    }
  })

  test('[DRAFT-1] a draft belongs to its thread, or to the workspace while there is none', async () => {
    const storage = memoryStorage()
    const { store } = await start({ storage })
    store.getState().writeDraft({ workspaceId, threadId }, 'half a')
    store.getState().writeDraft({ workspaceId, threadId: undefined }, 'a new')
    const { readDraft, writeDraft } = (await start({ storage })).store.getState()
    expect(readDraft({ workspaceId, threadId })).toBe('half a')
    expect(readDraft({ workspaceId, threadId: undefined })).toBe('a new')
    writeDraft({ workspaceId, threadId }, '')
    expect(readDraft({ workspaceId, threadId })).toBe('')
  })

  test('[PLACE-1] a link is read back as it was written, and what is no id is ignored', () => {
    const place = { workspaceId, threadId }
    expect(toSearch(place)).toBe('?w=wsp_a&t=thr_a')
    expect(parsePlace(toSearch(place))).toEqual(place)
    expect(parsePlace('?w=<script>&t=../x')).toEqual({ workspaceId: undefined, threadId: undefined })
    expect(toSearch({ workspaceId: undefined, threadId: undefined })).toBe('')
  })

  test('[KEYS-1] keys match their modifiers exactly', () => {
    const pressed = { key: 'p', ctrlKey: true, metaKey: false, shiftKey: false, altKey: false }
    expect(matchesKeys(pressed, 'mod+p', { mac: false })).toBe(true)
    expect(matchesKeys(pressed, 'mod+p', { mac: true })).toBe(false)
    expect(matchesKeys({ ...pressed, shiftKey: true, key: 'P' }, 'mod+p', { mac: false })).toBe(false)
    expect(matchesKeys({ ...pressed, shiftKey: true, key: 'P' }, 'mod+shift+p', { mac: false })).toBe(true)
    expect(matchesKeys({ ...pressed, ctrlKey: false, shiftKey: true, key: '?' }, '?', { mac: false })).toBe(
      true,
    )
    expect(matchesKeys({ ...pressed, ctrlKey: false, metaKey: true }, 'mod+p', { mac: true })).toBe(true)
    expect([showKeys('mod+shift+p', { mac: true }), showKeys('mod+shift+p', { mac: false })]).toEqual([
      '⌘⇧P',
      'Ctrl+Shift+P',
    ])
    expect([isMac('MacIntel'), isMac('Linux x86_64')]).toEqual([true, false])
  })
})
