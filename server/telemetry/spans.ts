import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Clock } from '../../core/lib/clock.ts'
import type { ObservedCall, Observer } from '../runtime/observer.ts'
import { toolLabel } from './tool-label.ts'

/** Who was let in within this did not wait in line. */
const waitUs = 1000

export interface Spans extends Observer {
  /** Sends what is left. */
  close(): Promise<void>
}

/** Turns, model calls, tools and waits as spans, named as OpenTelemetry's GenAI conventions say, sent to one collector. */
export function createSpans(options: {
  /** Of the collector, up to what comes before `/v1/traces`. */
  readonly endpoint: string
  readonly clock: Clock
}): Spans {
  const { endpoint, clock } = options
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'tandem' }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  })
  const tracer = provider.getTracer('tandem')
  /** Spans say when by the wall clock. */
  const wall = (monotonicMs: number) => clock.now() - clock.monotonic() + monotonicMs

  function call({ call: it, model, maxOutputTokens, usage, failure }: ObservedCall, within: Context): void {
    const name = model.id.slice(model.providerId.length + 1)
    const at = (us: number) => wall((it.at + us) / 1000)
    const { asked, admitted } = it
    if (admitted !== undefined && admitted - asked >= waitUs) {
      const attributes = { 'gen_ai.request.model': name }
      tracer.startSpan('queue', { startTime: at(asked), attributes }, within).end(at(admitted))
    }
    const span = tracer.startSpan(
      `chat ${name}`,
      {
        kind: SpanKind.CLIENT,
        startTime: at(admitted ?? asked),
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': model.providerId,
          'gen_ai.request.model': name,
          'gen_ai.request.max_tokens': maxOutputTokens,
          'gen_ai.output.type': 'text',
          ...(usage && {
            'gen_ai.usage.input_tokens': usage.inputTokens,
            'gen_ai.usage.cache_read.input_tokens': usage.cachedTokens,
            'gen_ai.usage.output_tokens': usage.outputTokens,
          }),
          'tandem.call.request': it.request,
          'tandem.call.relay_us': it.relay,
          ...(it.connection && { 'tandem.call.connection': it.connection }),
        },
      },
      within,
    )
    if (it.sent !== undefined) span.addEvent('sent', at(it.sent))
    if (it.firstToken !== undefined) span.addEvent('first token', at(it.firstToken))
    end(span, it.status === 'failed' ? (failure ?? 'internal') : undefined, at(it.ended))
  }

  return {
    turn({ threadId, mode, at }) {
      const attributes: Attributes = {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': 'Tandem',
        'gen_ai.conversation.id': threadId,
        'tandem.turn.mode': mode,
      }
      const turn = tracer.startSpan('invoke_agent Tandem', { startTime: wall(at), attributes }, ROOT_CONTEXT)
      const within = trace.setSpan(ROOT_CONTEXT, turn)
      return {
        called: (observed) => call(observed, within),
        ran({ name, callId, status, at: startedAt, endedAt }) {
          const tool = toolLabel(name)
          const span = tracer.startSpan(
            `execute_tool ${tool}`,
            {
              startTime: wall(startedAt),
              attributes: {
                'gen_ai.operation.name': 'execute_tool',
                'gen_ai.tool.name': tool,
                'gen_ai.tool.call.id': callId,
                'gen_ai.tool.type': 'function',
              },
            },
            within,
          )
          end(span, status === 'failed' ? 'tool' : undefined, wall(endedAt))
        },
        ended: (status, endedAt) => end(turn, status === 'failed' ? status : undefined, wall(endedAt)),
      }
    },
    close: () => provider.shutdown(),
  }
}

/** `failure`: its kind, never its words. */
function end(span: Span, failure: string | undefined, at: number): void {
  if (failure !== undefined) {
    span.setAttribute('error.type', failure)
    span.setStatus({ code: SpanStatusCode.ERROR })
  }
  span.end(at)
}
