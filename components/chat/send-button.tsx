import { ChevronDown, CornerDownLeft } from 'lucide-react'
import { runningTurn, whileRunning } from '../../client/store/selectors.ts'
import { Button } from '../ui/button.tsx'
import { Menu, MenuChoice, MenuLabel } from '../ui/menu.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** Says what Enter does; while a turn runs there is a choice. */
export function SendButton({ disabled }: { readonly disabled: boolean }) {
  const t = useTranslate()
  const running = useWorkbench((state) => runningTurn(state) !== undefined)
  const how = useWorkbench(whileRunning)
  const setPreferences = useWorkbench((state) => state.setPreferences)
  const name = !running ? 'composer.send' : how === 'queue' ? 'queue.queue' : 'composer.redirect'
  return (
    <span className="flex">
      <Button type="submit" look="primary" disabled={disabled} className={running ? 'rounded-r-none' : ''}>
        {t(name)}
        <CornerDownLeft size={13} aria-hidden />
      </Button>
      {running && (
        <Menu
          align="end"
          side="top"
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
            value={how}
            options={[
              { value: 'redirect', label: t('queue.redirectHelp') },
              { value: 'queue', label: t('queue.queueHelp') },
            ]}
            onChoose={(value) => setPreferences({ whileRunning: value })}
          />
        </Menu>
      )}
    </span>
  )
}
