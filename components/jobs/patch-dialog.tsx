import { cx } from '../ui/cx.ts'
import { DialogFrame } from '../ui/dialog-frame.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** Lines drawn; a longer patch is cut, and its branch has all of it. */
const drawnAtMost = 5000

/** A job's changes so far, as text. */
export function PatchDialog() {
  const t = useTranslate()
  const shown = useWorkbench((state) => state.shownPatch)
  const close = useWorkbench((state) => state.closePatch)
  if (!shown) return null
  const lines = shown.patch.split('\n').slice(0, drawnAtMost)
  return (
    <DialogFrame
      title={t('jobs.diffTitle', { title: shown.title })}
      closeLabel={t('keys.close')}
      onClose={close}
      className="top-[8vh] max-h-[84vh] w-220"
    >
      {shown.patch === '' ? (
        <p className="pt-3 text-n10">{t('jobs.diffEmpty')}</p>
      ) : (
        <pre className="overflow-x-auto py-2 font-mono">
          {lines.map((line, index) => (
            <span key={index} className={cx('block min-h-5 px-1', toneOf(line))}>
              {line}
            </span>
          ))}
        </pre>
      )}
    </DialogFrame>
  )
}

function toneOf(line: string): string {
  if (line.startsWith('diff ')) return 'mt-3 font-strong text-n12'
  if (/^(index|---|\+\+\+|new file|deleted file|old mode|new mode) ?/.test(line)) return 'text-n10'
  if (line.startsWith('@@')) return 'text-n10'
  if (line.startsWith('+')) return 'bg-added-soft text-n12'
  if (line.startsWith('-')) return 'bg-removed-soft text-n12'
  return 'text-n11'
}
