import { describe, expect, test } from 'vitest'
import { threadIdSchema, turnIdSchema } from '../../core/protocol/ids.ts'
import { EngineStory } from '../../core/testing/engine-story.ts'
import { createPageStore, memoryStorage } from '../testing/page-store.ts'
import { howToSend } from './selectors.ts'
import { unseenSteers } from './steer-slice.ts'

const threadId = threadIdSchema.parse('thr_1')
const turnId = turnIdSchema.parse('trn_1')

/** A page that shows a thread whose turn runs; the relay does with added words what `arrives` says. */
async function open(options: { storage?: ReturnType<typeof memoryStorage>; story?: EngineStory } = {}) {
  const { storage = memoryStorage(), story = new EngineStory().start('begin').text('So') } = options
  const { relay, store } = createPageStore({
    topic: `thread:${threadId}`,
    state: () => story.state.thread,
    storage,
  })
  const publish = (act: () => unknown) => {
    const known = story.events.length
    act()
    for (const event of story.events.slice(known)) relay.publish(event)
  }
  const accept = (params: unknown) => {
    const { id, text } = params as { id: string; text: string }
    publish(() => story.steer(text, id.slice('ste_'.length)))
  }
  relay.answers['turn/steer'] = (params) => {
    accept(params)
    return { result: {} }
  }
  await relay.run()
  store.getState().connect()
  store.getState().openThread(threadId)
  await relay.run()
  const add = async (text: string) => {
    const sent = store.getState().send(text, { how: 'steer' })
    await relay.run()
    expect(await sent).toBe(true)
  }
  /** Ids of what was sent. */
  const asked = () =>
    relay.requests.flatMap(({ method, params }) =>
      method === 'turn/steer' ? [(params as { id: string }).id] : [],
    )
  const waiting = () => unseenSteers(store.getState()).map(({ text, state }) => [text, state])
  const own = () => store.getState().ownSteers.map(({ text, state }) => [text, state])
  return { relay, store, story, storage, publish, accept, add, asked, waiting, own }
}

describe('added words', () => {
  test('[STEER-8] on their way they are shown as sent, then as the thread has them, and are forgotten when the model has them', async () => {
    const { relay, story, store, publish, asked, waiting, own } = await open()
    relay.answers['turn/steer'] = () => undefined
    void store.getState().send('also', { how: 'steer' })
    await relay.run()
    expect([asked().length, waiting()]).toEqual([1, [['also', 'sending']]])
    publish(() => story.steer('also', asked()[0]?.slice(4)))
    await relay.run()
    expect([waiting(), own()]).toEqual([[], [['also', 'sending']]])
    publish(() => story.text('.').model({ type: 'completed' }).prepared())
    await relay.run()
    expect([waiting(), own(), store.getState().givenBack]).toEqual([[], [], []])
  })

  test('[STEER-8] a turn that ended before they came is followed by one that begins with them', async () => {
    const { relay, add, own } = await open()
    relay.answers['turn/steer'] = () => ({ error: { code: 'conflict', message: '', retriable: false } })
    relay.answers['turn/start'] = () => ({ result: { turnId } })
    await add('also')
    expect(relay.requests.at(-1)).toMatchObject({ method: 'turn/start', params: { text: 'also' } })
    expect(own()).toEqual([])
  })

  test('[STEER-8] a connection lost before the answer leaves it open; the state of the thread tells that they arrived', async () => {
    const { relay, waiting, accept, store, add } = await open()
    relay.answers['turn/steer'] = (params) => {
      accept(params)
      relay.pair.cut()
      return undefined
    }
    await add('also')
    expect(waiting()).toEqual([])
    expect(store.getState().thread?.turns[0]?.items.at(-1)).toMatchObject({ text: 'also', state: 'accepted' })
  })

  test('[STEER-8] words that did not arrive are asked about, never sent again by themselves; sent again they are there once', async () => {
    const { relay, waiting, asked, store, accept, story, add } = await open()
    relay.answers['turn/steer'] = () => {
      relay.pair.cut()
      return undefined
    }
    await add('also')
    expect([waiting(), asked().length]).toEqual([[['also', 'unknown']], 1])
    relay.answers['turn/steer'] = (params) => {
      accept(params)
      return { result: {} }
    }
    const steer = store.getState().ownSteers[0]
    if (steer) store.getState().resendSteer(steer.id)
    await relay.run()
    expect([waiting(), asked()]).toEqual([[], [steer?.id, steer?.id]])
    expect(story.turn.items.filter((item) => item.type === 'userMessage').length).toBe(2)
  })

  test('[STEER-8] they outlive the page, which asks about what it does not know', async () => {
    const first = await open()
    first.relay.answers['turn/steer'] = () => undefined
    void first.store.getState().send('also', { how: 'steer' })
    await first.relay.run()
    const { storage } = first
    const again = await open({ storage })
    expect(again.waiting()).toEqual([['also', 'unknown']])
    again.store.getState().openThread(undefined)
    expect(again.waiting()).toEqual([])
    again.store.getState().openThread(threadId)
    await again.relay.run()
    const steer = again.store.getState().ownSteers[0]
    if (steer) again.store.getState().takeBackSteer(steer.id)
    expect([again.waiting(), again.store.getState().takeGivenBack()]).toEqual([[], ['also']])
    expect((await open({ storage })).waiting()).toEqual([])
  })

  test('[STEER-8] words that are returned are given back to the message once, with what was pasted, and the page says so', async () => {
    const { relay, story, store, storage, publish, add, own } = await open()
    store.getState().addPaste('pasted')
    await add('also')
    store.getState().removePastes(store.getState().pastes[threadId]?.map(({ id }) => id) ?? [])
    const other = await open({ storage, story })
    publish(() => story.interrupt())
    await relay.run()
    expect(store.getState().takeGivenBack()).toEqual(['also'])
    expect(store.getState().pastes[threadId]).toMatchObject([{ text: 'pasted' }])
    expect(store.getState().notices.map(({ key }) => key)).toEqual(['steer.given'])
    expect(own()).toEqual([])
    other.store.getState().openThread(undefined)
    other.store.getState().openThread(threadId)
    await other.relay.run()
    expect([other.store.getState().givenBack, other.own()]).toEqual([[], []])
  })

  test('[STEER-8] words the server refuses are given back, and the page says why', async () => {
    const { relay, store, add, own } = await open()
    relay.answers['turn/steer'] = () => ({ error: { code: 'tooLarge', message: '', retriable: false } })
    await add('also')
    expect([store.getState().takeGivenBack(), own()]).toEqual([['also'], []])
    expect(store.getState().notices.map(({ key }) => key)).toEqual(['error.tooLarge'])
  })
})

