import { ChevronRight, SquareTerminal } from 'lucide-react'
import { memo, useEffect, useState } from 'react'
import { visibleText } from '../../core/lib/visible-text.ts'
import type { Item } from '../../core/protocol/item.ts'
import { cx } from '../ui/cx.ts'
import { useTranslate } from '../workbench/use-translate.ts'
import { CommandOutput } from './command-output.tsx'

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
  const note = item.status === 'completed' ? undefined : notes[item.status]
  return (
    <section aria-label={t('command.label', { text })}>
      <button
        type="button"
        aria-expanded={open}
        disabled={item.output === ''}
        onClick={() => setOpen(!open)}
        className="group flex h-6 w-full min-w-0 items-center gap-1.5 rounded-sm text-left text-n10 enabled:hover:text-n12"
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

/** Arguments that are still being written are left out. */
function commandOf(input: string) {
  try {
    const { command } = JSON.parse(input)
    return visibleText(typeof command === 'string' ? command : '')
  } catch {
    return []
  }
}
