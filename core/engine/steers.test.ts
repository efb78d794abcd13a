import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ModelDescription } from '../protocol/model.ts'
import { EngineStory, testModel } from '../testing/engine-story.ts'
import type { ModelItem } from './model-stream.ts'
import type { ActiveTurn } from './turn-state.ts'

const stateOf = (story: EngineStory, text: string) =>
  story.state.thread.turns
    .flatMap(({ items }) => items)
    .flatMap((item) => (item.type === 'userMessage' && item.text === text ? [item.state] : []))
const textsOf = (input: readonly ModelItem[]) =>
  input.map((item) => (item.type === 'message' ? item.text : item.type))

test('[STEER-1] added words join the next request behind the results, and the model is not cut', () => {
  const story = new EngineStory().start('look').tool('a', 'read_file', '{"path":"x"}')
  story.take()
  story.steer('mind').text('And')
  expect([story.take(), stateOf(story, 'mind')]).toEqual([[], ['accepted']])
  story.tool('b', 'read_file', '{"path":"y"}').model({ type: 'completed' })
  story.toolSettles('b', 'two').toolSettles('a', 'one').prepared()
  expect(stateOf(story, 'mind')).toEqual(['applied'])
  expect(textsOf(story.lastRequest().input)).toEqual([
    'look',
    'toolCall',
    'And',
    'toolCall',
    'toolResult',
    'toolResult',
    'Text with mind',
    'mind',
  ])
  story.text('Done.').model({ type: 'completed' })
  expect(story.turn.status).toBe('completed')
})

test('[STEER-1] added during the wait for a retry they join it', () => {
  const story = new EngineStory().start('hi').fails({ code: 'overloaded' }).steer('mind').retryDue()
  expect(story.take().at(-1)).toMatchObject({ type: 'prepareSteers', steers: [{ text: 'mind' }] })
})

test('[STEER-2] a turn that would be over makes one more request for words that wait', () => {
  for (const tools of ['custom', 'none'] as const) {
    const story = new EngineStory({ model: { ...testModel, tools } }).start('hi').steer('also')
    story.text('Hi.').model({ type: 'completed' })
    expect(story.turn.status).toBe('running')
    story.prepared()
    expect(textsOf(story.lastRequest().input)).toEqual(['hi', 'Hi.', 'Text with also', 'also'])
    story.text('So.').model({ type: 'completed' })
    expect(story.turn.status).toBe('completed')
  }
})

test('[STEER-3] the same words sent again are there once', () => {
  const story = new EngineStory().start('hi').steer('also').steer('also')
  expect(stateOf(story, 'also')).toEqual(['accepted'])
  story.text('Hi.').model({ type: 'completed' }).prepared().steer('also')
  expect(stateOf(story, 'also')).toEqual(['applied'])
})

test('[STEER-4] stop, failure and restart return what no request carried, and the model is never shown it', () => {
  const ends: readonly ((story: EngineStory) => unknown)[] = [
    (story) => story.interrupt(),
    (story) => story.fails({ code: 'cut' }),
    (story) => {
      story.state = { thread: story.state.thread, active: undefined }
      story.recovered()
    },
  ]
  for (const end of ends) {
    const story = new EngineStory().start('hi').text('Half').steer('also')
    end(story)
    expect(stateOf(story, 'also')).toEqual(['returned'])
    story.resume()
    expect(textsOf(story.lastRequest().input)).not.toContain('also')
  }
})

test('[STEER-4] stop while it is prepared returns it', () => {
  const story = new EngineStory().start('hi').steer('also').text('Hi.').model({ type: 'completed' })
  story.interrupt()
  expect([story.turn.status, stateOf(story, 'also')]).toEqual(['interrupted', ['returned']])
  story.take()
  const [turnId, call] = [story.turn.id, 1]
  story.start('next').give({ type: 'steersPrepared', joins: 'request', turnId, call, attachments: {} })
  expect(textsOf(story.lastRequest().input)).toEqual(['hi', 'Hi.', 'next'])
})

test('[STEER-5] a redirect says those that wait before its own words', () => {
  const story = new EngineStory().start('hi').text('Half').steer('also').redirect('rather so')
  expect(textsOf(story.lastRequest().input)).toEqual([
    'hi',
    'Half',
    '[The person stopped you there.]',
    'Text with also',
    'also',
    'rather so',
  ])
})

test('[STEER-7] what goes along is read when the request leaves; words that come meanwhile join the next', () => {
  const story = new EngineStory().start('hi').steer('one').text('Hi.').model({ type: 'completed' })
  const asked = story.take().at(-1)
  const itemId = asked?.type === 'prepareSteers' ? asked.steers[0]?.itemId : undefined
  story.steer('two')
  story.effects.push(...(asked ? [asked] : []))
  story.prepared({ [itemId ?? '']: ['Text now'] })
  expect(textsOf(story.lastRequest().input)).toEqual(['hi', 'Hi.', 'Text now', 'one'])
  story.text('So.').model({ type: 'completed' }).prepared()
  expect(textsOf(story.lastRequest().input).slice(4)).toEqual(['So.', 'Text with two', 'two'])
})

