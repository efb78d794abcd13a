import type { Translate } from '../../client/i18n/messages.ts'
import { isPaused } from '../../client/store/selectors.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { useWorkbench } from './store-provider.tsx'
import { useTranslate } from './use-translate.ts'

/** Tells readers that a turn began, ended or was corrected; never its tokens. */
export function Announcer() {
  const t = useTranslate()
  const text = useWorkbench((state) => {
    const turn = state.thread?.turns.at(-1)
    if (isPaused(state)) return t('pause.announce')
    return turn ? sentence(turn, t) : ''
  })
  return (
    <div aria-live="polite" className="sr-only">
      {text}
    </div>
  )
}

function sentence({ status, failure, check }: Turn, t: Translate): string {
  if (check?.status === 'corrected') return t('announce.corrected')
  if (status === 'running' || status === 'retrying') return t('announce.started')
  if (status === 'failed') return t('announce.failed', { why: failure ? t(`failure.${failure.code}`) : '' })
  return t(`announce.${status}`)
}
