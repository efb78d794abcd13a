import { ArrowDown } from 'lucide-react'
import { Fragment, useDeferredValue, useEffect, useRef, useState } from 'react'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { Button } from '../ui/button.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { CommandCard } from './command-card.tsx'
import { CompactionDivider } from './compaction-divider.tsx'
import { ForkOrigin } from './fork-origin.tsx'
import { RewoundBar } from './rewound-bar.tsx'
import { TurnView } from './turn-view.tsx'
import { useScrollAnchor } from './use-scroll-anchor.ts'

/** Turns that fill a screen. */
const firstTurns = 4

/** The turns of one thread. `page`: how many are drawn at first, and how many more each time the reader asks for earlier ones. */
export function Transcript({ thread, page = 30 }: { readonly thread: ThreadState; readonly page?: number }) {
  const t = useTranslate()
  const { attach, following, jump, reveal } = useScrollAnchor()
  const [shown, setShown] = useState(page)
  const hidden = Math.max(0, thread.turns.length - shown)
  // The last turns at once, the others when these are seen.
  const drawn = useDeferredValue(shown, Math.min(shown, firstTurns))
  const undrawn = Math.max(0, thread.turns.length - drawn)
  const { compactions = [] } = thread
  const turnToShow = useWorkbench((state) => state.turnToShow)
  const showTurn = useWorkbench((state) => state.showTurn)
  const ownSends = useWorkbench((state) => state.ownSends)
  const seenSends = useRef(ownSends)
  useEffect(() => {
    if (ownSends === seenSends.current) return
    seenSends.current = ownSends
    jump()
  }, [ownSends, jump])
  const index = turnToShow ? thread.turns.findIndex(({ id }) => id === turnToShow) : -1
  useEffect(() => {
    if (!turnToShow || index < 0) return
    if (index < hidden) return setShown(shown + hidden - index)
    if (index < undrawn) return
    const place = document.getElementById(turnToShow)
    if (place) reveal(place)
    showTurn(undefined)
  }, [turnToShow, index, hidden, undrawn, shown, reveal, showTurn])
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div
        ref={attach}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a place that scrolls must be reachable by keys
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t('chat.transcript')}
        className="min-h-0 flex-1 overflow-y-auto px-3"
      >
        <div>
          <ForkOrigin />
          {hidden === 0 && <Commands thread={thread} after={undefined} />}
          {hidden > 0 && (
            <div className="flex justify-center py-2">
              <Button look="quiet" onClick={() => setShown(shown + page)}>
                {t('chat.earlier')}
              </Button>
            </div>
          )}
          {thread.turns.slice(undrawn).map((turn, index, list) => (
            <Fragment key={turn.id}>
              <TurnView turn={turn} last={index === list.length - 1} />
              <Commands thread={thread} after={turn.id} />
              {compactions
                .filter(({ throughTurnId }) => throughTurnId === turn.id)
                .map((compaction) => (
                  <CompactionDivider
                    key={compaction.id}
                    compaction={compaction}
                    pinned={pinnedThrough(thread, undrawn + index)}
                    latest={compaction === compactions.at(-1)}
                  />
                ))}
            </Fragment>
          ))}
          <RewoundBar />
        </div>
      </div>
      {!following && (
        <Button className="pop absolute bottom-2 left-1/2 -translate-x-1/2 rounded-full" onClick={jump}>
          <ArrowDown size={13} aria-hidden />
          {t('chat.jump')}
        </Button>
      )}
    </div>
  )
}

function Commands({ thread, after }: { readonly thread: ThreadState; readonly after: string | undefined }) {
  return thread.commands
    ?.filter(({ afterTurnId }) => afterTurnId === after)
    .map((command) => <CommandCard key={command.id} command={command} />)
}

/** How many pinned messages the turns up to this one hold. */
function pinnedThrough({ turns, pins = [] }: ThreadState, index: number): number {
  const covered = new Set<string>(turns.slice(0, index + 1).map(({ id }) => id))
  return pins.filter((pin) => covered.has(pin.slice(0, pin.indexOf('.')))).length
}
