import type { Clock } from '../../core/lib/clock.ts'
import type { ShareId } from '../../core/protocol/share.ts'
import type { Session } from '../relay/session.ts'
import type { Timers } from '../timers.ts'
import type { ShareLinks } from './share-links.ts'

/** Timers count no further than this many milliseconds. */
const longestTimer = 2 ** 31 - 1

/** The sessions of guests, by the link they came by: they end with it. */
export class GuestSessions {
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #links: Pick<ShareLinks, 'problem'>
  readonly #sessions = new Map<ShareId, Set<Session>>()

  constructor({
    clock,
    timers,
    links,
  }: { clock: Clock; timers: Timers; links: Pick<ShareLinks, 'problem'> }) {
    this.#links = links
    this.#clock = clock
    this.#timers = timers
  }

  add(session: Session): void {
    const { actor } = session
    if (actor.kind === 'owner') return
    const { linkId, expiresAt } = actor.pass
    const sessions = this.#sessions.get(linkId) ?? new Set()
    this.#sessions.set(linkId, sessions.add(session))
    session.onClose(() => {
      sessions.delete(session)
      if (sessions.size === 0) this.#sessions.delete(linkId)
    })
    // The link may have ended between the check of the cookie and the handshake.
    const problem = this.#links.problem(linkId)
    if (problem !== undefined) return session.close('linkEnded', problem)
    if (expiresAt !== undefined) this.#endAt(session, expiresAt)
  }

  /** How many are connected by a link. */
  count(linkId: ShareId): number {
    return this.#sessions.get(linkId)?.size ?? 0
  }

  /** Nothing is read from them or sent to them from now on. */
  end(linkId: ShareId): void {
    for (const session of this.#sessions.get(linkId) ?? []) session.close('linkEnded', 'revoked')
  }

  #endAt(session: Session, at: number): void {
    const left = at - this.#clock.now()
    if (left <= 0) return session.close('linkEnded', 'expired')
    session.onClose(this.#timers.after(Math.min(left, longestTimer), () => this.#endAt(session, at)))
  }
}
