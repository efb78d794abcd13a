import type { ModelEvent, ModelRequest } from '../../core/engine/model-stream.ts'
import { estimateTokens } from '../../core/lib/token-estimate.ts'
import type { ThreadId } from '../../core/protocol/ids.ts'
import type { ModelDescription, ModelFailure, Usage } from '../../core/protocol/model.ts'
import type { UsageRow } from '../../core/protocol/usage.ts'
import type { ModelSession } from '../providers/provider.ts'
import type { Admissions } from './admissions.ts'
import type { CallLedger } from './call-ledger.ts'

interface Deps {
  readonly admissions: Admissions
  readonly usage: CallLedger
}

interface Question {
  readonly threadId: ThreadId
  readonly purpose: UsageRow['purpose']
  readonly session: ModelSession
  readonly model: ModelDescription
  readonly request: ModelRequest
  readonly signal: AbortSignal
}

export interface SideAnswer {
  readonly text: string
  readonly events: readonly ModelEvent[]
  readonly usage: Usage | undefined
  /** It ended early. */
  readonly failure: ModelFailure | undefined
}

/** A call beside a thread's turns: it waits as background work, is counted, and its whole answer comes at once. */
export async function sideCall({ admissions, usage }: Deps, question: Question): Promise<SideAnswer> {
  const { threadId, purpose, session, model, request, signal } = question
  const inputTokens = estimateTokens(JSON.stringify(request))
  const tokens = () => inputTokens + request.maxOutputTokens
  const asked = { modelId: model.id, user: threadId, work: 'background', tokens } as const
  const ticket = await admissions.admitted(asked, signal)
  const counted = usage.begin({ threadId, modelId: model.id, purpose, inputTokens })
  const events: ModelEvent[] = []
  let used: Usage | undefined
  try {
    await session.stream(request, signal, (event) => {
      if (event.type === 'quotas') ticket.learn(event.quotas)
      if (event.type === 'usage') used = event.usage
      counted.saw(event)
      events.push(event)
    })
  } finally {
    counted.stop()
    ticket.end(used && used.inputTokens + used.outputTokens)
  }
  signal.throwIfAborted()
  const end = events.at(-1)
  return {
    text: events.map((event) => (event.type === 'textDelta' ? event.text : '')).join(''),
    events,
    usage: used,
    failure: end?.type === 'failed' ? end.failure : undefined,
  }
}
