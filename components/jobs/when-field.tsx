import type { When } from '../../core/protocol/schedule.ts'
import { Field, fieldClass } from '../ui/field.tsx'
import { Select } from '../ui/select.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** What is chosen and typed so far. */
export interface WhenDraft {
  readonly kind: 'now' | 'once' | 'cron'
  /** As the browser's field has it: local time without a zone. */
  readonly at: string
  readonly cron: string
}

export const startNow: WhenDraft = { kind: 'now', at: '', cron: '0 9 * * 1-5' }

/** `undefined`: at once; `incomplete`: something is missing. */
export function readWhen({ kind, at, cron }: WhenDraft): When | undefined | 'incomplete' {
  if (kind === 'now') return undefined
  if (kind === 'cron') {
    const fields = cron.trim()
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
    return fields.split(/\s+/).length === 5 ? { kind, cron: fields, timeZone } : 'incomplete'
  }
  const time = new Date(at).getTime()
  return Number.isFinite(time) ? { kind, at: time } : 'incomplete'
}

/** In the form of the browser's field. */
function nextHour(): string {
  const time = new Date()
  time.setHours(time.getHours() + 1, 0, 0, 0)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
  return `${day}T${two(time.getHours())}:00`
}

const kinds = ['now', 'once', 'cron'] as const

/** When the job begins: at once, at a time, or again and again. */
export function WhenField(props: {
  readonly value: WhenDraft
  readonly onChange: (value: WhenDraft) => void
}) {
  const t = useTranslate()
  const { value, onChange } = props
  return (
    <div className="grid grid-cols-2 items-start gap-3">
      <Field label={t('schedule.when')}>
        <Select
          value={value.kind}
          groups={[{ options: kinds.map((kind) => ({ value: kind, label: t(`schedule.${kind}`) })) }]}
          onChoose={(kind) => onChange({ ...value, kind, at: value.at || nextHour() })}
        />
      </Field>
      {value.kind === 'once' && (
        <Field label={t('schedule.at')}>
          <input
            type="datetime-local"
            value={value.at}
            onChange={(event) => onChange({ ...value, at: event.currentTarget.value })}
            className={`${fieldClass} tabular h-7`}
          />
        </Field>
      )}
      {value.kind === 'cron' && (
        <Field label={t('schedule.cronField')} help={t('schedule.cronHelp')}>
          <input
            value={value.cron}
            maxLength={100}
            onChange={(event) => onChange({ ...value, cron: event.currentTarget.value })}
            className={`${fieldClass} h-7 font-mono`}
          />
        </Field>
      )}
    </div>
  )
}
