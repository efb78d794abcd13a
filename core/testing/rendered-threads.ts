import { itemIdSchema, threadIdSchema, turnIdSchema, workspaceIdSchema } from '../protocol/ids.ts'
import type { Item } from '../protocol/item.ts'
import type { ThreadState } from '../protocol/thread.ts'
import type { Turn } from '../protocol/turn.ts'

/** What one turn holds, in characters of each text. */
export interface TurnShape {
  readonly prompt: number
  readonly shown?: number
  readonly results?: readonly number[]
  readonly answer?: number
}

/** A thread of turns of these sizes; the last one runs. */
export function threadOf(shapes: readonly TurnShape[]): ThreadState {
  const turns = shapes.map((shape, index) => turnOf(shape, index + 1, index === shapes.length - 1))
  const ids = { id: threadIdSchema.parse('thr_1'), workspaceId: workspaceIdSchema.parse('wsp_1') }
  return { ...ids, title: '', createdAt: 0, modelId: 'test/spark', mode: 'live', turns, contextTokens: 0 }
}

function turnOf(shape: TurnShape, number: number, isLast: boolean): Turn {
  const id = turnIdSchema.parse(`trn_${number}`)
  const items: Item[] = []
  const itemId = () => itemIdSchema.parse(`${id}.${items.length}`)
  if (shape.shown) items.push({ type: 'context', id: itemId(), text: words(`shown${number}`, shape.shown) })
  const text = words(`ask${number}`, shape.prompt)
  items.push({ type: 'userMessage', id: itemId(), kind: 'prompt', text, at: 0 })
  for (const [request, size] of (shape.results ?? []).entries()) {
    const output = words(`result${number}`, size)
    const call = { callId: `call_${number}_${request}`, name: 'read_file', input: `{"path":"f${number}.ts"}` }
    const opaque = { type: 'opaque', request, modelId: 'test/spark', data: `"sealed${number}"` } as const
    items.push({ ...opaque, id: itemId() })
    items.push({ type: 'toolCall', id: itemId(), request, status: 'completed', ...call, output })
  }
  if (!isLast) {
    const answer = words(`answer${number}`, shape.answer ?? 10)
    const request = shape.results?.length ?? 0
    items.push({ type: 'agentMessage', id: itemId(), request, status: 'completed', text: answer })
  }
  const rest = isLast ? { status: 'running' as const } : { status: 'completed' as const, settledAt: 1 }
  return { id, mode: 'live', modelId: 'test/spark', startedAt: 0, items, ...rest }
}

function words(word: string, length: number): string {
  return `${word} `.repeat(Math.ceil(length / (word.length + 1))).slice(0, Math.max(1, length))
}
