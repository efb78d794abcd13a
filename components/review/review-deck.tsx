import { Dialog } from 'radix-ui'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { threadsAtWork } from '../../client/store/selectors.ts'
import type { HunkId } from '../../core/protocol/ids.ts'
import { hunksToReview, type ReviewHunk } from '../../core/state/review.ts'
import { inReviewOrder } from '../../core/state/review-order.ts'
import { Notices } from '../workbench/notices.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useMediaQuery } from '../workbench/use-media-query.ts'
import { useTranslate } from '../workbench/use-translate.ts'
import { CommentField } from './comment-field.tsx'
import { ConflictCard } from './conflict-card.tsx'
import { DeckActions } from './deck-actions.tsx'
import { DeckHeader } from './deck-header.tsx'
import { aboutHunk } from './hunk-prompt.ts'
import { ReviewCard } from './review-card.tsx'
import { ReviewList } from './review-list.tsx'
import { type ReviewConflict, useConflicts } from './use-conflicts.ts'
import { useHunkText } from './use-hunk-text.ts'
import { useVerdicts, type Verdict } from './use-verdicts.ts'

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

type Stop = ReviewConflict | ReviewHunk

function idOf(stop: Stop): string {
  return 'hunk' in stop ? stop.hunk.id : stop.id
}

function isOpen(stop: Stop): boolean {
  return 'conflict' in stop ? !stop.isKept : stop.state === 'unreviewed'
}

