import { createHash } from 'node:crypto'
import { grantedHosts, openApprovals, permission, type Wanted } from '../../core/approval/approvals.ts'
import { judge, type Verdict } from '../../core/approval/rules.ts'
import type { Clock } from '../../core/lib/clock.ts'
import { mintId, type Random } from '../../core/lib/random.ts'
import {
  type Approval,
  type ApprovalAnswer,
  type ApprovalBounds,
  type ApprovalEvent,
  type ApprovalId,
  approvalIdSchema,
} from '../../core/protocol/approval.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { matchesHost } from '../../core/protocol/host.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { ApprovalRules } from './approval-rules.ts'

interface Options {
  readonly rules: ApprovalRules
  readonly clock: Clock
  readonly random: Random
  readonly bounds: Omit<ApprovalBounds, 'hosts'>
  readonly state: () => ThreadState
  readonly publish: (event: ApprovalEvent) => void
  readonly stored: () => Promise<void>
}

/** Whether it may run, and what it may reach then. */
export type Leave =
  | { readonly leave: 'given'; readonly hosts: readonly string[] }
  | { readonly leave: 'refused' | 'forbidden' | 'withdrawn' }

interface Wish {
  readonly command: string
  /** What it wants to reach besides what it may already. */
  readonly hosts: readonly string[]
  readonly callId: string
  readonly signal: AbortSignal
  /** Told when a person has to answer, and again with nothing when they need not any more. */
  readonly onWait?: ((approval: Approval | undefined) => Promise<void>) | undefined
}

const tool = 'run_command'

/** Asks people of one thread for leave. Questions and answers live in the thread's log. */
export class Approvals {
  readonly #options: Options
  readonly #waiting = new Map<ApprovalId, (answer: ApprovalAnswer | 'withdrawn') => void>()
  /** One question at a time: a person answers one, and a job says what it waits for. */
  #last: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(options: Options) {
    this.#options = options
  }

  /** Resolves when the command may run, or may not. A yes is used up when it does. */
  ask(wish: Wish): Promise<Leave> {
    const asking = this.#last.then(() => this.#ask(wish))
    this.#last = asking.catch(() => undefined)
    return asking
  }

  async #ask(wish: Wish): Promise<Leave> {
    const { rules, state } = this.#options
    const { command, signal } = wish
    const open = [...new Set([...rules.hosts, ...grantedHosts(state().approvals ?? [])])]
    const asked = wish.hosts.filter((host) => !open.some((known) => matchesHost(known, host)))
    const hosts = [...open, ...asked].toSorted()
    const bounds = { ...this.#options.bounds, hosts }
    const given = { leave: 'given', hosts } as const
    const verdict = judge({ tool, command }, rules.configured)
    if (verdict.action === 'deny' || asked.some((host) => rules.isDenied(host))) return { leave: 'forbidden' }
    if (verdict.action === 'allow' && asked.length === 0) return given
    const lasting = { ...bounds, command, workspaceId: state().workspaceId }
    if (mayBeLasting(verdict) && rules.isAllowedAlways(lasting)) return given
    const hash = createHash('sha256')
      .update(JSON.stringify([tool, command, bounds.folder, bounds.place, bounds.sandboxed, hosts]))
      .digest('hex')
    const wanted = { ...bounds, hash }
    const known = permission(state().approvals ?? [], wanted)
    if (known?.by === 'thread') return given
    // A yes the server did not come to use before it was restarted is one still.
    const answer = known ? undefined : await this.#answerTo(wish, wanted, verdict)
    if (answer === 'withdrawn') return { leave: 'withdrawn' }
    const may = permission(state().approvals ?? [], wanted)
    if (may?.by !== 'once') return { leave: 'refused' }
    if (answer === 'always') await rules.allowAlways(lasting)
    // Durable before it runs: a yes for once never runs twice.
    this.#options.publish({ type: 'approval/used', approvalId: may.id, hash })
    await this.#options.stored()
    return signal.aborted ? { leave: 'withdrawn' } : given
  }

  /** Resolves when the answer is durable. */
  async answer(approvalId: ApprovalId, hash: string, answer: ApprovalAnswer): Promise<void> {
    const { state, publish, stored } = this.#options
    const open = openApprovals(state().approvals ?? []).find(({ id }) => id === approvalId)
    if (!open || open.hash !== hash) {
      throw new RequestError(
        'conflict',
        'That question was answered already, or nobody waits for it any more.',
      )
    }
    if (!open.offered.includes(answer)) {
      throw new RequestError('badParams', 'That question does not offer this answer.')
    }
    publish({ type: 'approval/answered', approvalId, hash, answer })
    this.#waiting.get(approvalId)?.(answer)
    await stored()
  }

  /**
   * After a restart: nobody waits for answers any more. In Live the turn that asked is over, and a yes nobody used is
   * too; a job comes back to what it asked.
   */
  recover(): void {
    const { approvals = [], job } = this.#options.state()
    const left =
      job === undefined ? approvals.filter(({ over }) => over === undefined) : openApprovals(approvals)
    for (const { id: approvalId } of left) {
      this.#options.publish({ type: 'approval/withdrawn', approvalId, lapsed: true })
    }
  }

  /** What is open now lapses when the server starts again. */
  close(): void {
    this.#isClosed = true
  }

  async #answerTo(
    { command, callId, signal, onWait }: Wish,
    wanted: Wanted,
    verdict: Verdict,
  ): Promise<ApprovalAnswer | 'withdrawn'> {
    const { clock, random, state, publish } = this.#options
    const turnId = state().turns.at(-1)?.id
    if (signal.aborted || turnId === undefined) return 'withdrawn'
    const id = approvalIdSchema.parse(mintId('apr', random))
    const offered: ApprovalAnswer[] = [
      'once',
      'thread',
      ...(mayBeLasting(verdict) ? (['always'] as const) : []),
      // What a job does in its copy is looked at before it comes back; without a sandbox it is no copy's matter.
      ...(wanted.place === 'copy' && wanted.sandboxed ? (['all'] as const) : []),
      'deny',
    ]
    const approval: Approval = { id, turnId, callId, command, ...wanted, offered, askedAt: clock.now() }
    const { promise, resolve } = Promise.withResolvers<ApprovalAnswer | 'withdrawn'>()
    const onAbort = () => {
      if (!this.#isClosed) publish({ type: 'approval/withdrawn', approvalId: id })
      resolve('withdrawn')
    }
    this.#waiting.set(id, resolve)
    signal.addEventListener('abort', onAbort, { once: true })
    publish({ type: 'approval/asked', approval })
    try {
      await onWait?.(approval)
      const answer = await promise
      if (answer !== 'withdrawn') await onWait?.(undefined)
      return answer
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.#waiting.delete(id)
    }
  }
}

/** Clear lines that no rule wants asked can be allowed always. */
function mayBeLasting({ unclear, byRule }: Verdict): boolean {
  return unclear === undefined && !byRule
}
