import { errorCodes, RequestError } from '../../core/protocol/errors.ts'
import type { MessageKey, MessageParams } from '../i18n/messages.ts'
import type { SliceTools } from './slice.ts'

/** One sentence for the person that asks for nothing. */
export interface Notice {
  readonly id: number
  readonly tone: 'info' | 'danger'
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
  dismissNotice(id: number): void
}

const shownAtOnce = 3

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
    dismissNotice: (id) => set({ notices: get().notices.filter((notice) => notice.id !== id) }),
  }
}
