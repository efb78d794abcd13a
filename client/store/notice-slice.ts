import { errorCodes, RequestError } from '../../core/protocol/errors.ts'
import type { LeftFile } from '../../core/protocol/rewind.ts'
import type { MessageKey, MessageParams } from '../i18n/messages.ts'
import type { SliceTools } from './slice.ts'

/** One sentence for the person that asks for nothing. */
export interface Notice {
  readonly id: number
  /** `attention`: nothing went wrong, and somebody is needed. */
  readonly tone: 'info' | 'attention' | 'danger'
  readonly key: MessageKey
  readonly params: MessageParams
  /** One button for the doing. */
  readonly action?: { readonly key: MessageKey; readonly run: () => void }
}

export interface NoticeSlice {
  readonly notices: readonly Notice[]
  notify(notice: Omit<Notice, 'id' | 'params'> & { readonly params?: MessageParams }): void
  /** Says in the person's language why a request failed. */
  notifyFailure(error: unknown): void
  /** Says which files an undo, or its taking back, left as they were, and what to do about it. */
  notifyLeft(left: readonly LeftFile[]): void
  dismissNotice(id: number): void
}

const shownAtOnce = 3
const namesAtMost = 3

/** `a, b, c +4`. */
export function shortList(names: readonly string[]): string {
  const more = names.length - namesAtMost
  return names.slice(0, namesAtMost).join(', ') + (more > 0 ? ` +${more}` : '')
}

export function createNoticeSlice({ get, set }: SliceTools<NoticeSlice>): NoticeSlice {
  let nextId = 1
  return {
    notices: [],
    notify(notice) {
      const fresh: Notice = { params: {}, ...notice, id: nextId++ }
      const others = get().notices.filter(({ key }) => key !== notice.key)
      set({ notices: [...others, fresh].slice(-shownAtOnce) })
    },
    notifyFailure(error) {
      const code = error instanceof RequestError && error.code in errorCodes ? error.code : 'internal'
      const detail = error instanceof Error ? error.message : String(error)
      get().notify({ tone: 'danger', key: `error.${code}`, params: { detail } })
    },
    notifyLeft(left) {
      for (const [why, files] of Map.groupBy(left, (file) => file.why)) {
        const names = files.map(({ path }) => path.slice(path.lastIndexOf('/') + 1))
        get().notify({
          tone: 'danger',
          key: `left.${why}`,
          params: { names: shortList(names), count: names.length },
        })
      }
    },
    dismissNotice: (id) => set({ notices: get().notices.filter((notice) => notice.id !== id) }),
  }
}
