import { connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createFakeModel } from '../../bench/fake-model/fake-model.ts'
import type { Fault, Step } from '../../bench/fake-model/script.ts'
import { type ModelFailureCode, modelFailureCodes } from '../../core/protocol/model.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { defaultTimeouts, type Timeouts } from '../providers/timeouts.ts'
import { createWorld, type Speech, until, type World } from '../testing/world.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

const fault = (value: Fault): Step => ({ type: 'fault', fault: value })
const text = (words: string): Step => ({ type: 'text', text: words })
const half: Step = { type: 'text', text: 'Half an answer', unfinished: true }
const error = (code: string, message = '') => ({ error: { type: code, code, message } })

interface Row {
  readonly what: string
  /** What its requests are answered with, in order; then with an answer. */
  readonly answers?: readonly (readonly Step[])[]
  readonly before?: (world: World) => void
  readonly timeouts?: Partial<Timeouts>
  /** The state a person sees; its sentence goes by the code. */
  readonly status: Turn['status']
  readonly code?: ModelFailureCode
  /** Of what was said until then. */
  readonly says?: string
  /** How often the model is asked. */
  readonly requests?: number
  readonly waitsMs?: number
}

/** What a backend can do, and what becomes of the turn. */
const overSockets: readonly Row[] = [
  {
    what: 'upgrade 426',
    before: ({ model }) => Object.assign(model, { upgrade: { status: 426 } }),
    status: 'completed',
  },
  {
    what: 'upgrade 404',
    before: ({ model }) => Object.assign(model, { upgrade: { status: 404 } }),
    status: 'completed',
  },
  { what: 'previous_response_not_found', before: ({ model }) => model.forget(), status: 'completed' },
  {
    what: 'websocket_connection_limit_reached',
    answers: [[fault({ type: 'error', code: 'websocket_connection_limit_reached', message: '60 minutes' })]],
    status: 'completed',
    requests: 2,
  },
  {
    what: 'usage_limit_reached',
    answers: [
      [
        fault({
          type: 'status',
          status: 429,
          body: error('usage_limit_reached', 'You have hit your limit.'),
        }),
      ],
    ],
    status: 'failed',
    code: 'quotaExceeded',
    requests: 1,
  },
  {
    what: 'an error event without a status',
    answers: [
      [fault({ type: 'raw', data: JSON.stringify({ type: 'error', ...error('server_error', 'Sorry.') }) })],
    ],
    status: 'retrying',
    code: 'internal',
  },
  {
    what: 'response.failed rate_limit_exceeded, with a wait in words',
    answers: [[fault({ type: 'failed', code: 'rate_limit_exceeded', message: 'Please try again in 1.5s.' })]],
    status: 'retrying',
    code: 'rateLimited',
    waitsMs: 1500,
  },
  {
    what: 'response.failed slow_down',
    answers: [[fault({ type: 'failed', code: 'slow_down', message: '' })]],
    status: 'retrying',
    code: 'overloaded',
  },
  {
    what: 'response.failed server_is_overloaded',
    answers: [[fault({ type: 'failed', code: 'server_is_overloaded', message: '' })]],
    status: 'retrying',
    code: 'overloaded',
  },
  {
    what: 'response.failed insufficient_quota',
    answers: [[fault({ type: 'failed', code: 'insufficient_quota', message: '' })]],
    status: 'failed',
    code: 'quotaExceeded',
    requests: 1,
  },
  {
    what: 'response.failed invalid_prompt',
    answers: [[fault({ type: 'failed', code: 'invalid_prompt', message: '' })]],
    status: 'failed',
    code: 'refused',
    requests: 1,
  },
  {
    what: 'response.incomplete max_output_tokens',
    answers: [[half, fault({ type: 'incomplete', reason: 'max_output_tokens' })]],
    status: 'completed',
    says: 'Half an answer',
    requests: 2,
  },
  {
    what: 'response.failed context_length_exceeded',
    answers: [[fault({ type: 'failed', code: 'context_length_exceeded', message: '' })]],
    status: 'completed',
    requests: 2,
  },
  {
    what: 'a frame that comes twice',
    answers: [[{ type: 'begin' }, text('So '), fault({ type: 'duplicate' }), text('be it.')]],
    status: 'completed',
    says: 'So be it.',
    requests: 1,
  },
  {
    what: 'half a frame, then the end',
    answers: [[half, fault({ type: 'truncated' })]],
    status: 'failed',
    code: 'malformed',
    says: 'Half an answer',
    requests: 1,
  },
]
const overHttp: readonly Row[] = [
  {
    what: 'half a frame, then the end',
    answers: [[half, fault({ type: 'truncated' })]],
    status: 'failed',
    code: 'cut',
    says: 'Half an answer',
    requests: 1,
  },
]
const always: readonly Row[] = [
  {
    what: '401',
    answers: [[fault({ type: 'status', status: 401, body: error('invalid_api_key', 'Bad key.') })]],
    status: 'failed',
    code: 'wrongKey',
    requests: 1,
  },
  {
    what: '429 with Retry-After',
    answers: [
      [
        fault({
          type: 'status',
          status: 429,
          body: error('rate_limit_exceeded'),
          headers: { 'retry-after': '2' },
        }),
      ],
    ],
    status: 'retrying',
    code: 'rateLimited',
    waitsMs: 2000,
  },
  {
    what: '429 without a word of when',
    answers: [[fault({ type: 'status', status: 429, body: error('rate_limit_exceeded') })]],
    status: 'retrying',
    code: 'rateLimited',
  },
  {
    what: 'the connection ends before anything came',
    answers: [[{ type: 'begin' }, fault({ type: 'end' })]],
    status: 'retrying',
    code: 'cut',
  },
  {
    what: 'an error instead of words',
    answers: [
      [{ type: 'begin' }, fault({ type: 'error', code: 'server_error', message: 'Sorry.', status: 500 })],
    ],
    status: 'retrying',
    code: 'internal',
  },
  {
    what: 'no byte within the limit',
    answers: [[fault({ type: 'stall' })]],
    timeouts: { firstByteMs: 80 },
    status: 'retrying',
    code: 'timedOut',
  },
  {
    what: 'silence in the middle of the words, past the limit',
    answers: [[half, fault({ type: 'stall' })]],
    timeouts: { stallMs: 80 },
    status: 'failed',
    code: 'stalled',
    says: 'Half an answer',
    requests: 1,
  },
  {
    what: '529',
    answers: [[fault({ type: 'status', status: 529, body: error('overloaded_error') })]],
    status: 'retrying',
    code: 'overloaded',
  },
  {
    what: 'a reset in the middle of the words',
    answers: [[half, fault({ type: 'cut' })]],
    status: 'failed',
    code: 'cut',
    says: 'Half an answer',
    requests: 1,
  },
  {
    what: 'an end in the middle of the words',
    answers: [[half, fault({ type: 'end' })]],
    status: 'failed',
    code: 'cut',
    says: 'Half an answer',
    requests: 1,
  },
  {
    what: 'an error in the middle of the words',
    answers: [[half, fault({ type: 'error', code: 'server_error', message: 'Sorry.', status: 500 })]],
    status: 'failed',
    code: 'internal',
    says: 'Half an answer',
    requests: 1,
  },
  {
    what: 'a frame that is no JSON',
    answers: [[half, fault({ type: 'malformed' })]],
    status: 'failed',
    code: 'malformed',
    says: 'Half an answer',
  },
  {
    what: 'frames split inside characters',
    answers: [[fault({ type: 'split' }), text('Grüße, 你好 👋')]],
    status: 'completed',
    says: 'Grüße, 你好 👋',
  },
]

