import { useEffect, useState } from 'react'
import type { Comes, When } from '../../core/protocol/schedule.ts'
import { Field, fieldClass } from '../ui/field.tsx'
import { Select } from '../ui/select.tsx'
import { formatMoment } from '../workbench/format.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useLanguage, useTranslate } from '../workbench/use-translate.ts'

/** What is chosen and typed so far. */
export interface WhenDraft {
  readonly kind: 'now' | 'once' | 'cron'
  /** As the browser's field has it: local time without a zone. */
  readonly at: string
  readonly cron: string
}

export const startNow: WhenDraft = { kind: 'now', at: '', cron: '0 9 * * 1-5' }

/** What it says; `undefined`: at once. */
export function readWhen({ kind, at, cron }: WhenDraft): When | undefined {
  if (kind === 'now') return undefined
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  return kind === 'cron' ? { kind, cron: cron.trim(), timeZone } : { kind, at: new Date(at).getTime() }
}

/** When that is next; what was known before stays until it is known. */
export function useComes({ kind, at, cron }: WhenDraft): Comes | undefined {
  const ask = useWorkbench((state) => state.comes)
  const connected = useWorkbench((state) => state.status === 'open')
  const [comes, setComes] = useState<Comes>()
  useEffect(() => {
    let isWanted = true
    const when = readWhen({ kind, at, cron })
    if (!when) setComes(undefined)
    else if (connected) void ask(when).then((known) => isWanted && setComes(known))
    return () => {
      isWanted = false
    }
  }, [kind, at, cron, connected, ask])
  return comes
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
  readonly comes: Comes | undefined
  readonly onChange: (value: WhenDraft) => void
}) {
  const t = useTranslate()
  const { value, comes, onChange } = props
  const help = useTimeHelp(comes, value.kind)
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
        <Field label={t('schedule.at')} help={help}>
          <input
            type="datetime-local"
            value={value.at}
            onChange={(event) => onChange({ ...value, at: event.currentTarget.value })}
            className={`${fieldClass} tabular h-7`}
          />
        </Field>
      )}
      {value.kind === 'cron' && (
        <Field label={t('schedule.cronField')} help={help}>
          <input
            aria-invalid={typeof comes === 'string'}
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

/** When it comes next, or why it does not. */
function useTimeHelp(comes: Comes | undefined, kind: WhenDraft['kind']): string {
  const t = useTranslate()
  const language = useLanguage()
  const connected = useWorkbench((state) => state.status === 'open')
  if (!connected) return t('schedule.offline')
  if (typeof comes === 'number') return t('schedule.next', { time: formatMoment(comes, language) })
  if (comes === 'never') return t(kind === 'once' ? 'schedule.over' : 'schedule.never')
  return kind === 'once' ? '' : t('schedule.cronHelp')
}