test('[STEER-9] the model is shown the line it is to go on from', () => {
  const story = new EngineStory().start('plan').text('One.\nTwo.')
  const context = { openPaths: [], from: 'One.' }
  const prompt = { text: 'shorter', context, attachments: [] }
  story.give({ type: 'redirect', prompt, steers: {}, at: 1 })
  expect(textsOf(story.lastRequest().input).at(-1)).toMatch(/go on from there:\]\n> One\.\n\nshorter$/)
})

const steerable = { ...testModel, steer: true }

test('[STEER-20] a model that takes words while it responds is given them at once, with what goes along', () => {
  const story = new EngineStory({ model: steerable }).start('hi').text('Half').steer('also')
  expect(story.take().at(-1)).toMatchObject({ type: 'prepareSteers', joins: 'response' })
  const { id: turnId } = story.turn
  const [, waiting] = story.turn.items.filter(({ type }) => type === 'userMessage')
  const itemId = waiting?.id ?? ''
  story.give({
    type: 'steersPrepared',
    joins: 'response',
    turnId,
    call: 1,
    attachments: { [itemId]: ['Now'] },
  })
  expect(story.take()).toEqual([
    {
      type: 'steerModel',
      call: 1,
      steer: {
        id: itemId,
        input: [
          { type: 'message', role: 'user', text: 'Now' },
          { type: 'message', role: 'user', text: 'also' },
        ],
      },
    },
  ])
  expect(stateOf(story, 'also')).toEqual(['accepted'])
})

test('[STEER-20] what was read for a response that is over meanwhile joins the next request instead', () => {
  const story = new EngineStory({ model: steerable }).start('hi').text('Half').steer('also')
  const asked = story.take().at(-1)
  story.model({ type: 'completed' })
  const { id: turnId } = story.turn
  if (asked?.type === 'prepareSteers') {
    const attachments = { [asked.steers[0]?.itemId ?? '']: ['Then'] }
    story.give({ type: 'steersPrepared', joins: asked.joins, turnId, call: asked.call, attachments })
  }
  expect(story.effects.some(({ type }) => type === 'steerModel')).toBe(false)
  story.prepared()
  expect(textsOf(story.lastRequest().input)).toEqual(['hi', 'Half', 'Text with also', 'also'])
})

/** Words that the running response has been given. */
function given(): EngineStory {
  return new EngineStory({ model: steerable }).start('hi').text('Half').steer('also').prepared()
}
const idOf = (story: EngineStory) => story.turn.items.find((item) => 'steerId' in item)?.id ?? ''

test('[STEER-21] once a response takes them up they are applied, and what follows comes after them', () => {
  const story = given().model({ type: 'steersApplied', ids: ['another'] })
  expect(stateOf(story, 'also')).toEqual(['accepted'])
  story.model({ type: 'steersApplied', ids: [idOf(story)] })
  expect(stateOf(story, 'also')).toEqual(['applied'])
  story.text('So.').tool('a', 'read_file', '{}').model({ type: 'completed' })
  expect(story.effects.filter(({ type }) => type === 'callModel')).toHaveLength(1)
  story.toolSettles('a', 'text')
  expect(textsOf(story.lastRequest().input)).toEqual([
    'hi',
    'Half',
    'Text with also',
    'also',
    'So.',
    'toolCall',
    'toolResult',
  ])
  story.text('Done.').model({ type: 'completed' })
  expect(story.turn.status).toBe('completed')
})

test('[STEER-22] words the response does not take join the next request, read anew', () => {
  const story = given()
  story.model({ type: 'steerFailed', id: idOf(story) }).model({ type: 'completed' })
  expect(story.effects.at(-1)).toMatchObject({ type: 'prepareSteers', joins: 'request' })
  story.prepared({ [idOf(story)]: ['Later'] })
  expect(textsOf(story.lastRequest().input)).toEqual(['hi', 'Half', 'Later', 'also'])
})

test('[STEER-22] words kept for the results of tools are said by that request as they were given', () => {
  const story = new EngineStory({ model: steerable }).start('hi').tool('a', 'read_file', '{}').steer('also')
  story.prepared().model({ type: 'completed' }).toolSettles('a', 'text')
  expect(textsOf(story.lastRequest().input)).toEqual([
    'hi',
    'toolCall',
    'toolResult',
    'Text with also',
    'also',
  ])
  expect(stateOf(story, 'also')).toEqual(['applied'])
})

test('[STEER-22] of a call that failed or was stopped nothing is taken for said', () => {
  const stopped = given().interrupt()
  expect(stateOf(stopped, 'also')).toEqual(['returned'])
  const failed = given().fails({ code: 'cut' })
  expect(stateOf(failed, 'also')).toEqual(['returned'])
  const retried = new EngineStory({ model: steerable }).start('hi').steer('also').prepared()
  retried.fails({ code: 'overloaded' }).retryDue()
  expect(retried.effects.at(-1)).toMatchObject({ type: 'prepareSteers', joins: 'request' })
})

