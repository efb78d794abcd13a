import type { LastingApproval } from '../../core/protocol/approval.ts'
import type { WorkspaceId } from '../../core/protocol/ids.ts'
import type { NoticeSlice } from './notice-slice.ts'
import type { SliceTools } from './slice.ts'

/** The commands that are always allowed in the workspace. */
export interface LastingSlice {
  /** While they are shown; `loading`: the server is being asked. */
  readonly lasting: readonly LastingApproval[] | 'loading' | undefined
  showLasting(): Promise<void>
  closeLasting(): void
  /** That line is asked for again from now on. */
  takeBackLasting(id: string): Promise<void>
}

type Needs = LastingSlice &
  Pick<NoticeSlice, 'notifyFailure'> & { readonly workspaceId: WorkspaceId | undefined }

export function createLastingSlice({ get, set, deps }: SliceTools<Needs>): LastingSlice {
  const { connection } = deps
  const load = async () => {
    const { workspaceId } = get()
    if (!workspaceId) return
    const { lines } = await connection.request('approval/lasting', { workspaceId })
    if (get().lasting !== undefined) set({ lasting: lines })
  }
  return {
    lasting: undefined,
    async showLasting() {
      set({ lasting: 'loading' })
      try {
        await load()
      } catch (error) {
        set({ lasting: undefined })
        get().notifyFailure(error)
      }
    },
    closeLasting: () => set({ lasting: undefined }),
    async takeBackLasting(id) {
      const { workspaceId } = get()
      if (!workspaceId) return
      try {
        await connection.request('approval/takeBack', { workspaceId, id })
        await load()
      } catch (error) {
        get().notifyFailure(error)
      }
    },
  }
}
