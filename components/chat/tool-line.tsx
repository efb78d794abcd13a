import {
  ChevronRight,
  CircleHelp,
  FileSearch,
  FileText,
  FolderOpen,
  Layers,
  ListChecks,
  Network,
  Wrench,
} from 'lucide-react'
import { memo, useState } from 'react'
import type { Item } from '../../core/protocol/item.ts'
import { cx } from '../ui/cx.ts'
import { useTranslate } from '../workbench/use-translate.ts'
import { describeTool } from './describe-tool.ts'

type ToolCall = Extract<Item, { type: 'toolCall' }>

const icons = {
  read: FileText,
  list: FolderOpen,
  search: FileSearch,
  plan: ListChecks,
  ask: CircleHelp,
  delegate: Layers,
  agent: Network,
  other: Wrench,
} as const

/** One quiet line for a tool call; its result is behind it. */
export const ToolLine = memo(function ToolLine({ item }: { readonly item: ToolCall }) {
  const t = useTranslate()
  const [open, setOpen] = useState(false)
  const { kind, text, count } = describeTool(item, t)
  const Icon = icons[kind]
  const note = item.status === 'completed' ? count : t(toolNotes[item.status])
  return (
    <div>
      <button
        type="button"
        aria-expanded={open}
        disabled={item.output === ''}
        onClick={() => setOpen(!open)}
        className="group flex h-6 w-full min-w-0 items-center gap-1.5 rounded-sm text-left text-n10 enabled:hover:text-n12"
      >
        <Icon size={13} aria-hidden className="shrink-0" />
        <span className="truncate">{text}</span>
        {note && <span className={cx('shrink-0', item.status === 'failed' && 'text-danger')}>· {note}</span>}
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
        <pre className="mt-1 max-h-60 overflow-auto rounded-md border border-n6 bg-n3 px-3 py-2 text-n11 leading-[18px]">
          {item.output}
        </pre>
      )}
    </div>
  )
})

const toolNotes = {
  streaming: 'tool.running',
  running: 'tool.running',
  failed: 'tool.failed',
  interrupted: 'tool.interrupted',
} as const
