import { RequestError } from '../../core/protocol/errors.ts'
import { sharedWith } from '../access/access-check.ts'
import { guestPeople } from '../access/guest-topics.ts'
import type { People } from '../relay/people.ts'
import type { Handlers } from '../relay/router.ts'
import type { Session } from '../relay/session.ts'
import type { Threads } from '../runtime/threads.ts'

export function createPeopleHandlers(deps: {
  readonly threads: Pick<Threads, 'workspace' | 'get'>
  readonly people: People
}): Pick<Handlers, 'people/announce'> {
  const { threads, people } = deps
  const known = new WeakSet<Session>()
  return {
    async 'people/announce'({ workspaceId, presence: { path, ...bare } }, { session }) {
      threads.workspace(workspaceId)
      const shared = await sharedWith(threads, session.actor)
      const isHere = path !== undefined && (!shared || shared.has(path))
      const presence = { ...bare, ...(isHere && { path }) }
      if (session.closed) throw new RequestError('busy', 'The session was closed meanwhile.')
      if (!known.has(session)) session.onClose(() => people.leave(session.id))
      known.add(session)
      people.announce(session.id, workspaceId, presence)
      const all = people.in(workspaceId)
      return { people: shared ? guestPeople(all, shared) : [...all] }
    },
  }
}
