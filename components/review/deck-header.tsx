import { Check, ChevronDown, ChevronUp, Columns2, List, Pilcrow, X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { IconButton } from '../ui/button.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** Where one is in the deck, and how it is shown. */
export function DeckHeader(props: {
  readonly left: number
  readonly all: number
  readonly index: number
  readonly listShown: boolean
  readonly onList: () => void
  readonly onStep: (by: 1 | -1) => void
  readonly onWhitespace: () => void
  readonly onSides: () => void
}) {
  const t = useTranslate()
  const sideBySide = useWorkbench((state) => state.reviewSideBySide)
  const ignoreWhitespace = useWorkbench((state) => state.reviewIgnoreWhitespace)
  const { left, all, index, listShown, onList, onStep, onWhitespace, onSides } = props
  return (
    <header className="toolbar-h flex shrink-0 items-center gap-3 border-n6 border-b pr-2 pl-4">
      <span aria-hidden className="font-strong text-n12 max-sm:hidden">
        {t('review.title')}
      </span>
      <output className="tabular flex min-w-0 items-center gap-1.5 text-n10">
        {left === 0 && all > 0 && <Check size={14} aria-hidden className="shrink-0 text-added" />}
        <span className="truncate">
          {left > 0 ? t('review.left', { count: left, all }) : t('review.noneLeft')}
        </span>
      </output>
      <span className="flex-1" />
      <IconButton
        label={t('review.list')}
        className="sm:hidden"
        active={listShown}
        aria-expanded={listShown}
        disabled={all === 0}
        onClick={onList}
      >
        <List size={15} aria-hidden />
      </IconButton>
      <IconButton label={t('review.previous')} keys="K" disabled={index === 0} onClick={() => onStep(-1)}>
        <ChevronUp size={15} aria-hidden />
      </IconButton>
      <IconButton label={t('review.next')} keys="J" disabled={index >= all - 1} onClick={() => onStep(1)}>
        <ChevronDown size={15} aria-hidden />
      </IconButton>
      <IconButton
        label={t('review.whitespace')}
        keys="W"
        active={ignoreWhitespace}
        aria-pressed={ignoreWhitespace}
        onClick={onWhitespace}
      >
        <Pilcrow size={14} aria-hidden />
      </IconButton>
      <IconButton
        label={t('review.sideBySide')}
        keys="D"
        // Two columns have no room on a phone.
        className="max-sm:hidden"
        active={sideBySide}
        aria-pressed={sideBySide}
        onClick={onSides}
      >
        <Columns2 size={14} aria-hidden />
      </IconButton>
      <Dialog.Close asChild>
        <IconButton label={t('review.close')} keys="Esc">
          <X size={15} aria-hidden />
        </IconButton>
      </Dialog.Close>
    </header>
  )
}
