import { ChevronRight } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { cx } from '../ui/cx.ts'
import { useTranslate } from '../workbench/use-translate.ts'

/** A long paste in one line, to be unfolded. */
export function PasteChip({ text, children }: { readonly text: string; readonly children?: ReactNode }) {
  const t = useTranslate()
  const [open, setOpen] = useState(false)
  return (
    <div className="min-w-0 rounded-sm border border-n6 bg-n4 text-n11 text-small">
      <div className="flex h-6 items-center">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="hit tabular flex h-full items-center gap-1 px-1.5 hover:text-n12"
        >
          <ChevronRight size={11} aria-hidden className={cx('transition-transform', open && 'rotate-90')} />
          {t('mention.paste', { count: text.split('\n').length })}
        </button>
        {children}
      </div>
      {open && (
        <pre className="max-h-40 overflow-auto border-n6 border-t px-2 py-1 font-mono text-n12">{text}</pre>
      )}
    </div>
  )
}