async function run(
  { what, answers = [], before, timeouts = {}, status, code, says, requests, waitsMs }: Row,
  speech: Speech,
) {
  const world = await createWorld(
    { 'a.txt': 'one\n' },
    { speech, timeouts: { ...defaultTimeouts, ...timeouts } },
  )
  worlds.push(world)
  const thread = await world.newThread()
  world.model.script = () => [text('Before.')]
  await world.ask(thread, 'hello')
  const left = [...answers]
  world.model.script = () => left.shift() ?? [text('After.')]
  const asked = world.model.requests.length
  before?.(world)
  await thread.start('again', { openPaths: [] }, 0)
  const turn = () => thread.state().turns.at(-1)
  await until(() => turn()?.status !== 'running')
  const seen = turn()
  const words = seen?.items.flatMap((item) => (item.type === 'agentMessage' ? [item.text] : [])).join('')
  expect([what, seen?.status, seen?.failure?.code]).toEqual([what, status, code])
  if (says !== undefined) expect(words).toContain(says)
  if (code !== undefined) expect(modelFailureCodes).toContain(seen?.failure?.code)
  if (requests !== undefined) expect([what, world.model.requests.length - asked]).toEqual([what, requests])
  if (waitsMs !== undefined) expect((seen?.retryAt ?? 0) - Date.now()).toBeGreaterThan(waitsMs - 400)
  if (seen?.status === 'retrying') await thread.control.halt(seen.id)
}

