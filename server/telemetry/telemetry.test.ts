import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createWorld, type World } from '../testing/world.ts'
import { createMetrics } from './metrics.ts'
import { createSpans } from './spans.ts'

const clock = { now: () => Date.now(), monotonic: () => performance.now() }
const secret = 'xylophone'
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

interface SentSpan {
  readonly name: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[]
  readonly status: { readonly code?: number }
}

/** Takes what an OpenTelemetry collector is sent. */
async function collector() {
  const bodies: string[] = []
  const server: Server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    bodies.push(Buffer.concat(parts).toString())
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => server.close())
  const spans = (): SentSpan[] =>
    bodies.flatMap((body) =>
      JSON.parse(body).resourceSpans.flatMap((resource: { scopeSpans: { spans: SentSpan[] }[] }) =>
        resource.scopeSpans.flatMap((scope) => scope.spans),
      ),
    )
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies, spans }
}

async function make(observers: Parameters<typeof createWorld>[1]): Promise<World> {
  const world = await createWorld({ 'a.txt': `${secret}\n` }, observers)
  closers.push(() => world.close())
  world.model.script = [
    {
      match: /./,
      steps: [
        [
          { type: 'functionCall', name: 'read_file', text: '{"path":"a.txt"}' },
          { type: 'functionCall', name: `sing ${secret}`, text: '{}' },
        ],
        [{ type: 'text', text: `It says ${secret}.` }],
      ],
    },
  ]
  return world
}

test('[METRIC-1] turns, calls, tokens, tools and times are counted by model, tool and outcome', async () => {
  const metrics = createMetrics({ loadedThreads: () => 3 })
  closers.push(() => metrics.close())
  const world = await make({ observers: [metrics] })
  await world.ask(await world.newThread(), `what is ${secret}?`)
  const text = await metrics.text()
  expect(text).toContain('tandem_turns_total{mode="live",status="completed"} 1')
  expect(text).toContain('tandem_turns_running 0')
  expect(text).toMatch(
    /tandem_model_calls_total\{model="fake\/fake-fast",status="completed",failure="",connection="reused"\} 1/,
  )
  expect(text).toContain('tandem_first_token_seconds_count{model="fake/fake-fast"} 2')
  expect(text).toContain('tandem_queue_wait_seconds_count{model="fake/fake-fast"} 2')
  expect(text).toContain('tandem_tool_seconds_count{tool="read_file",status="completed"} 1')
  expect(text).toMatch(/tandem_tokens_total\{model="fake\/fake-fast",kind="input"\} [1-9]/)
  expect(text).toContain('tandem_threads_loaded 3')
  expect(text).toContain('nodejs_eventloop_lag_seconds')
})

test('[METRIC-2] no word of prompts, files, tools’ input or the model is in metrics', async () => {
  const metrics = createMetrics({ loadedThreads: () => 0 })
  closers.push(() => metrics.close())
  const world = await make({ observers: [metrics] })
  await world.ask(await world.newThread(), `what is ${secret}?`)
  const text = await metrics.text()
  expect(text).not.toContain(secret)
  expect(text).toContain('tandem_tool_seconds_count{tool="unknown",status="failed"} 1')
})

test('[SPAN-1] a turn is a trace: the agent, within it model calls and tools, named by the GenAI conventions', async () => {
  const { url, spans } = await collector()
  const traced = createSpans({ endpoint: `${url}/`, clock })
  const world = await make({ observers: [traced] })
  const thread = await world.newThread()
  await world.ask(thread, `what is ${secret}?`)
  await traced.close()
  const all = spans()
  const [agent] = all.filter(({ name }) => name === 'invoke_agent Tandem')
  const within = all.filter((span) => span !== agent)
  expect(within.map(({ name }) => name).sort()).toEqual([
    'chat fake-fast',
    'chat fake-fast',
    'execute_tool read_file',
    'execute_tool unknown',
  ])
  expect(within.every(({ parentSpanId }) => parentSpanId === agent?.spanId)).toBe(true)
  const of = (span: SentSpan | undefined) =>
    Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]))
  expect(of(agent)).toMatchObject({
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.conversation.id': thread.state().id,
  })
  expect(of(within.find(({ name }) => name.startsWith('chat')))).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'fake',
    'gen_ai.request.model': 'fake-fast',
    'gen_ai.usage.input_tokens': expect.any(Number),
    'gen_ai.usage.output_tokens': expect.any(Number),
  })
  for (const span of within) {
    expect(BigInt(span.startTimeUnixNano)).toBeLessThanOrEqual(BigInt(span.endTimeUnixNano))
    expect(Number(span.startTimeUnixNano) / 1e6).toBeGreaterThan(Date.now() - 60_000)
  }
  expect(of(within.find(({ name }) => name.endsWith('unknown')))).toMatchObject({ 'error.type': 'tool' })
})

test('[SPAN-2] no word of prompts, files, tools’ input or the model leaves in a span', async () => {
  const { url, bodies } = await collector()
  const traced = createSpans({ endpoint: url, clock })
  const world = await make({ observers: [traced] })
  await world.ask(await world.newThread(), `what is ${secret}?`)
  await traced.close()
  expect(bodies.join()).toContain('gen_ai.operation.name')
  expect(bodies.join()).not.toContain(secret)
})

test('[SPAN-3] what waits in line is a span of its own', async () => {
  const { url, spans } = await collector()
  const traced = createSpans({ endpoint: url, clock })
  const world = await make({
    observers: [traced],
    limits: { 'fake/fake-fast': { concurrent: 1 } },
  })
  world.model.script = [
    {
      match: /./,
      steps: [
        { type: 'pause', ms: 30 },
        { type: 'text', text: 'Yes.' },
      ],
    },
  ]
  await Promise.all([world.ask(await world.newThread(), 'one'), world.ask(await world.newThread(), 'two')])
  await traced.close()
  const ms = (span: SentSpan) => Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6
  const waits = spans().filter(({ name }) => name === 'queue')
  // The second waits as long as the first's answer takes.
  expect(Math.max(...waits.map(ms))).toBeGreaterThanOrEqual(25)
})
