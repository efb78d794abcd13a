import { useEffect, useRef } from 'react'
import type { ThreadId } from '../../core/protocol/ids.ts'
import type { Item } from '../../core/protocol/item.ts'
import { Answer } from '../chat/answer.tsx'
import { FileCards } from '../chat/file-card.tsx'
import { ToolLine } from '../chat/tool-line.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** How near to its end a list has to be for it to follow what is added. */
const nearEnd = 40

/** What a candidate says and does, as it does it. */
export function CandidateActivity({ threadId }: { readonly threadId: ThreadId }) {
  const thread = useWorkbench((state) => state.candidateThreads.get(threadId))
  const scroller = useRef<HTMLDivElement>(null)
  const follows = useRef(true)
  useEffect(() => {
    const element = scroller.current
    if (thread && element && follows.current) element.scrollTop = element.scrollHeight
  }, [thread])
  return (
    <div
      ref={scroller}
      onScroll={({ currentTarget: element }) => {
        follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearEnd
      }}
      className="min-h-0 flex-1 overflow-y-auto px-3 py-2"
    >
      <Activity threadId={threadId} />
    </div>
  )
}

/** `wordsOnly`: where its changes stand beside it. */
export function Activity(props: { readonly threadId: ThreadId; readonly wordsOnly?: boolean }) {
  const t = useTranslate()
  const thread = useWorkbench((state) => state.candidateThreads.get(props.threadId))
  const items = thread?.turns.filter(({ copied }) => !copied).flatMap((turn) => turn.items) ?? []
  if (items.length === 0) return <p className="text-n10">{t('candidates.waiting')}</p>
  return items.map((item) => (
    <div key={item.id} className="mb-1.5">
      <ActivityItem item={item} wordsOnly={props.wordsOnly === true} />
    </div>
  ))
}

function ActivityItem({ item, wordsOnly }: { readonly item: Item; readonly wordsOnly: boolean }) {
  if (item.type === 'agentMessage') return item.text === '' ? null : <Answer text={item.text} />
  if (item.type === 'toolCall') return <ToolLine item={item} />
  if (item.type === 'fileChange' && !wordsOnly) return <FileCards item={item} live={false} copied />
  return null
}
