import { ChevronRight } from 'lucide-react'
import { memo, useState } from 'react'
import type { Item } from '../../core/protocol/item.ts'
import { cx } from '../ui/cx.ts'
import { useTranslate } from '../workbench/use-translate.ts'

/** What the model thought, folded away. */
export const Reasoning = memo(function Reasoning({
  item,
}: {
  readonly item: Extract<Item, { type: 'reasoning' }>
}) {
  const t = useTranslate()
  const [open, setOpen] = useState(false)
  if (item.text.trim() === '' && item.status !== 'streaming') return null
  return (
    <div>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex h-6 items-center gap-1 rounded-sm pr-1 text-n10 hover:text-n12"
      >
        <ChevronRight size={13} aria-hidden className={cx('transition-transform', open && 'rotate-90')} />
        {t(item.status === 'streaming' ? 'reasoning.running' : 'reasoning.done')}
      </button>
      {open && <p className="whitespace-pre-wrap border-n7 border-l pl-3 text-n10">{item.text.trim()}</p>}
    </div>
  )
})
