import { type Action, access, roleMay } from '../../core/protocol/access.ts'
import { type Actor, roleOf } from './actor.ts'

/** What a request names, as far as it names it. */
export interface Target {
  readonly threadId?: string | undefined
  readonly workspaceId?: string | undefined
  readonly topic?: string | undefined
  readonly path?: string | undefined
}

/**
 * Whether the actor may do that to that. A guest's role must be enough and everything the request names must be of
 * the thread their link is for; what a request leaves out that its kind of object needs is a no.
 */
export function can(actor: Actor, action: Action, target: Target, shared: ReadonlySet<string>): boolean {
  if (!roleMay(roleOf(actor), action)) return false
  if (actor.kind === 'owner') return true
  const { threadId, workspaceId } = actor.pass
  if (target.threadId !== undefined && target.threadId !== threadId) return false
  if (target.workspaceId !== undefined && target.workspaceId !== workspaceId) return false
  switch (access[action].object) {
    case 'server':
      return true
    case 'thread':
      return target.threadId !== undefined
    case 'workspace':
    case 'folder':
      return target.workspaceId !== undefined
    case 'topic':
      return target.topic === `thread:${threadId}` || target.topic === `workspace:${workspaceId}`
    case 'file':
      return target.workspaceId !== undefined && target.path !== undefined && shared.has(target.path)
  }
}
