import { ChevronDown, ChevronUp, Columns2, MessageSquare, Pilcrow, X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { threadsAtWork } from '../../client/store/selectors.ts'
import type { HunkId } from '../../core/protocol/ids.ts'
import { hunksToReview } from '../../core/state/review.ts'
import { inReviewOrder } from '../../core/state/review-order.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Kbd } from '../ui/tooltip.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { CommentField } from './comment-field.tsx'
import { ReviewCard } from './review-card.tsx'
import { ReviewList } from './review-list.tsx'

/** All that the model wrote in this thread and in edits in place, one change after the other, the gravest first. */
export function ReviewDeck() {
  const t = useTranslate()
  const open = useWorkbench((state) => state.reviewOpen)
  const close = useWorkbench((state) => state.closeReview)
  if (!open) return null
  return (
    <Dialog.Root open onOpenChange={(next) => !next && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => event.preventDefault()}
          className="pop fade-in fixed inset-0 z-50 m-auto flex h-[min(860px,calc(100vh-48px))] w-[min(1180px,calc(100vw-48px))] flex-col overflow-hidden outline-none max-sm:h-full max-sm:w-full max-sm:rounded-none"
        >
          <Dialog.Title className="sr-only">{t('review.title')}</Dialog.Title>
          <Deck />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

/** The keyboard alone is enough. */
function Deck() {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const thread = useWorkbench((state) => state.thread)
  const sideBySide = useWorkbench((state) => state.reviewSideBySide)
  const ignoreWhitespace = useWorkbench((state) => state.reviewIgnoreWhitespace)
  const setPreferences = useWorkbench((state) => state.setPreferences)
  const inlineThreads = useWorkbench((state) => state.inlineThreads)
  const entries = useMemo(
    () => inReviewOrder(threadsAtWork({ thread, inlineThreads }).flatMap(hunksToReview)),
    [thread, inlineThreads],
  )
  const [currentId, setCurrentId] = useState<HunkId | undefined>(
    () => (entries.find(({ state }) => state === 'unreviewed') ?? entries[0])?.hunk.id,
  )
  const [commenting, setCommenting] = useState(false)
  const decided = useRef<HunkId[]>([])
  const root = useRef<HTMLDivElement>(null)
  const found = entries.findIndex(({ hunk }) => hunk.id === currentId)
  const index = Math.max(0, found)
  const current = entries[index]
  const left = entries.filter(({ state }) => state === 'unreviewed').length

  const go = (to: number) => {
    const next = entries[Math.min(entries.length - 1, Math.max(0, to))]
    if (next) setCurrentId(next.hunk.id)
    setCommenting(false)
  }
  const judge = (verdict: 'keep' | 'undo') => {
    if (!current || current.state === (verdict === 'keep' ? 'kept' : 'undone')) return
    const { id } = current.hunk
    decided.current.push(id)
    const { keepHunks, undoHunks } = store.getState()
    void (verdict === 'keep' ? keepHunks([id]) : undoHunks([id]))
    const others = [...entries.slice(index + 1), ...entries.slice(0, index)]
    const next = others.find(({ state }) => state === 'unreviewed')
    if (next) setCurrentId(next.hunk.id)
  }
  const takeBack = () => {
    const own = current && current.state !== 'unreviewed' ? current.hunk.id : undefined
    const last = decided.current.pop() ?? own
    if (last === undefined) return
    void store.getState().takeBackHunks([last])
    setCurrentId(last)
  }
  const openPlace = () => {
    if (!current) return
    const { hunk, path } = current
    const { closeReview, openFile } = store.getState()
    closeReview()
    openFile(path, { line: hunk.startLine, hunkId: hunk.id })
  }
  const explain = () => {
    if (!current) return
    const { closeReview, send } = store.getState()
    const place = `${current.path}:${current.hunk.startLine}`
    closeReview()
    void send(t('review.explainPrompt', { place }), { withContext: false })
  }
  const comment = () => setCommenting(true)
  const toggleWhitespace = () => setPreferences({ reviewIgnoreWhitespace: !ignoreWhitespace })
  const toggleSides = () => setPreferences({ reviewSideBySide: !sideBySide })
  const keys = new Map([
    ['j', () => go(index + 1)],
    ['arrowdown', () => go(index + 1)],
    ['k', () => go(index - 1)],
    ['arrowup', () => go(index - 1)],
    ['y', () => judge('keep')],
    ['n', () => judge('undo')],
    ['u', takeBack],
    ['c', comment],
    ['e', explain],
    ['o', openPlace],
    ['enter', openPlace],
    ['d', toggleSides],
    ['w', toggleWhitespace],
  ])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.target instanceof HTMLTextAreaElement) return
    // Enter on a button presses it.
    if (event.key === 'Enter' && event.target instanceof HTMLButtonElement) return
    const run = keys.get(event.key.toLowerCase())
    if (!run) return
    event.preventDefault()
    run()
  }
  useEffect(() => {
    // A field that is gone takes the focus along; keys must go on working.
    if (!commenting) root.current?.focus()
  }, [commenting])

  return (
    <section
      ref={root}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys of the deck need a place to go
      tabIndex={0}
      aria-label={t('review.title')}
      onKeyDown={onKeyDown}
      className="flex min-h-0 flex-1 flex-col outline-none"
    >
      <header className="toolbar-h flex shrink-0 items-center gap-3 border-n6 border-b pr-2 pl-4">
        <span aria-hidden className="font-strong text-n12">
          {t('review.title')}
        </span>
        <output className="tabular text-n10">
          {left > 0 ? t('review.left', { count: left, all: entries.length }) : t('review.noneLeft')}
        </output>
        <span className="flex-1" />
        <IconButton
          label={t('review.previous')}
          keys="K"
          disabled={index === 0}
          onClick={() => go(index - 1)}
        >
          <ChevronUp size={15} aria-hidden />
        </IconButton>
        <IconButton
          label={t('review.next')}
          keys="J"
          disabled={index >= entries.length - 1}
          onClick={() => go(index + 1)}
        >
          <ChevronDown size={15} aria-hidden />
        </IconButton>
        <IconButton
          label={t('review.whitespace')}
          keys="W"
          active={ignoreWhitespace}
          aria-pressed={ignoreWhitespace}
          onClick={toggleWhitespace}
        >
          <Pilcrow size={14} aria-hidden />
        </IconButton>
        <IconButton
          label={t('review.sideBySide')}
          keys="D"
          active={sideBySide}
          aria-pressed={sideBySide}
          onClick={toggleSides}
        >
          <Columns2 size={14} aria-hidden />
        </IconButton>
        <Dialog.Close asChild>
          <IconButton label={t('review.close')} keys="Esc">
            <X size={15} aria-hidden />
          </IconButton>
        </Dialog.Close>
      </header>
      {current ? (
        <div className="flex min-h-0 flex-1">
          <ReviewList entries={entries} current={current.hunk.id} onChoose={setCurrentId} />
          <div className="flex min-w-0 flex-1 flex-col">
            <ReviewCard
              key={current.hunk.id}
              entry={current}
              sideBySide={sideBySide}
              ignoreWhitespace={ignoreWhitespace}
            />
            {commenting && <CommentField entry={current} onDone={() => setCommenting(false)} />}
            <footer className="flex shrink-0 flex-wrap items-center gap-2 border-n6 border-t px-4 py-2">
              <Button look="primary" onClick={() => judge('keep')}>
                {t('review.keep')} <Kbd>Y</Kbd>
              </Button>
              <Button onClick={() => judge('undo')}>
                {t('review.undo')} <Kbd>N</Kbd>
              </Button>
              <Button look="quiet" onClick={takeBack}>
                {t('review.takeBack')} <Kbd>U</Kbd>
              </Button>
              <span className="flex-1" />
              <Button look="quiet" onClick={comment}>
                <MessageSquare size={13} aria-hidden />
                {t('review.comment')} <Kbd>C</Kbd>
              </Button>
              <Button look="quiet" onClick={explain}>
                {t('review.explain')} <Kbd>E</Kbd>
              </Button>
              <Button look="quiet" onClick={openPlace}>
                {t('review.openPlace')} <Kbd>O</Kbd>
              </Button>
            </footer>
          </div>
        </div>
      ) : (
        <p className="m-auto max-w-80 p-6 text-center text-n10">{t('review.empty')}</p>
      )}
    </section>
  )
}
