import { RequestError } from '../../core/protocol/errors.ts'
import type { People } from '../relay/people.ts'
import type { Handlers } from '../relay/router.ts'
import type { Session } from '../relay/session.ts'
import type { Threads } from '../runtime/threads.ts'

export function createPeopleHandlers(deps: {
  readonly threads: Pick<Threads, 'workspace'>
  readonly people: People
}): Pick<Handlers, 'people/announce'> {
  const { threads, people } = deps
  const known = new WeakSet<Session>()
  return {
    'people/announce'({ workspaceId, presence }, { session }) {
      threads.workspace(workspaceId)
      if (session.closed) throw new RequestError('busy', 'The session was closed meanwhile.')
      if (!known.has(session)) session.onClose(() => people.leave(session.id))
      known.add(session)
      people.announce(session.id, workspaceId, presence)
      return { people: [...people.in(workspaceId)] }
    },
  }
}
