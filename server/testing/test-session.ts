import type { Actor } from '../access/actor.ts'
import { Session } from '../relay/session.ts'
import { FakeTransport } from './fake-transport.ts'
import { ManualTimers } from './manual-timers.ts'

/** A session that is open, for handlers that are called by themselves. */
export function createTestSession(options: {
  readonly id?: string
  readonly actor: Actor
  readonly transport?: FakeTransport
  readonly timers?: ManualTimers
  readonly onBinary?: (session: Session, bytes: Uint8Array) => void
}): Session {
  const { id = 'ses_1', actor, transport = new FakeTransport() } = options
  const { timers = new ManualTimers(), onBinary = () => undefined } = options
  const handle = async () => ''
  const session = new Session({ id, actor, transport, handle, clock: timers.clock, timers, onBinary })
  session.opened = true
  return session
}