/** The keyboard alone is enough. */
function Deck() {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const phone = useMediaQuery('(max-width: 640px)')
  const thread = useWorkbench((state) => state.thread)
  const sideBySide = useWorkbench((state) => state.reviewSideBySide)
  const ignoreWhitespace = useWorkbench((state) => state.reviewIgnoreWhitespace)
  const setPreferences = useWorkbench((state) => state.setPreferences)
  const inlineThreads = useWorkbench((state) => state.inlineThreads)
  const files = useMemo(
    () => inReviewOrder(threadsAtWork({ thread, inlineThreads }).flatMap(hunksToReview)),
    [thread, inlineThreads],
  )
  const entries = useMemo(() => files.flatMap((file) => file.entries), [files])
  const conflicts = useConflicts()
  /** What does not go together is decided before what does. */
  const stops = useMemo<readonly Stop[]>(() => [...conflicts, ...entries], [conflicts, entries])
  const [currentId, setCurrentId] = useState<string | undefined>(() => {
    const first = stops.find(isOpen) ?? stops[0]
    return first && idOf(first)
  })
  const [commenting, setCommenting] = useState(false)
  const [listShown, setListShown] = useState(false)
  const verdicts = useVerdicts()
  const root = useRef<HTMLDivElement>(null)
  const found = stops.findIndex((stop) => idOf(stop) === currentId)
  const index = Math.max(0, found)
  const stop = stops[index]
  const current = stop && 'hunk' in stop ? stop : undefined
  const conflict = stop && 'conflict' in stop ? stop : undefined
  const now = useHunkText(current)

  const choose = (id: string) => {
    setCurrentId(id)
    setCommenting(false)
    setListShown(false)
  }
  const step = (by: 1 | -1) => {
    const next = stops[Math.min(stops.length - 1, Math.max(0, index + by))]
    if (next) choose(idOf(next))
  }
  /** To what is open still, but for these. */
  const goOn = (ids: readonly string[]) => {
    const others = [...stops.slice(index + 1), ...stops.slice(0, index + 1)]
    const next = others.find((other) => isOpen(other) && !ids.includes(idOf(other)))
    if (next) choose(idOf(next))
    else setListShown(false)
  }
  const judge = (verdict: Verdict, ids: readonly HunkId[]) => {
    verdicts.judge(verdict, ids)
    goOn(ids)
  }
  const take = (side: 'ours' | 'theirs') => {
    if (!conflict || (conflict.isKept && side === 'ours')) return
    verdicts.decide(conflict, side)
    goOn([conflict.id])
    root.current?.focus()
  }
  /** What was pressed may be disabled or out of sight by then; keys must go on working. */
  const fromList = (act: () => void) => {
    act()
    root.current?.focus()
  }
  const judgeCurrent = async (verdict: Verdict) => {
    if (!current || current.state === (verdict === 'keep' ? 'kept' : 'undone')) return
    const ids = [current.hunk.id]
    // To be kept it has to be there.
    if (current.state === 'undone') await store.getState().takeBackHunks(ids)
    judge(verdict, ids)
  }
  const takeBack = async () => {
    const own = current && current.state !== 'unreviewed' ? current.hunk.id : undefined
    const kept = conflict?.isKept ? conflict : undefined
    const ids = await verdicts.takeBack()
    const first = stops.find((one) => ids.includes(idOf(one)))
    // A conflict that was decided for the job comes back in a moment.
    const id = first ? idOf(first) : ids[0]
    if (id !== undefined) choose(id)
    else if (own !== undefined) void store.getState().takeBackHunks([own])
    else if (kept) void store.getState().resolveConflict(kept.jobId, kept.conflict, 'undecided')
  }
  const openPlace = () => {
    const { closeReview, openFile } = store.getState()
    if (conflict) {
      closeReview()
      openFile(conflict.conflict.path, { line: conflict.conflict.startLine })
    }
    if (!current) return
    const { hunk, path } = current
    closeReview()
    openFile(path, { line: hunk.startLine, hunkId: hunk.id })
  }
  const explain = () => {
    // Without the text as it is now it could not be quoted; it is a matter of milliseconds.
    if (!current || now === undefined) return
    const { closeReview, send } = store.getState()
    closeReview()
    void send(aboutHunk(t, current, now, t('review.explainPrompt')), { withContext: false })
  }
  const comment = () => setCommenting(current !== undefined)
  const toggleWhitespace = () => setPreferences({ reviewIgnoreWhitespace: !ignoreWhitespace })
  const toggleSides = () => setPreferences({ reviewSideBySide: !sideBySide })
  const keys = new Map([
    ['j', () => step(1)],
    ['arrowdown', () => step(1)],
    ['k', () => step(-1)],
    ['arrowup', () => step(-1)],
    ['y', () => judgeCurrent('keep')],
    ['n', () => judgeCurrent('undo')],
    ['u', takeBack],
    ['c', comment],
    ['e', explain],
    ['o', openPlace],
    ['enter', openPlace],
    ['d', toggleSides],
    ['w', toggleWhitespace],
    ['1', () => take('ours')],
    ['2', () => take('theirs')],
  ])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.target instanceof HTMLTextAreaElement) return
    // Enter on a button presses it.
    if (event.key === 'Enter' && event.target instanceof HTMLButtonElement) return
    const run = keys.get(event.key.toLowerCase())
    if (!run) return
    event.preventDefault()
    void run()
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
      className="relative flex min-h-0 flex-1 flex-col outline-none"
    >
      <DeckHeader
        left={stops.filter(isOpen).length}
        all={stops.length}
        index={index}
        listShown={listShown}
        onList={() => setListShown(!listShown)}
        onStep={step}
        onWhitespace={toggleWhitespace}
        onSides={toggleSides}
      />
      {stop ? (
        <div className="relative flex min-h-0 flex-1">
          <ReviewList
            files={files}
            conflicts={conflicts}
            current={idOf(stop)}
            shown={listShown}
            onChoose={(id) => fromList(() => choose(id))}
            onJudge={(verdict, ids) => fromList(() => judge(verdict, ids))}
          />
          <div className="flex min-w-0 flex-1 flex-col">
            {conflict && (
              <ConflictCard
                key={conflict.id}
                entry={conflict}
                onTake={take}
                onTakeBack={takeBack}
                onOpen={openPlace}
              />
            )}
            {current && (
              <>
                <ReviewCard
                  key={current.hunk.id}
                  entry={current}
                  now={now}
                  sideBySide={sideBySide && !phone}
                  ignoreWhitespace={ignoreWhitespace}
                />
                {commenting && <CommentField entry={current} now={now} onDone={() => setCommenting(false)} />}
                <DeckActions
                  isOpen={isOpen(current)}
                  onJudge={judgeCurrent}
                  onTakeBack={takeBack}
                  onComment={comment}
                  onExplain={explain}
                  onOpen={openPlace}
                />
              </>
            )}
          </div>
        </div>
      ) : (
        <p className="m-auto max-w-80 p-6 text-center text-n10">{t('review.empty')}</p>
      )}
      <Notices className="absolute right-4 bottom-14 max-sm:right-3 max-sm:bottom-30" />
    </section>
  )
}