describe('a turn that is held up', () => {
  test('[PAUSE-2] the first Escape pauses, the second stops, however quickly it comes', async () => {
    const { relay, store } = await open()
    store.getState().pauseOrStop()
    store.getState().pauseOrStop()
    await relay.run()
    expect(relay.requests.slice(-2).map(({ method }) => method)).toEqual(['turn/pause', 'turn/interrupt'])
  })

  test('[PAUSE-2] taken up again, Escape pauses again', async () => {
    const { relay, store, story } = await open()
    const fact = (type: 'turn/paused' | 'turn/unpaused') => {
      story.give({ type: 'fact', event: { type, turnId } })
      relay.publish({ type, turnId })
      return relay.run()
    }
    store.getState().pauseOrStop()
    await fact('turn/paused')
    expect(howToSend(store.getState(), false)).toBe('redirect')
    await fact('turn/unpaused')
    store.getState().setPreferences({ whileRunning: 'steer' })
    expect([howToSend(store.getState(), false), howToSend(store.getState(), true)]).toEqual([
      'steer',
      'redirect',
    ])
    store.getState().pauseOrStop()
    await relay.run()
    expect(relay.requests.at(-1)).toMatchObject({ method: 'turn/pause' })
  })

  test('[STEER-9] a message goes on from the line that is pointed at; by key from the last one upwards', async () => {
    const story = new EngineStory().start('begin').text('# One\n\nTwo\n\n```\n}\n```\n- three\n')
    const { relay, store } = await open({ story })
    store.getState().setPreferences({ whileRunning: 'queue' })
    const line = () => store.getState().goOnFrom?.line
    const lines = [1, 2, 3, 4].map(() => {
      store.getState().pointUp()
      return line()
    })
    expect(lines).toEqual(['- three', 'Two', '# One', '# One'])
    store.getState().pointAt('  Two  ')
    expect([line(), howToSend(store.getState(), false)]).toEqual(['Two', 'redirect'])
    const sent = store.getState().send('other', { how: howToSend(store.getState(), false) })
    await relay.run()
    expect(await sent).toBe(true)
    expect(relay.requests.at(-1)).toMatchObject({
      method: 'turn/redirect',
      params: { text: 'other', context: { from: 'Two' } },
    })
    expect(line()).toBeUndefined()
  })
})
