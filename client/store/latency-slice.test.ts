import { expect, test } from 'vitest'
import { ManualClock } from '../../core/lib/clock.ts'
import { itemIdSchema, turnIdSchema } from '../../core/protocol/ids.ts'
import type { Item } from '../../core/protocol/item.ts'
import { createLatencySlice, type LatencySlice } from './latency-slice.ts'
import type { WorkbenchDeps } from './slice.ts'

const turnId = turnIdSchema.parse('trn_1')
const itemId = itemIdSchema.parse('trn_1.1')

function start() {
  const clock = new ManualClock(1000)
  const paints: (() => void)[] = []
  const pings: string[] = []
  const connection = {
    async request(method: string) {
      pings.push(method)
      return { at: 0, clock: clock.monotonic() + 500 }
    },
  }
  const deps = { clock, connection, afterPaint: (run: () => void) => paints.push(run) }
  type State = LatencySlice & { epoch: string; thread: undefined; notifyFailure(): void }
  let state: State
  const tools = {
    get: () => state,
    set: (partial: Partial<LatencySlice>) => {
      state = { ...state, ...partial }
    },
    deps: deps as unknown as WorkbenchDeps,
  }
  state = { epoch: 'e', thread: undefined, notifyFailure() {}, ...createLatencySlice(tools) }
  const arrive = (event: Parameters<LatencySlice['timeArrival']>[0]) => {
    const receivedAt = clock.monotonic()
    clock.advance(1)
    state.timeArrival(event, { receivedAt, parsedAt: clock.monotonic() })
  }
  const begin = (item: Item) => arrive({ type: 'item/started', turnId, item })
  const say = (offset: number) => arrive({ type: 'item/delta', turnId, itemId, offset, text: 'word' })
  return { clock, paints, pings, begin, say, state: () => state }
}

const text = { type: 'agentMessage', id: itemId, request: 0, status: 'streaming', text: '' } as const

test('[HUD-8] the first token of a request is stamped from its arrival to its paint, the others are not', async () => {
  const { clock, paints, begin, say, state } = start()
  state().measureClock()
  await new Promise((resolve) => setTimeout(resolve))
  begin(text)
  state().timeShown()
  expect(state().pageStamps.size).toBe(0)
  say(0)
  clock.advance(4)
  state().timeShown()
  clock.advance(8)
  for (const paint of paints) paint()
  const stamps = { received: 1001, parsed: 1002, applied: 1006, painted: 1014, offset: 500 }
  expect(state().pageStamps.get(`${turnId}/0`)).toEqual(stamps)
  say(4)
  state().timeShown()
  expect(paints).toHaveLength(1)
  begin({ ...text, id: itemIdSchema.parse('trn_1.2') })
  state().timeShown()
  expect([...state().pageStamps]).toEqual([[`${turnId}/0`, stamps]])
})

test('[HUD-8] a request that begins with a tool is stamped at its call', () => {
  const { begin, state } = start()
  const call = { callId: 'c', name: 'read_file', input: '', output: '' }
  begin({ type: 'toolCall', id: itemId, request: 3, status: 'streaming', ...call })
  state().timeShown()
  expect(state().pageStamps.get(`${turnId}/3`)).toMatchObject({ received: 1000, parsed: 1001 })
})

test('[HUD-8] a prompt is stamped when its key was pressed and when it leaves; the clocks are compared behind it', async () => {
  const { clock, pings, state } = start()
  const tell = state().timePrompt(997)
  expect(pings).toEqual([])
  clock.advance(50)
  tell(turnId)
  expect(state().promptStamps.get(turnId)).toEqual({ pressed: 997, sent: 1000 })
  await new Promise((resolve) => setTimeout(resolve))
  expect(new Set(pings)).toEqual(new Set(['session/ping']))
})
