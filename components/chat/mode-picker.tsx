import { Eye, Zap } from 'lucide-react'
import { currentMode, runningTurn } from '../../client/store/selectors.ts'
import { cx } from '../ui/cx.ts'
import { Menu, MenuChoice } from '../ui/menu.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { PickerButton } from './picker-button.tsx'

const modes = ['live', 'plan'] as const

/** Live writes, Plan only reads. */
export function ModePicker() {
  const t = useTranslate()
  const mode = useWorkbench(currentMode)
  const running = useWorkbench((state) => runningTurn(state) !== undefined)
  const isJob = useWorkbench((state) => state.thread?.job !== undefined)
  const configure = useWorkbench((state) => state.configure)
  // A job works in its own way.
  if (mode === 'background' || isJob) return null
  const Icon = mode === 'live' ? Zap : Eye
  return (
    <Menu
      side="top"
      width="w-64"
      trigger={
        <PickerButton
          label={`${t('composer.mode')}: ${t(`mode.${mode}`)}`}
          keys="Shift+Tab"
          className="shrink-0"
        >
          <Icon size={13} aria-hidden className="shrink-0" />
          <span className={cx(running && 'sm:@min-[20rem]:@max-[26rem]:sr-only')}>{t(`mode.${mode}`)}</span>
        </PickerButton>
      }
    >
      <MenuChoice
        tall
        value={mode}
        options={modes.map((value) => ({
          value,
          label: (
            <>
              <span className="block text-n12">{t(`mode.${value}`)}</span>
              <span className="block text-n10 text-small">{t(`mode.${value}Help`)}</span>
            </>
          ),
        }))}
        onChoose={(chosen) => configure({ mode: chosen })}
      />
    </Menu>
  )
}
