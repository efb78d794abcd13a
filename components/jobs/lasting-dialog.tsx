import { Trash2 } from 'lucide-react'
import type { LastingApproval } from '../../core/protocol/approval.ts'
import { IconButton } from '../ui/button.tsx'
import { DialogFrame } from '../ui/dialog-frame.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** The commands that are always allowed here, to be taken back one by one. */
export function LastingDialog() {
  const t = useTranslate()
  const lines = useWorkbench((state) => state.lasting)
  const close = useWorkbench((state) => state.closeLasting)
  if (lines === undefined) return null
  return (
    <DialogFrame
      title={t('lasting.show')}
      closeLabel={t('keys.close')}
      onClose={close}
      className="top-[12vh] max-h-[76vh] w-140"
    >
      {lines !== 'loading' && lines.length === 0 && <p className="pt-3 text-n10">{t('lasting.none')}</p>}
      {lines !== 'loading' && lines.length > 0 && (
        <>
          <p className="pt-3 pb-2 text-n10">{t('lasting.help')}</p>
          <ul>
            {lines.map((line) => (
              <Line key={line.id} line={line} />
            ))}
          </ul>
        </>
      )}
    </DialogFrame>
  )
}

function Line({ line: { id, command, place, sandboxed, hosts } }: { readonly line: LastingApproval }) {
  const t = useTranslate()
  const takeBack = useWorkbench((state) => state.takeBackLasting)
  const where = [
    t(place === 'copy' ? 'lasting.inCopy' : 'lasting.inWorkspace'),
    ...(sandboxed ? [] : [t('lasting.unsandboxed')]),
    ...hosts,
  ]
  return (
    <li className="flex items-center gap-2 border-n6 border-b py-1.5 last:border-b-0">
      <span className="min-w-0 flex-1">
        <code className="block whitespace-pre-wrap break-all font-mono text-n12">{command}</code>
        <span className="block text-n10 text-small">{where.join(' · ')}</span>
      </span>
      <IconButton label={t('lasting.takeBack', { command })} onClick={() => void takeBack(id)}>
        <Trash2 size={13} aria-hidden />
      </IconButton>
    </li>
  )
}
