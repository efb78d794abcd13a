import { RequestError } from '../../core/protocol/errors.ts'
import type { ShareLink } from '../../core/protocol/share.ts'
import { sharedPaths } from '../../core/state/guest-view.ts'
import type { GuestSessions } from '../access/guest-sessions.ts'
import type { ShareLinks } from '../access/share-links.ts'
import type { Handlers } from '../relay/router.ts'
import type { Threads } from '../runtime/threads.ts'

export function createShareHandlers(deps: {
  readonly threads: Pick<Threads, 'get'>
  readonly links: ShareLinks
  readonly guests: GuestSessions
}): Pick<Handlers, 'share/create' | 'share/list' | 'share/revoke'> {
  const { threads, links, guests } = deps

  function shown(link: ReturnType<ShareLinks['list']>[number]): ShareLink {
    const { id, role, sharedBy, createdAt, expiresAt } = link
    const ends = expiresAt !== undefined && { expiresAt }
    return { id, role, sharedBy, createdAt, ...ends, guests: guests.count(id) }
  }

  return {
    async 'share/create'({ threadId, role, sharedBy, expiresInMs }) {
      const { workspaceId, job } = (await threads.get(threadId)).state()
      // Whoever steers a job has it run commands.
      if (job !== undefined)
        throw new RequestError('conflict', 'The thread of a background job is not shared.')
      const { link, token } = await links.create({ threadId, workspaceId, role, sharedBy, expiresInMs })
      return { link: shown(link), token }
    },
    async 'share/list'({ threadId }) {
      const thread = (await threads.get(threadId)).state()
      return { links: links.list(threadId).map(shown), paths: [...sharedPaths(thread)].sort() }
    },
    async 'share/revoke'({ threadId, linkId }) {
      await links.revoke(threadId, linkId)
      guests.end(linkId)
      return {}
    },
  }
}