/** What the model and people do; what makes no sense at its time does nothing. */
class Interleaving {
  readonly story: EngineStory
  readonly said: string[] = []
  #count = 0
  /** A call of the model that has nothing more to say. */
  #ended = 0
  /** The call of a tool or edit whose input is still coming. */
  #open: { readonly callId: string; readonly call: number } | undefined
  /** Each call ends once. */
  readonly #settled = new Set<string>()

  constructor(model: ModelDescription) {
    this.story = new EngineStory({ model }).start('begin')
  }

  do(what: number): void {
    const { story } = this
    const n = ++this.#count
    const turn = story.state.active
    if (!turn) return
    const speaks = turn.call > this.#ended && turn.phase === 'streaming'
    const open = this.#open?.call === turn.call ? this.#open : undefined
    if (what === 0 && speaks && !open) story.text(`t${n} `)
    else if (what === 1 && speaks && !open) story.tool(`c${n}`, 'read_file', `{"path":"${n}"}`)
    else if (what === 2 && speaks && !open) {
      story.edit(`e${n}`, 'patch')
      this.#open = { callId: `e${n}`, call: turn.call }
    } else if (what === 3 && speaks && open) {
      story.editEnds(open.callId, `patch of ${open.callId}`)
      this.#open = undefined
    } else if ((what === 4 || what === 5) && speaks) {
      this.#ended = turn.call
      if (what === 4) story.model({ type: 'completed' })
      else story.fails({ code: 'overloaded' })
    } else if (what === 6) this.#settle()
    else if (what === 7) story.retryDue()
    else if (what === 8) {
      this.said.push(`s${n}`)
      story.steer(`s${n}`)
    } else if (what === 9) story.redirect(`r${n}`)
    else if (what === 10) story.pause()
    else if (what === 11) story.unpause()
    else if (what === 12 && turn.phase === 'preparing') story.prepared()
    else if (what === 13) story.interrupt()
    else if (speaks && !open) this.#joins(what, turn)
  }

  /** What becomes of words for the response that runs. */
  #joins(what: number, { given, calls, settledCalls }: ActiveTurn): void {
    const { story } = this
    const [first] = Object.keys(given)
    const asked = story.effects.findLast((effect) => effect.type === 'prepareSteers')
    if (what === 14 && asked?.type === 'prepareSteers' && asked.joins === 'response') story.prepared()
    else if (what === 15 && first !== undefined) story.model({ type: 'steerFailed', id: first })
    else if (what === 16 && calls.length + settledCalls === 0) {
      // A response that called tools waits for their results.
      story.model({ type: 'steersApplied', ids: Object.keys(given) })
    }
  }

  #settle(): void {
    const { story } = this
    const { calls = [], phase } = story.state.active ?? {}
    const call = calls.find(({ callId, complete }) => {
      return !this.#settled.has(callId) && (complete || phase !== 'streaming')
    })
    if (!call) return
    this.#settled.add(call.callId)
    if (call.kind === 'tool') story.toolSettles(call.callId, 'text')
    else story.editSettles(call.callId, { ok: call.complete, message: `About ${call.callId}.` })
  }

  end(): void {
    this.story.unpause().interrupt()
    for (let n = 0; this.story.state.active && n < 100; n++) this.#settle()
  }
}

/** Whether nothing stands between a call and its result. */
function isWhole(input: readonly ModelItem[]): boolean {
  const open = new Set<string>()
  for (const item of input) {
    if (item.type === 'toolCall') open.add(item.callId)
    else if (item.type === 'toolResult') open.delete(item.callId)
    else if (item.type === 'message' && item.role === 'user' && open.size > 0) return false
  }
  return open.size === 0
}

/** One text for a request: what became of an interrupted answer may stand by itself or before the next words. */
function written(input: readonly ModelItem[]): string {
  return input.map((item) => (item.type === 'message' ? `${item.text}\n\n` : JSON.stringify(item))).join('')
}

test('[STEER-6] however words, redirects, stops, pauses and the model interleave, each steer is said once or returned, never between a call and its result', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 16 }), { maxLength: 80 }), fc.boolean(), (list, stops) => {
      const run = new Interleaving(list.length % 2 === 0 ? steerable : testModel)
      const { story } = run
      for (const what of list) if (what !== 13) run.do(what)
      if (stops) run.do(13)
      run.end()
      expect(story.state.active).toBeUndefined()
      story.start('after')
      const requests = story.effects.flatMap((effect) =>
        effect.type === 'callModel' ? [effect.request.input] : [],
      )
      for (const [index, input] of requests.entries()) {
        expect(isWhole(input)).toBe(true)
        expect(written(input).startsWith(written(requests[index - 1] ?? []))).toBe(true)
      }
      const last = textsOf(requests.at(-1) ?? []).flatMap((text) => text.split('\n\n'))
      for (const text of run.said) {
        const [state, ...others] = stateOf(story, text)
        expect(others).toEqual([])
        expect(['applied', 'returned']).toContain(state)
        expect(last.filter((other) => other === text).length).toBe(state === 'applied' ? 1 : 0)
      }
      const folded = story.state.thread.turns.flatMap(({ items }) => items.map(({ id }) => id))
      expect(new Set(folded).size).toBe(folded.length)
    }),
    { numRuns: 2000 },
  )
})
