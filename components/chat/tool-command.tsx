import { ChevronRight, Square, SquareTerminal } from 'lucide-react'
import { memo, useEffect, useState } from 'react'
import type { MessageKey } from '../../client/i18n/messages.ts'
import { may } from '../../client/store/selectors.ts'
import { visibleText } from '../../core/lib/visible-text.ts'
import type { Approval } from '../../core/protocol/approval.ts'
import type { Item } from '../../core/protocol/item.ts'
import { IconButton } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { CommandOutput } from './command-output.tsx'
import { CommandReached } from './command-reached.tsx'

type ToolCall = Extract<Item, { type: 'toolCall' }>

/** A command the model runs: what it writes as it writes it. Whoever has watched it keeps it in view. */
export const ToolCommand = memo(function ToolCommand({ item }: { readonly item: ToolCall }) {
  const t = useTranslate()
  const runs = item.status === 'running'
  const [open, setOpen] = useState(runs)
  useEffect(() => {
    if (runs) setOpen(true)
  }, [runs])
  const text = commandOf(item.input)
    .map((piece) => (piece.mark === undefined ? piece.text : `⟨${piece.mark}⟩`))
    .join('')
  const { callId } = item
  const leave = useWorkbench((state) =>
    leaveOf(state.thread?.approvals?.findLast((approval) => approval.callId === callId)),
  )
  const stop = useWorkbench((state) => state.stopCall)
  const mine = useWorkbench((state) => !state.replay && may(state, 'command/stopCall'))
  const waits = runs && leave === 'approval.waiting'
  const note = item.status === 'completed' ? undefined : waits ? leave : notes[item.status]
  return (
    <section aria-label={t('command.label', { text })}>
      <div className="flex items-center gap-1">
        <button
          type="button"
          aria-expanded={open}
          disabled={item.output === ''}
          onClick={() => setOpen(!open)}
          className="group flex h-6 min-w-0 flex-1 items-center gap-1.5 rounded-sm text-left text-n10 enabled:hover:text-n12"
        >
          <SquareTerminal size={13} aria-hidden className="shrink-0" />
          <span className="truncate">{t('jobs.toolCommand', { what: text })}</span>
          {note && (
            <span
              className={cx('shrink-0', item.status === 'failed' ? 'text-danger' : runs && 'text-author-1')}
            >
              · {t(note)}
            </span>
          )}
          {item.output !== '' && (
            <ChevronRight
              size={13}
              aria-hidden
              className={cx(
                'ml-auto shrink-0 opacity-0 transition-transform group-hover:opacity-100 group-focus-visible:opacity-100',
                open && 'rotate-90 opacity-100',
              )}
            />
          )}
        </button>
        {mine && runs && !waits && (
          <IconButton label={t('command.stop')} onClick={() => stop(callId)}>
            <Square size={12} aria-hidden />
          </IconButton>
        )}
      </div>
      {leave && !runs && <p className="ml-5 text-n11 text-small">{t(leave)}</p>}
      <CommandReached of={callId} className="ml-5" />
      {open && (
        <CommandOutput
          text={text}
          output={item.output}
          className="mt-1 max-h-60 rounded-md border border-n6"
        />
      )}
    </section>
  )
})

const notes = {
  streaming: 'tool.running',
  running: 'tool.running',
  failed: 'tool.failed',
  interrupted: 'tool.interrupted',
} as const

/** What became of the question whether it may run, where that is more than that it ran. */
function leaveOf(approval: Approval | undefined): MessageKey | undefined {
  if (!approval) return undefined
  const { over, answer } = approval
  if (over === 'lapsed' || over === 'withdrawn') return `approval.${over}`
  if (answer === 'deny') return 'approval.denied'
  return answer === undefined ? 'approval.waiting' : undefined
}

/** Arguments that are still being written are left out. */
function commandOf(input: string) {
  try {
    const { command } = JSON.parse(input)
    return visibleText(typeof command === 'string' ? command : '')
  } catch {
    return []
  }
}
