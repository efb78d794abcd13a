import { Cron } from 'croner'
import { RequestError } from '../../core/protocol/errors.ts'
import type { Comes, When } from '../../core/protocol/schedule.ts'

/** The first time after `from`. */
export function timeAfter(when: When, from: number): Comes {
  if (when.kind === 'once') return when.at > from ? when.at : 'never'
  try {
    const cron = new Cron(when.cron, { mode: '5-part', timezone: when.timeZone, paused: true })
    return cron.nextRun(new Date(from))?.getTime() ?? 'never'
  } catch {
    return 'unknown'
  }
}

/** The same of what somebody wants. Refuses in words what has no time to come. */
export function wantedTime(when: When, from: number): number {
  const time = timeAfter(when, from)
  if (typeof time === 'number') return time
  if (when.kind === 'once') throw new RequestError('badParams', 'That time is over.')
  if (time === 'never') throw new RequestError('badParams', 'That time never comes.')
  throw new RequestError(
    'badParams',
    'The schedule cannot be understood. It has five fields: minute, hour, day of the month, month and day of the week; 0 9 * * 1-5 is nine o’clock on weekdays.',
  )
}
