import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { EffectRow, Store } from '../store/store.ts'
import { createWorld, until, type World } from '../testing/world.ts'
import { jobNews, type Webhook, webhookKind } from './webhooks.ts'

interface Message {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

const closing: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** Who is told. */
async function receiver(answer: (nth: number) => number = () => 204) {
  const messages: Message[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (piece) => {
      body += piece
    })
    request.on('end', () => {
      messages.push({ headers: request.headers, body })
      response.writeHead(answer(messages.length), { location: '/elsewhere' }).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  return { url, messages }
}

async function open(webhooks: readonly Webhook[]): Promise<World> {
  const world = await createWorld({ 'b.txt': 'b\n' }, { webhooks })
  closing.push(() => world.close())
  world.model.script = [
    {
      match: 'ask me',
      steps: [
        [{ type: 'functionCall', name: 'ask_person', text: JSON.stringify({ question: 'Which?' }) }],
        [{ type: 'text', text: 'Asked and done.' }],
      ],
    },
    { match: 'the task', steps: [{ type: 'text', text: 'Done.' }] },
  ]
  return world
}

const start = ({ jobs, workspace }: World, task: string) =>
  jobs.start({ workspaceId: workspace.id, task, conversation: false })

async function effects(store: Store, stand: (rows: readonly EffectRow[]) => boolean) {
  for (;;) {
    const rows = await store.readEffects()
    if (stand(rows)) return rows
    await new Promise((resolve) => setImmediate(resolve))
  }
}
const settled = (store: Store) => effects(store, (rows) => rows.length === 0)

test('[NOTIFY-2] whoever is configured is told that a job needs somebody and that it is done, signed, with an id of its own each', async () => {
  const { url, messages } = await receiver()
  const world = await open([{ url, secret: 'shh', events: jobNews }])
  const { id } = await start(world, 'ask me')
  await until(() => messages.length === 1)
  await world.jobs.run(id).waits.reply('That.')
  await until(() => messages.length === 2)
  const told = messages.map(({ body }) => JSON.parse(body))
  expect(told).toMatchObject([
    { event: 'job.needsInput', job: { id, title: 'ask me', needs: { kind: 'answer', question: 'Which?' } } },
    { event: 'job.done', job: { id, state: 'done', answer: 'Asked and done.' } },
  ])
  expect(new Set(told.map((message) => message.id)).size).toBe(2)
  for (const { headers, body } of messages) {
    const [, time, sum] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['tandem-signature'])) ?? []
    expect(sum).toBe(createHmac('sha256', 'shh').update(`${time}.${body}`).digest('hex'))
    expect(headers['tandem-delivery']).toBe(JSON.parse(body).id)
  }
  await settled(world.store)
  expect(world.bugs).toEqual([])
})

test('[NOTIFY-3] what is not taken stays to be tried again later, under the same id, and no answer leads elsewhere', async () => {
  const { url, messages } = await receiver((nth) => (nth === 1 ? 302 : 200))
  const world = await open([{ url, events: ['done'] }])
  await start(world, 'the task')
  await until(() => messages.length === 1)
  const rows = await effects(world.store, ([row]) => row?.state === 'waiting')
  expect(rows).toMatchObject([{ attempts: 1 }])
  expect(rows[0]?.due).toBeGreaterThan(Date.now())
  // It is due now, and a server that comes after does it.
  await world.store.writeEffect(rows[0]?.id ?? '', { from: 'waiting', state: 'waiting', attempts: 1, due: 0 })
  world.die()
  const again = await world.restart()
  closing.push(() => again.jobs.close())
  await settled(world.store)
  expect(messages).toHaveLength(2)
  expect(messages[0]?.body).toBe(messages[1]?.body)
})

test('[NOTIFY-4] an address that is configured no more is not asked', async () => {
  const effect = { id: 'e', job: 'job_1', state: 'waiting', attempts: 0, due: 0 } as const
  const body = JSON.stringify({ kind: 'webhook', url: 'http://127.0.0.1:1/', payload: '{}' })
  const deps = { clock: { now: () => 0, monotonic: () => 0 }, onProblem: () => undefined }
  const known = [{ url: 'http://127.0.0.1:1/', events: jobNews }]
  expect(webhookKind({ ...effect, body }, { ...deps, webhooks: known })).toBeDefined()
  expect(webhookKind({ ...effect, body }, { ...deps, webhooks: [] })).toBeUndefined()
})
