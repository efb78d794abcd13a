import { X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import type { MessageKey } from '../../client/i18n/messages.ts'
import { commands } from '../../client/store/commands.ts'
import { isMac, showKeys } from '../../client/store/keys.ts'
import { IconButton } from '../ui/button.tsx'
import { Kbd } from '../ui/tooltip.tsx'
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
    <Dialog.Root open onOpenChange={(next) => !next && showOverlay(undefined)}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          tabIndex={-1}
          // Focus on the close button would open its label, which would take the first Escape.
          onOpenAutoFocus={(event) => {
            event.preventDefault()
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus()
          }}
          className="pop fade-in fixed top-[12vh] left-1/2 z-50 max-h-[76vh] w-110 max-w-[calc(100vw-24px)] -translate-x-1/2 overflow-y-auto p-4 outline-none"
        >
          <div className="mb-2 flex items-center justify-between">
            <Dialog.Title className="font-strong text-n12">{t('keys.title')}</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton label={t('keys.close')}>
                <X size={15} aria-hidden />
              </IconButton>
            </Dialog.Close>
          </div>
          <dl>
            {rows.map(({ title, keys }) => (
              <div
                key={title}
                className="row-h flex items-center justify-between gap-4 border-n6 border-b last:border-0"
              >
                <dt>{t(title)}</dt>
                <dd>
                  <Kbd>{showKeys(keys, { mac })}</Kbd>
                </dd>
              </div>
            ))}
          </dl>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
