import type { ThreadId } from '../../core/protocol/ids.ts'
import { monotonicMs } from '../lib/clock.ts'
import type { RelayClient } from '../lib/relay-client.ts'
import { type Task, taskPrompt } from '../lib/task.ts'
import type { Exchange, Item } from './exchange.ts'

/** Milliseconds of one turn as the one who asked sees it. */
export interface TurnTimes {
  readonly firstText: number
  readonly whole: number
}

/** One way to the model, and a conversation on it. */
export interface Conversation {
  turn(task: Task): Promise<TurnTimes>
}

/** The least an agent does: it calls, answers tool calls with a text it has at hand, and calls again. */
export function bareConversation(exchange: Exchange, toolResult: string): Conversation {
  const all: Item[] = []
  return {
    async turn(task) {
      const sentAt = monotonicMs()
      const content = [{ type: 'input_text', text: taskPrompt(task) }]
      let fresh: readonly Item[] = [{ type: 'message', role: 'user', content }]
      for (;;) {
        all.push(...fresh)
        const { output, firstTextAt } = await exchange.call({ fresh, all })
        all.push(...output)
        const calls = output.filter(({ type }) => type === 'function_call')
        if (calls.length === 0) return { firstText: firstTextAt - sentAt, whole: monotonicMs() - sentAt }
        fresh = calls.map(({ call_id }) => ({ type: 'function_call_output', call_id, output: toolResult }))
      }
    },
  }
}

/** The same through Tandem, seen by a client of its relay. */
export function tandemConversation(client: RelayClient, threadId: ThreadId): Conversation {
  return {
    async turn(task) {
      let firstTextAt = Number.NaN
      const stop = client.onEvent(({ event }, now) => {
        if (event.type === 'item/delta' && Number.isNaN(firstTextAt)) firstTextAt = now
      })
      const { sentAt, settledAt } = await client.runTurn(threadId, task)
      stop()
      return { firstText: firstTextAt - sentAt, whole: settledAt - sentAt }
    },
  }
}
