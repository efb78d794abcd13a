import type { Item } from '../protocol/item.ts'
import type { Turn } from '../protocol/turn.ts'

/** Its plan is not there yet. */
export function isPlanning({ plan }: Pick<Turn, 'plan'>): boolean {
  return plan !== undefined && plan.requests === undefined
}

/** The item is of the plan, not of what was made by it. */
export function isOfPlan({ plan }: Turn, item: Item): boolean {
  return plan !== undefined && 'request' in item && item.request < (plan.requests ?? Number.POSITIVE_INFINITY)
}
