import type { ModelEvent, ModelItem, ModelRequest, ToolSpec } from '../../core/engine/model-stream.ts'
import type { ModelFailure } from '../../core/protocol/model.ts'
import type { ModelSession } from '../providers/provider.ts'
import type { Timeouts } from '../providers/timeouts.ts'

export const patientTimeouts: Timeouts = {
  connectMs: 2000,
  firstByteMs: 5000,
  stallMs: 5000,
  pingEveryMs: 5000,
  verdictMs: 5000,
}

export const editTool: ToolSpec = {
  name: 'apply_patch',
  description: 'Edits files.',
  format: 'freeform',
  grammar: 'start: "x"',
}
export const readTool: ToolSpec = {
  name: 'read_file',
  description: 'Reads a file.',
  format: 'json',
  schema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
}

export function requestOf(
  text: string | readonly ModelItem[],
  changes: Partial<ModelRequest> = {},
): ModelRequest {
  return {
    model: 'fake-fast',
    instructions: 'Be brief.',
    tools: [editTool, readTool],
    input: typeof text === 'string' ? [{ type: 'message', role: 'user', text }] : text,
    maxOutputTokens: 4096,
    cacheKey: 'thread-1',
    ...changes,
  }
}

export function sessionOptions() {
  return { threadId: 'thread-1', workspaceRoot: '/nowhere', readFile: () => Promise.resolve(undefined) }
}

/** Runs a request to its end. */
export async function run(
  session: ModelSession,
  request: ModelRequest,
  signal = new AbortController().signal,
) {
  const events: ModelEvent[] = []
  await session.stream(request, signal, (event) => events.push(event))
  return events
}

export function textOf(events: readonly ModelEvent[]): string {
  return events.map((event) => (event.type === 'textDelta' ? event.text : '')).join('')
}

export function failureIn(events: readonly ModelEvent[]): ModelFailure | undefined {
  const last = events.at(-1)
  return last?.type === 'failed' ? last.failure : undefined
}