test('[RTIER-22] whatever a backend of the Responses API does, the turn goes on unseen, tries again in sight, or fails with a reason', async () => {
  for (const row of [...overSockets, ...always]) await run(row, { api: 'responses', tools: 'custom' })
}, 60_000)

test('[RTIER-22] so it is over HTTP, and with chat completions', async () => {
  const ways = [
    { api: 'responses', tools: 'custom', transport: 'http' },
    { api: 'chat', tools: 'function' },
  ] as const
  for (const way of ways) for (const row of [...overHttp, ...always]) await run(row, way)
}, 60_000)

test('[UPLINK-32] a backend that is gone without a word ends the answer, which keeps what was said and tells why', async () => {
  const ends = [
    { api: 'responses', transport: 'websocket', timeouts: { pingEveryMs: 80 }, code: 'cut' },
    { api: 'responses', transport: 'http', timeouts: { stallMs: 160 }, code: 'stalled' },
    { api: 'chat', timeouts: { stallMs: 160 }, code: 'stalled' },
  ] as const
  for (const { code, timeouts, ...speech } of ends) {
    const far = await createFakeModel()
    const line = await startLine(far.port)
    const baseUrl = far.url.replace(String(far.port), String(line.port))
    const other = { id: 'far', ...speech, baseUrl, models: [{ id: 'm' }] }
    const world = await createWorld({}, { others: [other], timeouts: { ...defaultTimeouts, ...timeouts } })
    worlds.push(world)
    far.script = () => [half, { type: 'hold', until: new Promise(() => undefined) }]
    const thread = await world.newThread('far/m')
    await thread.start('hello', { openPaths: [] }, 0)
    const turn = () => thread.state().turns.at(-1)
    const said = () => turn()?.items.find((item) => item.type === 'agentMessage')
    await until(() => said()?.text === 'Half an answer')
    line.freeze()
    await until(() => turn()?.status !== 'running')
    expect([speech, turn()?.status, turn()?.failure?.code]).toEqual([speech, 'failed', code])
    expect(said()).toMatchObject({ text: 'Half an answer', status: 'interrupted' })
    line.close()
    await far.close()
  }
}, 30_000)

/** A line to a port of this machine that can stop passing anything on, without either end being told. */
async function startLine(port: number) {
  const ends = new Set<Socket>()
  let isFrozen = false
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(from)
      from.on('data', (bytes) => isFrozen || to.write(bytes))
      from.on('error', () => undefined)
      from.on('close', () => isFrozen || to.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The line has no port.')
  return {
    port: address.port,
    freeze() {
      isFrozen = true
    },
    close() {
      for (const end of ends) end.destroy()
      server.close()
    },
  }
}

test('[RTIER-23] of a call that was cut nothing is done, and what was not reached says why', async () => {
  const other = (id: string, baseUrl: string) =>
    ({ id, api: 'chat', baseUrl, models: [{ id: 'm' }] }) as const
  const world = await createWorld({ 'a.txt': 'one\n' })
  worlds.push(world)
  world.model.script = () => [
    { type: 'functionCall', name: 'read_file', text: '{"path":"a.', unfinished: true },
    fault({ type: 'cut' }),
  ]
  const turn = await world.ask(await world.newThread(), 'look')
  expect(turn).toMatchObject({ status: 'failed', failure: { code: 'cut' } })
  expect(turn.items.find(({ type }) => type === 'toolCall')).toMatchObject({
    status: 'interrupted',
    output: '',
  })
  const tls = world.model.url.replace('http:', 'https:')
  const away = await createWorld(
    {},
    { others: [other('dns', 'http://nowhere.invalid/v1'), other('tls', tls)] },
  )
  worlds.push(away)
  for (const id of ['dns/m', 'tls/m']) {
    const thread = await away.newThread(id)
    await thread.start('hello', { openPaths: [] }, 0)
    await until(() => thread.state().turns.at(-1)?.status !== 'running')
    const seen = thread.state().turns.at(-1)
    expect([id, seen?.failure?.code]).toEqual([id, 'noBackend'])
    if (seen?.status === 'retrying') await thread.control.halt(seen.id)
  }
})
