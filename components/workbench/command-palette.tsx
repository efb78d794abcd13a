import { Command as Palette } from 'cmdk'
import { commands, isAvailable } from '../../client/store/commands.ts'
import { isMac, showKeys } from '../../client/store/keys.ts'
import { KeyHint } from '../ui/key-hint.tsx'
import { PaletteFrame, paletteItemClass } from './palette-frame.tsx'
import { useWorkbench, useWorkbenchStore } from './store-provider.tsx'
import { useTranslate } from './use-translate.ts'

/** Lists the commands table. */
export function CommandPalette() {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const open = useWorkbench((state) => state.overlay === 'palette')
  if (!open) return null
  const state = store.getState()
  const mac = isMac(navigator.platform)
  return (
    <PaletteFrame
      title={t('palette.title')}
      placeholder={t('palette.placeholder')}
      empty={t('palette.empty')}
    >
      {commands
        .filter((command) => command.id !== 'palette' && isAvailable(command, state))
        .map(({ id, title, keys, run }) => (
          <Palette.Item
            key={id}
            value={`${t(title)} ${id}`}
            onSelect={() => {
              store.getState().showOverlay(undefined)
              run(store.getState())
            }}
            className={paletteItemClass}
          >
            <span className="flex-1 truncate">{t(title)}</span>
            {keys && <KeyHint>{showKeys(keys, { mac })}</KeyHint>}
          </Palette.Item>
        ))}
    </PaletteFrame>
  )
}
