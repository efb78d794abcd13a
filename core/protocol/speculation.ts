import { z } from 'zod'
import type { ModelDescription } from './model.ts'

/** What is sent ahead of a prompt, from nothing to all that it will follow. */
export const speculationSchema = z.enum(['off', 'connection', 'prefill'])
export type Speculation = z.infer<typeof speculationSchema>

const order = speculationSchema.options

/** The most a person can have: what the administrator allows, and more where the provider takes nothing for it. */
export function mostSpeculation(
  server: Speculation,
  model: Pick<ModelDescription, 'prefillIsFree'> | undefined,
): Speculation {
  return server !== 'off' && model?.prefillIsFree ? 'prefill' : server
}

/** `wanted` by the person; `undefined`: as the server has it. */
export function speculation(
  wanted: Speculation | undefined,
  server: Speculation,
  model: Pick<ModelDescription, 'prefillIsFree'> | undefined,
): Speculation {
  const most = mostSpeculation(server, model)
  const asked = wanted ?? server
  return order.indexOf(asked) <= order.indexOf(most) ? asked : most
}
