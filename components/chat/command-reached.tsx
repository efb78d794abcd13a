import type { ThreadReached } from '../../core/protocol/reached.ts'
import { cx } from '../ui/cx.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

const none: readonly ThreadReached[] = []
const verdicts = ['reached', 'refused', 'failed'] as const

/** What a command reached of the network, and what it was kept from. */
export function CommandReached({ of, className }: { readonly of: string; readonly className?: string }) {
  const t = useTranslate()
  const all = useWorkbench((state) => state.thread?.reached ?? none)
  const rows = all.filter((row) => row.of === of).map(({ reached }) => reached)
  return verdicts.map((verdict) => {
    const hosts = [...new Set(rows.filter((row) => row.verdict === verdict).map(({ host }) => host))]
    if (hosts.length === 0) return null
    return (
      <p
        key={verdict}
        className={cx('break-all text-small', verdict === 'reached' ? 'text-n10' : 'text-danger', className)}
      >
        {t(`command.${verdict}`, { hosts: hosts.join(', ') })}
      </p>
    )
  })
}
