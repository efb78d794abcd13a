import type { ConnectionStatus } from '../../client/connection/connection.ts'
import { cx } from '../ui/cx.ts'
import { Fact } from './fact.tsx'
import { useWorkbench } from './store-provider.tsx'
import { useTranslate } from './use-translate.ts'

const marks: Record<ConnectionStatus, string> = {
  open: 'bg-added',
  connecting: 'bg-attention',
  reconnecting: 'bg-attention',
  closed: 'bg-n9',
  outdated: 'bg-danger',
  unauthorized: 'bg-danger',
  linkEnded: 'bg-danger',
}

/** Whether the server is there, as a word and a mark. */
export function ConnectionFact() {
  const t = useTranslate()
  const status = useWorkbench((state) => state.status)
  return (
    <Fact label={t('status.connection')} live="polite">
      <span aria-hidden className={cx('size-1.5 rounded-full', marks[status])} />
      {t(`status.${status}`)}
    </Fact>
  )
}
