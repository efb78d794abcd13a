import { RequestError } from '../../core/protocol/errors.ts'
import type { WorkspaceId } from '../../core/protocol/ids.ts'
import type { Comes, Schedule, ScheduledWork, ScheduleId, When } from '../../core/protocol/schedule.ts'
import type { NoticeSlice } from './notice-slice.ts'
import type { SliceTools } from './slice.ts'

/** Work that begins by itself. */
export interface SchedulesSlice {
  /** Of the workspace in view, the next one first. */
  readonly schedules: readonly Schedule[]
  loadSchedules(): Promise<void>
  noteSchedules(schedules: readonly Schedule[]): void
  /** When work would begin that is to begin so; `undefined`: nobody can tell now. */
  comes(when: When): Promise<Comes | undefined>
  /** False when it could not be done: the words are still the person's. */
  addSchedule(work: Omit<ScheduledWork, 'workspaceId'>): Promise<boolean>
  pauseSchedule(id: ScheduleId, paused: boolean): void
  removeSchedule(id: ScheduleId): void
}

type Needs = SchedulesSlice &
  Pick<NoticeSlice, 'notify' | 'notifyFailure'> & {
    readonly workspaceId: WorkspaceId | undefined
    readonly guest: unknown
  }

export function createSchedulesSlice({ get, set, deps }: SliceTools<Needs>): SchedulesSlice {
  const { connection } = deps
  return {
    schedules: [],
    async loadSchedules() {
      const { workspaceId, guest } = get()
      if (!workspaceId || guest) return
      try {
        const { schedules } = await connection.request('schedule/list', { workspaceId })
        if (get().workspaceId === workspaceId) set({ schedules })
      } catch {
        // Asked again when the server is back.
      }
    },
    noteSchedules: (schedules) => set({ schedules }),
    async comes(when) {
      try {
        return (await connection.request('schedule/check', { when })).comes
      } catch (error) {
        return error instanceof RequestError && error.code === 'badParams' ? 'unknown' : undefined
      }
    },
    async addSchedule(work) {
      const { workspaceId } = get()
      if (!workspaceId) return false
      try {
        const { schedule } = await connection.request('schedule/add', { workspaceId, ...work })
        get().notify({ tone: 'info', key: 'schedule.added', params: { title: schedule.title } })
        return true
      } catch (error) {
        get().notifyFailure(error)
        return false
      }
    },
    pauseSchedule: (scheduleId, paused) => {
      connection.request('schedule/pause', { scheduleId, paused }).catch(get().notifyFailure)
    },
    removeSchedule(scheduleId) {
      const title = get().schedules.find(({ id }) => id === scheduleId)?.title ?? ''
      const remove = (removed: boolean) => connection.request('schedule/remove', { scheduleId, removed })
      remove(true)
        .then(() =>
          get().notify({
            tone: 'info',
            key: 'schedule.removed',
            params: { title },
            action: {
              key: 'jobs.undoDiscard',
              run: () => void remove(false).catch(get().notifyFailure),
            },
          }),
        )
        .catch(get().notifyFailure)
    },
  }
}
