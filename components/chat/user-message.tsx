import { CornerDownRight } from 'lucide-react'
import { memo } from 'react'
import type { Item } from '../../core/protocol/item.ts'
import { useLanguage, useTranslate } from '../workbench/use-translate.ts'
import { MentionChip } from './mention-chip.tsx'

/** What the person said, and where they were when they said it. */
export const UserMessage = memo(function UserMessage(props: {
  readonly item: Extract<Item, { type: 'userMessage' }>
}) {
  const t = useTranslate()
  const language = useLanguage()
  const { kind, text, context, at, guest } = props.item
  const place = context?.activePath
  const lines = context?.selection
  const mentions = context?.mentions ?? []
  return (
    <div
      title={new Date(at).toLocaleString(language)}
      className="rounded-md border border-n6 bg-n4 px-3 py-2 text-n12"
    >
      <h3
        className={
          guest && kind === 'prompt'
            ? 'mb-0.5 text-n10 text-small'
            : kind === 'redirect'
              ? 'mb-0.5 flex items-center gap-1 text-attention text-small'
              : 'sr-only'
        }
      >
        {kind === 'redirect' && <CornerDownRight size={12} aria-hidden />}
        {guest && t('guest.said', { name: guest.name })}
        {guest && kind === 'redirect' && ' · '}
        {(!guest || kind === 'redirect') && t(kind === 'redirect' ? 'message.redirect' : 'message.you')}
      </h3>
      <p className="whitespace-pre-wrap break-words">{text}</p>
      {mentions.length > 0 && (
        <ul aria-label={t('mention.chips')} className="mt-1.5 flex flex-wrap gap-1">
          {mentions.map((mention, index) => (
            <li key={index} className="min-w-0 max-w-full">
              <MentionChip mention={mention} />
            </li>
          ))}
        </ul>
      )}
      {place && lines && (
        <p className="mt-1 truncate text-n10 text-small">
          {t('message.at', { path: place, from: lines.startLine, to: lines.endLine })}
        </p>
      )}
    </div>
  )
})
