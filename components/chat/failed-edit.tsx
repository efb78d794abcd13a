import { ChevronRight } from 'lucide-react'
import { useId, useState } from 'react'
import { cx } from '../ui/cx.ts'
import { useTranslate } from '../workbench/use-translate.ts'

/** What the model is told begins so when the text it wanted to change is not there. */
const misplaced = /^Failed to find (?:expected lines|context) /

/** Why a file was left as it was and what to do; all that the model was told of it, with its lines, is folded away. */
export function FailedEdit({ error }: { readonly error: string }) {
  const t = useTranslate()
  const [open, setOpen] = useState(false)
  const id = useId()
  const [first = ''] = error.split('\n', 1)
  const isMisplaced = misplaced.test(error)
  return (
    <div className="px-2 pb-1.5 text-small">
      <p className="break-words text-n11">{isMisplaced ? t('edit.misplaced') : first}</p>
      {(isMisplaced || error.length > first.length) && (
        <>
          <button
            type="button"
            aria-expanded={open}
            aria-controls={id}
            onClick={() => setOpen(!open)}
            className="hit -ml-0.5 flex h-6 items-center gap-1 rounded-sm pr-1 text-n10 hover:text-n12"
          >
            <ChevronRight size={12} aria-hidden className={cx('transition-transform', open && 'rotate-90')} />
            {t('edit.told')}
          </button>
          <pre
            id={id}
            hidden={!open}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and keys must reach that
            tabIndex={0}
            className="max-h-40 overflow-auto whitespace-pre-wrap break-words rounded-sm border border-n6 px-2 py-1 text-n11"
          >
            {error}
          </pre>
        </>
      )}
    </div>
  )
}
