import type { ThreadId } from '../../core/protocol/ids.ts'
import type { GuestRole, ShareId, ShareLink } from '../../core/protocol/share.ts'
import type { NoticeSlice } from './notice-slice.ts'
import type { PeopleSlice } from './people-slice.ts'
import type { SliceTools } from './slice.ts'
import type { ThreadSlice } from './thread-slice.ts'

/** Links to the thread in view, as its owner makes and ends them. */
export interface ShareSlice {
  /** The thread whose links are shown. */
  readonly sharing: ThreadId | undefined
  /** `undefined` until they have come. */
  readonly shareLinks: readonly ShareLink[] | undefined
  /** The files guests of the thread see. */
  readonly sharedFiles: readonly string[]
  /** Of the link just made; nobody can show it again. */
  readonly madeToken: string | undefined
  openSharing(): void
  closeSharing(): void
  /** Asks anew for the links and who is here by them. */
  refreshLinks(): void
  makeLink(wish: { readonly role: GuestRole; readonly expiresInMs: number | undefined }): Promise<void>
  endLink(linkId: ShareId): Promise<void>
}

type Needs = ShareSlice & NoticeSlice & Pick<ThreadSlice, 'threadId'> & Pick<PeopleSlice, 'self'>

export function createShareSlice({ get, set, deps }: SliceTools<Needs>): ShareSlice {
  const { connection } = deps

  async function load(threadId: ThreadId): Promise<void> {
    try {
      const { links, paths } = await connection.request('share/list', { threadId })
      if (get().sharing === threadId) set({ shareLinks: links, sharedFiles: paths })
    } catch (error) {
      get().notifyFailure(error)
    }
  }

  return {
    sharing: undefined,
    shareLinks: undefined,
    sharedFiles: [],
    madeToken: undefined,
    openSharing() {
      const { threadId } = get()
      if (!threadId) return
      set({ sharing: threadId, shareLinks: undefined, sharedFiles: [], madeToken: undefined })
      void load(threadId)
    },
    closeSharing: () => set({ sharing: undefined, madeToken: undefined }),
    refreshLinks() {
      const { sharing } = get()
      if (sharing) void load(sharing)
    },
    async makeLink({ role, expiresInMs }) {
      const { sharing: threadId, self } = get()
      if (!threadId) return
      try {
        const ends = expiresInMs !== undefined && { expiresInMs }
        const { token } = await connection.request('share/create', {
          threadId,
          role,
          sharedBy: self.name,
          ...ends,
        })
        if (get().sharing === threadId) set({ madeToken: token })
        await load(threadId)
      } catch (error) {
        get().notifyFailure(error)
      }
    },
    async endLink(linkId) {
      const { sharing: threadId } = get()
      if (!threadId) return
      try {
        await connection.request('share/revoke', { threadId, linkId })
        // What was just made may be what has just ended.
        set({ madeToken: undefined })
        await load(threadId)
      } catch (error) {
        get().notifyFailure(error)
      }
    },
  }
}
