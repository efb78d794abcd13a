import { ChevronDown, CornerDownLeft } from 'lucide-react'
import { howToSend, runningTurn, type SendWay, whileRunning } from '../../client/store/selectors.ts'
import { Button } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { Menu, MenuChoice, MenuLabel } from '../ui/menu.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

const names = {
  redirect: 'composer.redirect',
  steer: 'steer.add',
  queue: 'queue.queue',
} as const satisfies Record<SendWay, string>

/** Says what Enter does; while a turn runs there is a choice. */
export function SendButton({ disabled }: { readonly disabled: boolean }) {
  const t = useTranslate()
  const running = useWorkbench((state) => runningTurn(state) !== undefined)
  const how = useWorkbench(whileRunning)
  const setPreferences = useWorkbench((state) => state.setPreferences)
  const now = useWorkbench((state) => howToSend(state, false))
  return (
    <span className="flex">
      <Button type="submit" look="primary" disabled={disabled} className={running ? 'rounded-r-none' : ''}>
        {t(running ? names[now] : 'composer.send')}
        <CornerDownLeft size={13} aria-hidden className={cx(running && '@max-[26rem]:hidden')} />
      </Button>
      {running && (
        <Menu
          align="end"
          side="top"
          width="w-80"
          trigger={
            <Button
              look="primary"
              aria-label={t('queue.how')}
              className="ml-px w-6 rounded-l-none px-0! pointer-coarse:w-11"
            >
              <ChevronDown size={13} aria-hidden />
            </Button>
          }
        >
          <MenuLabel>{t('queue.how')}</MenuLabel>
          <MenuChoice
            tall
            value={how}
            options={[
              { value: 'redirect', label: t('queue.redirectHelp') },
              { value: 'steer', label: t('steer.addHelp') },
              { value: 'queue', label: t('queue.queueHelp') },
            ]}
            onChoose={(value) => setPreferences({ whileRunning: value })}
          />
        </Menu>
      )}
    </span>
  )
}
