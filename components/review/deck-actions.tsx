import { MessageSquare } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { KeyHint } from '../ui/key-hint.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import type { Verdict } from './use-verdicts.ts'

/** What can be done with the change that is shown. */
export function DeckActions(props: {
  /** It still waits for a verdict. */
  readonly isOpen: boolean
  readonly onJudge: (verdict: Verdict) => void
  readonly onTakeBack: () => void
  readonly onComment: () => void
  readonly onExplain: () => void
  readonly onOpen: () => void
}) {
  const t = useTranslate()
  const { isOpen, onJudge, onTakeBack, onComment, onExplain, onOpen } = props
  return (
    <footer className="flex shrink-0 items-center gap-2 border-n6 border-t px-4 py-2 max-sm:grid max-sm:grid-cols-3">
      <Button look={isOpen ? 'primary' : 'plain'} onClick={() => onJudge('keep')}>
        {t('review.keep')} <KeyHint>Y</KeyHint>
      </Button>
      <Button onClick={() => onJudge('undo')}>
        {t('review.undo')} <KeyHint>N</KeyHint>
      </Button>
      <Button look="quiet" onClick={onTakeBack}>
        {t('review.takeBack')} <KeyHint>U</KeyHint>
      </Button>
      <span className="flex-1 max-sm:hidden" />
      <Button look="quiet" onClick={onComment}>
        <MessageSquare size={13} aria-hidden />
        {t('review.comment')} <KeyHint>C</KeyHint>
      </Button>
      <Button look="quiet" onClick={onExplain}>
        {t('review.explain')} <KeyHint>E</KeyHint>
      </Button>
      <Button look="quiet" onClick={onOpen}>
        {t('review.openPlace')} <KeyHint>O</KeyHint>
      </Button>
    </footer>
  )
}
