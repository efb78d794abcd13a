import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { ObservedCall, Observer } from '../runtime/observer.ts'
import { toolLabel } from './tool-label.ts'

/** Seconds: from a fraction of a millisecond, for what the relay does itself, to minutes. */
const quick = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]
const slow = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

export interface Metrics extends Observer {
  readonly contentType: string
  /** All of it as Prometheus reads it. */
  text(): Promise<string>
  close(): void
}

/** Counts and times of what the server does, by model, tool and outcome; names of these and no others are in it. */
export function createMetrics(options: { readonly loadedThreads: () => number }): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const turns = new Counter({
    name: 'tandem_turns_total',
    help: 'Turns that ended.',
    labelNames: ['mode', 'status'],
    registers,
  })
  const running = new Gauge({ name: 'tandem_turns_running', help: 'Turns under way.', registers })
  const turnSeconds = new Histogram({
    name: 'tandem_turn_seconds',
    help: 'From a prompt to the end of its turn.',
    labelNames: ['mode'],
    buckets: slow,
    registers,
  })
  const calls = new Counter({
    name: 'tandem_model_calls_total',
    help: 'Calls of models that ended.',
    labelNames: ['model', 'status', 'failure', 'connection'],
    registers,
  })
  const tokens = new Counter({
    name: 'tandem_tokens_total',
    help: 'Tokens as the model counted them.',
    labelNames: ['model', 'kind'],
    registers,
  })
  const ofModel = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name, help, labelNames: ['model'], buckets, registers })
  const first = ofModel('tandem_first_token_seconds', 'From a request being sent to its first token.', slow)
  const waited = ofModel('tandem_queue_wait_seconds', 'What a request waited in line for its model.', slow)
  const connected = ofModel('tandem_connect_seconds', 'What a request waited for its connection.', quick)
  const own = ofModel(
    'tandem_relay_seconds',
    "The relay's own part of the way to the first token: neither line, nor connection, nor model.",
    quick,
  )
  const perToken = ofModel(
    'tandem_relay_token_seconds',
    'What the relay did for one token of a call, on average.',
    [0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.0001, 0.0005],
  )
  const tools = new Histogram({
    name: 'tandem_tool_seconds',
    help: 'What tools took.',
    labelNames: ['tool', 'status'],
    buckets: slow,
    registers,
  })
  new Gauge({
    name: 'tandem_threads_loaded',
    help: 'Threads in memory.',
    registers,
    collect() {
      this.set(options.loadedThreads())
    },
  })

  function called({ call, model, usage, failure }: ObservedCall): void {
    const name = { model: model.id }
    const { asked, admitted, sent, firstToken, out } = call
    calls.inc({
      ...name,
      status: call.status,
      failure: failure ?? '',
      connection: call.connection ?? 'none',
    })
    if (admitted !== undefined) waited.observe(name, seconds(admitted - asked))
    if (sent !== undefined && admitted !== undefined) {
      const { connected: at = admitted } = call
      connected.observe(name, seconds(at - admitted))
      if (firstToken !== undefined && out !== undefined) {
        first.observe(name, seconds(firstToken - sent))
        own.observe(name, seconds(asked + (sent - at) + (out - firstToken)))
      }
    }
    if (call.tokens > 0) perToken.observe(name, seconds(call.relay / call.tokens))
    if (!usage) return
    tokens.inc({ ...name, kind: 'input' }, usage.inputTokens)
    tokens.inc({ ...name, kind: 'cached' }, usage.cachedTokens)
    tokens.inc({ ...name, kind: 'output' }, usage.outputTokens)
  }

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    close: () => registry.clear(),
    turn({ mode, at: startedAt }) {
      running.inc()
      return {
        called,
        ran({ name, status, at, endedAt }) {
          tools.observe({ tool: toolLabel(name), status }, (endedAt - at) / 1000)
        },
        ended(status, at) {
          running.dec()
          turns.inc({ mode, status })
          turnSeconds.observe({ mode }, (at - startedAt) / 1000)
        },
      }
    },
  }
}

function seconds(us: number): number {
  return us / 1e6
}
