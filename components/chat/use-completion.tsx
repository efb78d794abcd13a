import {
  type AtSign,
  FileCode2,
  Folder,
  GitCompare,
  Hash,
  MessageSquare,
  TextSelect,
  TriangleAlert,
} from 'lucide-react'
import { type KeyboardEvent, type RefObject, useEffect, useId, useState } from 'react'
import type { MessageKey } from '../../client/i18n/messages.ts'
import type { Completion } from '../../client/store/context-slice.ts'
import { slashCommands } from '../../client/store/slash-commands.ts'
import { wordToComplete } from '../../core/tools/mentions.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { CompletionList, type CompletionRow } from './completion-list.tsx'

const icons: Record<Completion['kind'], typeof AtSign> = {
  file: FileCode2,
  folder: Folder,
  symbol: Hash,
  thread: MessageSquare,
  selection: TextSelect,
  problems: TriangleAlert,
  changes: GitCompare,
}

const choosing: Partial<Record<Completion['kind'], MessageKey>> = {
  thread: 'mention.choose.thread',
  file: 'mention.choose.file',
  folder: 'mention.choose.folder',
  symbol: 'mention.choose.symbol',
}

type Row = CompletionRow & Pick<Completion, 'insert' | 'opens'>

/** Completes mentions and commands in the message field. */
export function useCompletion(options: {
  readonly field: RefObject<HTMLTextAreaElement | null>
  readonly text: string
  readonly write: (text: string) => void
}) {
  const { field, text, write } = options
  const t = useTranslate()
  const id = useId()
  const complete = useWorkbench((state) => state.completeMention)
  const [caret, setCaret] = useState(0)
  const [active, setActive] = useState(0)
  const [dismissed, setDismissed] = useState<string>()
  const [found, setFound] = useState<readonly Completion[]>([])
  const word = wordToComplete(text, Math.min(caret, text.length))
  const key = word && `${word.sign}${word.from}`
  const query = word?.query ?? ''
  const asks = word?.sign === '@'

  // biome-ignore lint/correctness/useExhaustiveDependencies: another word begins at the top again.
  useEffect(() => setActive(0), [key, query])
  useEffect(() => {
    if (key === undefined) setDismissed(undefined)
  }, [key])
  useEffect(() => {
    if (!asks) {
      setFound([])
      return
    }
    let current = true
    complete(query).then((completions) => {
      if (current) setFound(completions)
    })
    return () => {
      current = false
    }
  }, [asks, query, complete])

  const rows = word?.sign === '/' ? slashRows(query) : found.map(mentionRow)
  const isOpen = word !== undefined && key !== dismissed && rows.length > 0

  function slashRows(typed: string): readonly Row[] {
    return slashCommands
      .filter(({ name, aliases = [] }) =>
        [name, ...aliases].some((word) => word.startsWith(typed.toLowerCase())),
      )
      .map(({ name, help, argument }) => ({
        key: name,
        insert: `/${name}`,
        label: argument ? `/${name} ${t(argument)}` : `/${name}`,
        detail: t(help),
      }))
  }

  function mentionRow({ kind, insert, label, detail, opens }: Completion): Row {
    const Icon = icons[kind]
    const shown = (
      <>
        <Icon size={13} aria-hidden className="text-n10" />
        {label}
      </>
    )
    const what = t((opens && choosing[kind]) ?? `mention.${kind}`)
    return {
      key: insert,
      insert,
      label: shown,
      detail: detail === '' ? what : detail,
      ...(opens && { opens }),
    }
  }

  const choose = (index: number) => {
    const row = rows[index]
    if (!row || !word) return
    const rest = text.slice(caret)
    const written = `${row.insert}${row.opens || rest.startsWith(' ') ? '' : ' '}`
    write(`${text.slice(0, word.from)}${written}${rest}`)
    const end = word.from + written.length
    setCaret(end)
    // React sets the text first; the caret would else jump to its end.
    requestAnimationFrame(() => field.current?.setSelectionRange(end, end))
  }

  /** True when the key was the list's. */
  const onKeyDown = (event: KeyboardEvent): boolean => {
    if (!isOpen || event.metaKey || event.ctrlKey || event.altKey || event.shiftKey) return false
    const typed = text.slice(word.from, caret)
    // A command that is whole is run, and a mention that is whole is sent.
    const isWhole = rows.some(({ insert }) => insert.slice(1) === typed.slice(1))
    switch (event.key) {
      case 'ArrowDown':
        setActive((active + 1) % rows.length)
        break
      case 'ArrowUp':
        setActive((active + rows.length - 1) % rows.length)
        break
      case 'Enter':
        if (isWhole) return false
        choose(active)
        break
      case 'Tab':
        choose(active)
        break
      case 'Escape':
        // The key would else stop the model.
        event.stopPropagation()
        event.nativeEvent.stopPropagation()
        setDismissed(key)
        break
      default:
        return false
    }
    event.preventDefault()
    return true
  }

  const list = isOpen && (
    <CompletionList
      id={id}
      label={t(word.sign === '/' ? 'slash.list' : 'mention.list')}
      rows={rows}
      active={Math.min(active, rows.length - 1)}
      onChoose={choose}
    />
  )
  const fieldProps = {
    'aria-autocomplete': 'list',
    'aria-controls': isOpen ? id : undefined,
    'aria-activedescendant': isOpen ? `${id}-${Math.min(active, rows.length - 1)}` : undefined,
    onSelect: () => setCaret(field.current?.selectionStart ?? 0),
    // Text that no key wrote, as an input method's, selects nothing.
    onInput: () => setCaret(field.current?.selectionStart ?? 0),
    onBlur: () => setDismissed(key),
  } as const
  return { list, fieldProps, onKeyDown }
}
