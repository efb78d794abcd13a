import type { Role } from '../../core/protocol/access.ts'
import type { GuestPass } from '../../core/protocol/share.ts'

/** Who is behind a session. */
export type Actor = { readonly kind: 'owner' } | { readonly kind: 'guest'; readonly pass: GuestPass }

export const owner: Actor = { kind: 'owner' }

export function roleOf(actor: Actor): Role {
  return actor.kind === 'owner' ? 'owner' : actor.pass.role
}
