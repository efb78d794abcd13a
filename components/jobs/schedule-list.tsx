import { CalendarClock, Pause, Play, Trash2 } from 'lucide-react'
import type { Schedule } from '../../core/protocol/schedule.ts'
import { IconButton } from '../ui/button.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useLanguage, useTranslate } from '../workbench/use-translate.ts'

/** Work that begins by itself, the next one first. */
export function ScheduleList() {
  const t = useTranslate()
  const schedules = useWorkbench((state) => state.schedules)
  if (schedules.length === 0) return null
  return (
    <section aria-label={t('schedule.title')} className="max-h-1/3 shrink-0 overflow-y-auto px-1.5 pb-1.5">
      <h3 className="px-1.5 pb-0.5 text-n10 text-small">{t('schedule.title')}</h3>
      <ul>
        {schedules.map((schedule) => (
          <ScheduleRow key={schedule.id} schedule={schedule} />
        ))}
      </ul>
    </section>
  )
}

function ScheduleRow({ schedule }: { readonly schedule: Schedule }) {
  const t = useTranslate()
  const language = useLanguage()
  const pause = useWorkbench((state) => state.pauseSchedule)
  const remove = useWorkbench((state) => state.removeSchedule)
  const { id, title, task, when, paused, nextAt, problem } = schedule
  const next = nextAt === undefined ? undefined : showTime(nextAt, language)
  return (
    <li className="group flex items-center gap-1.5 rounded-sm px-1.5 py-1 hover:bg-n4" title={task}>
      <CalendarClock size={13} aria-hidden className="shrink-0 text-n10" />
      <span className="min-w-0 flex-1">
        <span className="block truncate text-n12">{title}</span>
        <span className="tabular block truncate text-n10 text-small">
          {paused ? t('schedule.paused') : next && t('schedule.next', { time: next })}
          {when.kind === 'cron' && ` · ${when.cron}`}
          {problem && <span className="text-danger"> · {problem}</span>}
        </span>
      </span>
      <IconButton
        label={t(paused ? 'schedule.resume' : 'schedule.pause', { title })}
        onClick={() => pause(id, !paused)}
      >
        {paused ? <Play size={12} aria-hidden /> : <Pause size={12} aria-hidden />}
      </IconButton>
      <IconButton label={t('schedule.remove', { title })} onClick={() => remove(id)}>
        <Trash2 size={13} aria-hidden />
      </IconButton>
    </li>
  )
}

/** In little room: the year only where it is another. */
function showTime(at: number, language: string): string {
  const isThisYear = new Date(at).getFullYear() === new Date().getFullYear()
  return new Intl.DateTimeFormat(language, {
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    ...(!isThisYear && { year: 'numeric' }),
  }).format(at)
}
