import { ArrowDown, ArrowUp, GripVertical, Play, X } from 'lucide-react'
import { type ComponentPropsWithoutRef, type KeyboardEvent, useRef, useState } from 'react'
import { type QueuedPrompt, queueIdSchema } from '../../core/protocol/queue.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { useDragOrder } from './use-drag-order.ts'

/** The prompts that wait, to be edited, moved and removed where they stand. */
export function PromptQueue() {
  const t = useTranslate()
  const queue = useWorkbench((state) => state.thread?.queue)
  const paused = useWorkbench((state) => state.thread?.queuePaused === true)
  const resume = useWorkbench((state) => state.resumeQueue)
  const move = useWorkbench((state) => state.moveQueued)
  const list = useRef<HTMLOListElement>(null)
  const { drag, handleOf } = useDragOrder({
    list,
    ids: queue?.map(({ id }) => id) ?? [],
    onMove: (id, to) => move(queueIdSchema.parse(id), to),
  })
  if (!queue) return null
  return (
    <section aria-label={t('queue.title')} className="mb-2 overflow-hidden rounded-lg border border-n6 bg-n3">
      <header className="row-h flex items-center gap-2 px-2 text-n10 text-small">
        <span className="tabular">
          {t('queue.title')} · {queue.length}
        </span>
        {paused && <span className="text-attention">{t('queue.paused')}</span>}
        <span className="flex-1" />
        {paused && (
          <Button look="quiet" className="h-6" onClick={resume}>
            <Play size={12} aria-hidden />
            {t('queue.resume')}
          </Button>
        )}
      </header>
      <ol ref={list} className="max-h-40 overflow-y-auto">
        {queue.map((entry, index) => (
          <QueueRow
            key={entry.id}
            entry={entry}
            index={index}
            last={index === queue.length - 1}
            handle={handleOf(entry.id)}
            isDragged={drag?.id === entry.id}
            drop={drag?.slot === index ? 'before' : drag?.slot === index + 1 ? 'after' : undefined}
          />
        ))}
      </ol>
    </section>
  )
}

function QueueRow(props: {
  readonly entry: QueuedPrompt
  readonly index: number
  readonly last: boolean
  readonly handle: ComponentPropsWithoutRef<'span'>
  readonly isDragged: boolean
  /** Where the dragged row would be put. */
  readonly drop: 'before' | 'after' | undefined
}) {
  const t = useTranslate()
  const { entry, index, last, handle, isDragged, drop } = props
  const edit = useWorkbench((state) => state.editQueued)
  const move = useWorkbench((state) => state.moveQueued)
  const remove = useWorkbench((state) => state.removeQueued)
  const mine = useWorkbench(({ guest }) => !guest || guest.linkId === entry.guest?.linkId)
  /** Holds until the server's text is another: then that is what was written, or what somebody else wrote. */
  const [draft, setDraft] = useState({ text: entry.text, of: entry.text })
  const text = draft.of === entry.text ? draft.text : entry.text
  const commit = () => {
    const words = text.trim()
    if (words === '') setDraft({ text: entry.text, of: entry.text })
    else if (words !== entry.text) edit(entry.id, words)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return
    if (!mine) return
    if (event.altKey && event.key === 'ArrowUp' && index > 0) move(entry.id, index - 1)
    else if (event.altKey && event.key === 'ArrowDown' && !last) move(entry.id, index + 1)
    else if (event.key === 'Enter' && !event.shiftKey) event.currentTarget.blur()
    else return
    event.preventDefault()
  }
  return (
    <li
      className={cx(
        'border-n6 border-t px-2 py-1',
        isDragged && 'bg-n5',
        drop === 'before' && 'shadow-[inset_0_2px_0_var(--accent)]',
        drop === 'after' && last && 'shadow-[inset_0_-2px_0_var(--accent)]',
      )}
    >
      <div className="flex items-start gap-1">
        <span
          aria-hidden
          title={t('queue.drag')}
          className="hit flex h-6 w-4 shrink-0 cursor-grab touch-none items-center justify-center text-n9 hover:text-n11 active:cursor-grabbing"
          {...(mine && handle)}
        >
          <GripVertical size={13} />
        </span>
        <textarea
          value={text}
          readOnly={!mine}
          rows={1}
          aria-label={t('queue.edit', { position: index + 1 })}
          onChange={(event) => setDraft({ text: event.currentTarget.value, of: entry.text })}
          onBlur={commit}
          onKeyDown={onKeyDown}
          className="field-sizing-content max-h-24 min-w-0 flex-1 resize-none rounded-sm bg-transparent px-1 py-0.5 text-n12 outline-none focus:bg-n1 max-sm:text-[16px]"
        />
        <IconButton
          label={t('queue.up')}
          keys="Alt+↑"
          disabled={!mine || index === 0}
          onClick={() => move(entry.id, index - 1)}
        >
          <ArrowUp size={13} aria-hidden />
        </IconButton>
        <IconButton
          label={t('queue.down')}
          keys="Alt+↓"
          disabled={!mine || last}
          onClick={() => move(entry.id, index + 1)}
        >
          <ArrowDown size={13} aria-hidden />
        </IconButton>
        <IconButton label={t('queue.remove')} disabled={!mine} onClick={() => remove(entry.id)}>
          <X size={13} aria-hidden />
        </IconButton>
      </div>
      {entry.guest && (
        <p className="px-1 text-n10 text-small">{t('guest.said', { name: entry.guest.name })}</p>
      )}
      {entry.problem !== undefined && (
        <p className="px-1 text-danger text-small">{t('queue.problem', { problem: entry.problem })}</p>
      )}
    </li>
  )
}
