import type { ModelItem, ModelRequest } from '../../core/engine/model-stream.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { TurnId } from '../../core/protocol/ids.ts'
import type { ResultOf } from '../../core/protocol/methods.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { isSaid } from '../../core/state/steers.ts'

/** The thread as it was when the last request of a turn left. */
export function threadAtRequest(thread: ThreadState, turnId: TurnId): ThreadState {
  const index = thread.turns.findIndex(({ id }) => id === turnId)
  const turn = thread.turns[index]
  if (!turn) throw new RequestError('notFound', 'There is no such turn in this thread.')
  const last = turn.items.findLast((item) => 'request' in item)
  const end = last && 'request' in last ? turn.items.findIndex((item) => isOf(item, last.request)) : -1
  const asked = turn.items.findLastIndex(isSaid)
  // A prompt that nothing answered yet is in the request.
  const items = end < 0 || asked > end ? turn.items : turn.items.slice(0, end)
  // What was summarised since was sent itself then.
  const compactions = (thread.compactions ?? []).filter(({ at }) => at <= turn.startedAt)
  return {
    ...thread,
    compactions,
    turns: [...thread.turns.slice(0, index), { ...turn, status: 'running', items }],
  }
}

function isOf(item: ThreadState['turns'][number]['items'][number], request: number): boolean {
  return 'request' in item && item.request === request
}

/** A request as people read it: nothing left out, nothing added. */
export function describeRequest(request: ModelRequest): ResultOf<'thread/inspect'> {
  return {
    model: request.model,
    instructions: request.instructions,
    items: request.input.map(describeItem),
    tools: request.tools.map(({ name, description, schema, grammar }) => ({
      name,
      description,
      form: schema ? JSON.stringify(schema, null, 2) : (grammar ?? ''),
    })),
  }
}

function describeItem(item: ModelItem): ResultOf<'thread/inspect'>['items'][number] {
  switch (item.type) {
    case 'message':
      return { role: item.role, text: item.text }
    case 'toolCall':
      return { role: 'toolCall', name: item.name, text: item.input }
    case 'toolResult':
      return { role: 'toolResult', name: item.name, text: item.output }
    case 'opaque':
      return { role: 'opaque', text: item.data }
  }
}
