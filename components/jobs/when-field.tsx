import type { When } from '../../core/protocol/schedule.ts'
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

/** When the job begins: at once, at a time, or again and again. */
export function WhenField(props: {
  readonly value: WhenDraft
  readonly className: string
  readonly onChange: (value: WhenDraft) => void
}) {
  const t = useTranslate()
  const { value, className, onChange } = props
  return (
    <div className="grid grid-cols-2 gap-3">
      <label className="block">
        <span className="mb-1 block text-n11">{t('schedule.when')}</span>
        <select
          value={value.kind}
          onChange={(event) => {
            const kind = (['now', 'once', 'cron'] as const).find((one) => one === event.currentTarget.value)
            onChange({ ...value, kind: kind ?? 'now' })
          }}
          className={`${className} h-7`}
        >
          <option value="now">{t('schedule.now')}</option>
          <option value="once">{t('schedule.once')}</option>
          <option value="cron">{t('schedule.cron')}</option>
        </select>
      </label>
      {value.kind === 'once' && (
        <label className="block">
          <span className="mb-1 block text-n11">{t('schedule.at')}</span>
          <input
            type="datetime-local"
            value={value.at}
            onChange={(event) => onChange({ ...value, at: event.currentTarget.value })}
            className={`${className} tabular h-7`}
          />
        </label>
      )}
      {value.kind === 'cron' && (
        <label className="block">
          <span className="mb-1 block text-n11">{t('schedule.cronField')}</span>
          <input
            value={value.cron}
            maxLength={100}
            onChange={(event) => onChange({ ...value, cron: event.currentTarget.value })}
            className={`${className} h-7 font-mono`}
          />
          <span className="mt-1 block text-n10 text-small">{t('schedule.cronHelp')}</span>
        </label>
      )}
    </div>
  )
}
