import type { Action } from '../../core/protocol/access.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { sharedPaths } from '../../core/state/guest-view.ts'
import type { Threads } from '../runtime/threads.ts'
import type { Actor } from './actor.ts'
import { can, type Target } from './can.ts'

export type CheckAccess = (actor: Actor, action: Action, params: object) => Promise<void>

/** What stands before every request: refuses what `can` does not allow. */
export function createAccessCheck(threads: Pick<Threads, 'get'>): CheckAccess {
  return async (actor, action, params) => {
    const shared = await sharedWith(threads, actor)
    if (can(actor, action, params satisfies Target, shared ?? nothing)) return
    throw new RequestError('forbidden', 'The link you came by does not allow that.')
  }
}

const nothing: ReadonlySet<string> = new Set()

/** The files a guest may see; `undefined` for who may see all. */
export async function sharedWith(
  threads: Pick<Threads, 'get'>,
  actor: Actor,
): Promise<ReadonlySet<string> | undefined> {
  if (actor.kind === 'owner') return undefined
  const runtime = await threads.get(actor.pass.threadId)
  return sharedPaths(runtime.state())
}
