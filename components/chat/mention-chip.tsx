import { AtSign } from 'lucide-react'
import type { Mention } from '../../core/protocol/item.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { PasteChip } from './paste-chip.tsx'

/** One thing a message points at. */
export function MentionChip({ mention }: { readonly mention: Mention }) {
  const t = useTranslate()
  const threads = useWorkbench((state) => state.threads)
  if (mention.kind === 'paste') return <PasteChip text={mention.text} />
  const what = () => {
    switch (mention.kind) {
      case 'file':
        return mention.startLine === undefined
          ? mention.path
          : `${mention.path}:${mention.startLine}–${mention.endLine ?? mention.startLine}`
      case 'folder':
        return `${mention.path}/`
      case 'symbol':
        return mention.name
      case 'selection':
        return `${mention.path}:${mention.startLine}–${mention.endLine}`
      case 'thread':
        return threads.find(({ id }) => id === mention.threadId)?.title ?? t('mention.thread')
      default:
        return t(`mention.${mention.kind}`)
    }
  }
  return (
    <span
      title={what()}
      className="flex h-6 min-w-0 items-center gap-1 rounded-sm border border-n6 bg-n4 px-1.5 text-n11 text-small"
    >
      <AtSign size={11} aria-hidden className="shrink-0 text-n10" />
      <span className="tabular truncate">{what()}</span>
    </span>
  )
}
