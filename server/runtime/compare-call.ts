import type { ModelRequest } from '../../core/engine/model-stream.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { estimateTokens } from '../../core/lib/token-estimate.ts'
import type { Comparison } from '../../core/protocol/call.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { ModelDescription, Usage } from '../../core/protocol/model.ts'
import type { SessionOptions } from '../providers/provider.ts'
import type { Timers } from '../timers.ts'
import type { Admissions, Ticket } from './admissions.ts'
import type { CountedCall } from './call-ledger.ts'
import { CallMeter } from './call-meter.ts'
import type { ModelCatalogue } from './model-catalogue.ts'

interface Options {
  readonly models: ModelCatalogue
  readonly admissions: Admissions
  readonly clock: Clock
  readonly timers: Timers
  readonly session: SessionOptions
  readonly counted: CountedCall
  readonly model: ModelDescription
  readonly request: ModelRequest
}

/** Runs a request over a new HTTP connection for its times alone; it waits in line like any other. */
export async function compareCall(
  options: Options,
): Promise<{ readonly comparison: Comparison; readonly usage?: Usage }> {
  const { models, admissions, clock, timers, session, counted, model, request } = options
  if (model.transport === 'local')
    throw new RequestError(
      'badParams',
      `${model.name} works on this server: there is no connection to compare.`,
    )
  const at = clock.monotonic()
  const meter = new CallMeter({ clock, request: 0, modelId: model.id, at, prompted: false })
  const ticket = await new Promise<Ticket>((resolve) => {
    admissions.ask({
      modelId: model.id,
      user: session.threadId,
      work: 'live',
      tokens: () => estimateTokens(JSON.stringify(request)) + request.maxOutputTokens,
      onWaiting: () => undefined,
      onAdmitted: resolve,
    })
  })
  meter.admitted()
  const tooLong = new AbortController()
  const cancel = timers.after(limits.compareMs, () => tooLong.abort())
  const fresh = models.openSession(model, { ...session, fresh: true })
  let failure: string | undefined
  try {
    await fresh.stream(request, tooLong.signal, (event) => {
      if (event.type === 'failed') failure = event.failure.detail
      counted.saw(event)
      meter.saw(event, clock.monotonic())
    })
  } finally {
    cancel()
    counted.stop()
    fresh.close()
    ticket.end(meter.usage && meter.usage.inputTokens + meter.usage.outputTokens)
  }
  if (tooLong.signal.aborted) failure = `It took longer than ${limits.compareMs / 1000} s.`
  const call = meter.read(failure === undefined ? 'completed' : 'failed')
  const comparison = { call, ...(failure !== undefined && { failure }) }
  return { comparison, ...(meter.usage && { usage: meter.usage }) }
}
