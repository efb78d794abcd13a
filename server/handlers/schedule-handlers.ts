import type { Schedules } from '../jobs/schedules.ts'
import type { Handlers } from '../relay/router.ts'

type ScheduleMethod = Extract<keyof Handlers, `schedule/${string}`>

export function createScheduleHandlers(schedules: Schedules): Pick<Handlers, ScheduleMethod> {
  return {
    'schedule/list': ({ workspaceId }) => ({ schedules: schedules.list(workspaceId) }),
    'schedule/check': ({ when }) => ({ comes: schedules.comes(when) }),
    async 'schedule/add'(work) {
      return { schedule: await schedules.add(work) }
    },
    async 'schedule/pause'({ scheduleId, paused }) {
      await schedules.pause(scheduleId, paused)
      return {}
    },
    async 'schedule/remove'({ scheduleId, removed }) {
      await schedules.remove(scheduleId, removed)
      return {}
    },
  }
}
