import { Cron } from 'croner'
import { RequestError } from '../../core/protocol/errors.ts'
import type { When } from '../../core/protocol/schedule.ts'

/** The first time after `from`; `undefined`: there is none any more. */
export function nextTime(when: When, from: number): number | undefined {
  if (when.kind === 'once') return when.at > from ? when.at : undefined
  return parsed(when).nextRun(new Date(from))?.getTime()
}

/** Refuses in words what cannot be understood. */
export function checkWhen(when: When, now: number): void {
  if (when.kind === 'cron') parsed(when)
  if (nextTime(when, now) === undefined) throw new RequestError('badParams', 'That time is over.')
}

function parsed({ cron, timeZone }: Extract<When, { kind: 'cron' }>): Cron {
  try {
    const known = new Cron(cron, { mode: '5-part', timezone: timeZone, paused: true })
    // A place it does not know is only noticed here.
    known.nextRun(new Date(0))
    return known
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new RequestError('badParams', `The schedule cannot be understood: ${why}`)
  }
}
