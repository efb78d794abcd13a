import { createHash, createHmac } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../../core/lib/clock.ts'
import type { Job } from '../../core/protocol/job.ts'
import type { EffectRow } from '../store/store.ts'
import type { EffectKind } from './outbox.ts'

/** Where people want to be told of their jobs. */
export interface Webhook {
  readonly url: string
  readonly secret?: string
  readonly events: readonly JobNews[]
}

export const jobNews = ['done', 'failed', 'needsInput'] as const
export type JobNews = (typeof jobNews)[number]

export function isNews(state: Job['state']): state is JobNews {
  return jobNews.some((news) => news === state)
}

const bodySchema = z.object({ kind: z.literal('webhook'), url: z.string(), payload: z.string() })

/** One effect for each webhook that wants to know. `nth`: how often the job has had news. */
export function webhookEffects(
  webhooks: readonly Webhook[],
  job: Job,
  { nth, at }: { readonly nth: number; readonly at: number },
): readonly { readonly id: string; readonly body: string }[] {
  const { state } = job
  if (!isNews(state)) return []
  return webhooks
    .filter(({ events }) => events.includes(state))
    .map(({ url }) => {
      const id = `${job.id}.${nth}.${createHash('sha256').update(url).digest('hex').slice(0, 12)}`
      const payload = JSON.stringify({ id, event: `job.${state}`, at, job: shownOf(job) })
      return { id, body: JSON.stringify({ kind: 'webhook', url, payload }) }
    })
}

/** What leaves the server: how the job stands, nothing of the files. */
function shownOf({ id, workspaceId, threadId, title, state, needs, problem, answer, branch, used }: Job) {
  return {
    id,
    title,
    state,
    path: `/?w=${workspaceId}&t=${threadId}`,
    used,
    ...(needs && { needs }),
    ...(problem !== undefined && { problem }),
    ...(state === 'done' && { answer }),
    ...(branch !== undefined && { branch }),
  }
}

/** `undefined`: it is no webhook, or one that is configured no more. */
export function webhookKind(
  effect: EffectRow,
  {
    webhooks,
    clock,
    onProblem,
  }: {
    readonly webhooks: readonly Webhook[]
    readonly clock: Clock
    readonly onProblem: (problem: string) => void
  },
): EffectKind | undefined {
  const body = bodySchema.safeParse(JSON.parse(effect.body)).data
  const webhook = webhooks.find(({ url }) => url === body?.url)
  if (!body || !webhook) return undefined
  return {
    // Its id is in it, by which who receives it twice knows it again.
    isRepeatable: true,
    attempts: 12,
    async perform(_, signal) {
      const response = await fetch(webhook.url, {
        method: 'POST',
        // Only what is configured is asked, whatever it answers.
        redirect: 'manual',
        headers: headersOf(effect.id, body.payload, webhook.secret, clock.now()),
        body: body.payload,
        signal,
      })
      await response.body?.cancel()
      const problem = `${webhook.url} answered ${response.status}.`
      if (response.ok) return { is: 'done' }
      return response.status === 410 ? { is: 'failed', problem } : { is: 'later', problem }
    },
    async settled(_, settled) {
      if (settled.is !== 'done') onProblem(`webhook: given up: ${settled.problem}`)
    },
  }
}

/** The time is signed too, so that an old message cannot be sent again. */
function headersOf(id: string, payload: string, secret: string | undefined, at: number) {
  const time = Math.floor(at / 1000)
  const sum = secret && createHmac('sha256', secret).update(`${time}.${payload}`).digest('hex')
  return {
    'content-type': 'application/json',
    'user-agent': 'Tandem',
    'tandem-delivery': id,
    ...(sum && { 'tandem-signature': `t=${time},v1=${sum}` }),
  }
}
