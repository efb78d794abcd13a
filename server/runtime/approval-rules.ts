import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type ApprovalRule, judge } from '../../core/approval/rules.ts'
import { approvalBoundsSchema, type LastingApproval } from '../../core/protocol/approval.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { type WorkspaceId, workspaceIdSchema } from '../../core/protocol/ids.ts'
import type { Store } from '../store/store.ts'

const key = 'approvals:always'
const tool = 'run_command'

/** A line somebody allowed always: that line, there and with these bounds, and no other. */
const allowedSchema = approvalBoundsSchema
  .omit({ folder: true })
  .extend({ workspaceId: workspaceIdSchema, command: z.string() })
type Allowed = z.infer<typeof allowedSchema>

/** The rules of the configuration, and the lines people have allowed always. Nothing in a workspace adds to them. */
export class ApprovalRules {
  readonly configured: readonly ApprovalRule[]
  readonly #store: Pick<Store, 'getValue' | 'setValue'>
  #allowed: readonly Allowed[] = []

  constructor(store: Pick<Store, 'getValue' | 'setValue'>, configured: readonly ApprovalRule[]) {
    this.#store = store
    this.configured = configured
  }

  async start(): Promise<void> {
    const stored = await this.#store.getValue(key)
    if (stored !== undefined) this.#allowed = z.array(allowedSchema).parse(JSON.parse(stored))
  }

  /** What every command may reach. */
  get hosts(): readonly string[] {
    const open = this.configured.filter(
      ({ action, command, path, tool: of = tool }) =>
        action === 'allow' && command === undefined && path === undefined && of === tool,
    )
    return open.flatMap(({ host }) => host ?? [])
  }

  isDenied(host: string): boolean {
    return judge({ tool, hosts: [host] }, this.configured).action === 'deny'
  }

  isAllowedAlways(wanted: Allowed): boolean {
    return this.#allowed.some((allowed) => isSame(allowed, wanted))
  }

  /** What people have allowed always in a workspace, the latest first. */
  lasting(workspaceId: WorkspaceId): LastingApproval[] {
    return this.#allowed
      .filter((allowed) => allowed.workspaceId === workspaceId)
      .map(({ command, place, sandboxed, hosts }) => ({
        id: nameOf({ workspaceId, command, place, sandboxed, hosts }),
        command,
        place,
        sandboxed,
        hosts,
      }))
      .toReversed()
  }

  /** It is asked for again from now on, and after a restart. */
  async takeBack(workspaceId: WorkspaceId, id: string): Promise<void> {
    const left = this.#allowed.filter((one) => one.workspaceId !== workspaceId || nameOf(one) !== id)
    if (left.length === this.#allowed.length)
      throw new RequestError('notFound', 'That line is not allowed any more.')
    this.#allowed = left
    await this.#store.setValue(key, JSON.stringify(left))
  }

  async allowAlways({ workspaceId, command, place, sandboxed, hosts }: Allowed): Promise<void> {
    const allowed = { workspaceId, command, place, sandboxed, hosts }
    if (this.isAllowedAlways(allowed)) return
    this.#allowed = [...this.#allowed, allowed]
    await this.#store.setValue(key, JSON.stringify(this.#allowed))
  }
}

function nameOf({ workspaceId, command, place, sandboxed, hosts }: Allowed): string {
  const all = JSON.stringify([workspaceId, command, place, sandboxed, hosts])
  return createHash('sha256').update(all).digest('hex')
}

function isSame(allowed: Allowed, { workspaceId, command, place, sandboxed, hosts }: Allowed): boolean {
  return (
    allowed.workspaceId === workspaceId &&
    allowed.command === command &&
    allowed.place === place &&
    allowed.sandboxed === sandboxed &&
    allowed.hosts.join() === hosts.join()
  )
}
