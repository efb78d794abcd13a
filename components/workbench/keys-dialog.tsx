import type { MessageKey } from '../../client/i18n/messages.ts'
import { commands } from '../../client/store/commands.ts'
import { isMac, showKeys } from '../../client/store/keys.ts'
import { DialogFrame } from '../ui/dialog-frame.tsx'
import { Kbd } from '../ui/kbd.tsx'
import { useWorkbench } from './store-provider.tsx'
import { useTranslate } from './use-translate.ts'

/** Keys of the composer, which are not commands of the page. */
const composerKeys: readonly { readonly title: MessageKey; readonly keys: string }[] = [
  { title: 'keys.send', keys: 'enter' },
  { title: 'keys.newline', keys: 'shift+enter' },
  { title: 'command.cycleMode', keys: 'shift+tab' },
  { title: 'keys.history', keys: '↑' },
]

export function KeysDialog() {
  const t = useTranslate()
  const open = useWorkbench((state) => state.overlay === 'keys')
  const showOverlay = useWorkbench((state) => state.showOverlay)
  if (!open) return null
  const mac = isMac(navigator.platform)
  const rows = [...composerKeys, ...commands.flatMap(({ title, keys }) => (keys ? [{ title, keys }] : []))]
  return (
    <DialogFrame
      title={t('keys.title')}
      closeLabel={t('keys.close')}
      onClose={() => showOverlay(undefined)}
      className="top-[12vh] max-h-[76vh] w-110"
    >
      <dl>
        {rows.map(({ title, keys }) => (
          <div
            key={title}
            className="flex min-h-(--row) items-center justify-between gap-4 border-n6 border-b py-1 last:border-0"
          >
            <dt>{t(title)}</dt>
            <dd className="shrink-0">
              <Kbd>{showKeys(keys, { mac })}</Kbd>
            </dd>
          </div>
        ))}
      </dl>
    </DialogFrame>
  )
}
