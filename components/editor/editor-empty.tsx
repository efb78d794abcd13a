import { FilePlus2, type LucideIcon, MessageSquare, Search } from 'lucide-react'
import { isMac, showKeys } from '../../client/store/keys.ts'
import { may } from '../../client/store/selectors.ts'
import type { Action } from '../../core/protocol/access.ts'
import { KeyHint } from '../ui/key-hint.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

interface Way {
  readonly action: Action
  readonly Icon: LucideIcon
  readonly label: string
  readonly keys?: string
  readonly run: () => void
}

/** Nothing is open: what can be done here. */
export function EditorEmpty() {
  const t = useTranslate()
  const showOverlay = useWorkbench((state) => state.showOverlay)
  const focusComposer = useWorkbench((state) => state.focusComposer)
  const startNewFile = useWorkbench((state) => state.startNewEntry)
  const guest = useWorkbench((state) => state.guest)
  const mac = isMac(navigator.platform)
  const all: readonly Way[] = [
    {
      action: 'turn/start',
      Icon: MessageSquare,
      label: t('editor.emptyAsk'),
      keys: 'mod+l',
      run: focusComposer,
    },
    {
      action: 'file/find',
      Icon: Search,
      label: t('editor.emptyFind'),
      keys: 'mod+p',
      run: () => showOverlay('quickOpen'),
    },
    { action: 'file/create', Icon: FilePlus2, label: t('editor.emptyNew'), run: () => startNewFile('file') },
  ]
  const ways = all.filter(({ action }) => may({ guest }, action))
  return (
    <div className="flex h-full flex-col items-center justify-center gap-5 p-6">
      <p className="max-w-sm text-center text-n10">{t('editor.empty')}</p>
      <ul className="w-64">
        {ways.map(({ Icon, label, keys, run }) => (
          <li key={label}>
            <button
              type="button"
              onClick={run}
              className="row-h flex w-full items-center gap-2.5 rounded-md px-2.5 text-n11 transition-colors hover:bg-n4 hover:text-n12"
            >
              <Icon size={15} strokeWidth={1.75} aria-hidden className="text-n10" />
              <span className="flex-1 text-left">{label}</span>
              {keys && <KeyHint>{showKeys(keys, { mac })}</KeyHint>}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
