import { Check, Clock, CornerDownRight, ListPlus, Undo2 } from 'lucide-react'
import { memo, useRef } from 'react'
import type { TurnId } from '../../core/protocol/ids.ts'
import type { Item } from '../../core/protocol/item.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useLanguage, useTranslate } from '../workbench/use-translate.ts'
import { CodeBlock } from './code-block.tsx'
import { EditButton } from './edit-button.tsx'
import { MentionChip } from './mention-chip.tsx'
import { PinButton } from './pin-button.tsx'
import { PromptEditor } from './prompt-editor.tsx'
import { emptySplit, splitBlocks } from './split-blocks.ts'

type UserItem = Extract<Item, { type: 'userMessage' }>

/** What the person said, and where they were when they said it. */
export const UserMessage = memo(function UserMessage(props: {
  readonly item: UserItem
  readonly turnId: TurnId
}) {
  const t = useTranslate()
  const language = useLanguage()
  const { item, turnId } = props
  const { id, kind, text, context, at, guest, job } = item
  const edited = useWorkbench(({ editing }) => (editing?.turnId === turnId ? editing.text : undefined))
  const takesFocus = useRef(false)
  const place = context?.activePath
  const lines = context?.selection
  const mentions = context?.mentions ?? []
  if (kind === 'prompt' && edited !== undefined) {
    takesFocus.current = true
    return <PromptEditor turnId={turnId} text={edited} />
  }
  return (
    <div
      title={new Date(at).toLocaleString(language)}
      className="group relative rounded-md border border-n6 bg-n4 px-3 py-2 text-n12"
    >
      {kind === 'prompt' && !job && <EditButton turnId={turnId} text={text} takesFocus={takesFocus} />}
      <PinButton itemId={id} beside={kind === 'prompt'} />
      {kind === 'steer' ? (
        <SteerHeading item={item} />
      ) : (
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
      )}
      {context?.from !== undefined && (
        <p className="mb-1 truncate text-n10 text-small">{t('from.chip', { line: context.from })}</p>
      )}
      {/* A long one leaves room for its answer. */}
      <div className="max-h-80 overflow-y-auto whitespace-pre-wrap break-words">
        {job ? t('jobs.fromJob', { title: job.title }) : <SaidText text={text} />}
      </div>
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

const steerMarks = {
  accepted: { Icon: Clock, tone: 'text-n10' },
  applied: { Icon: Check, tone: 'text-n10' },
  returned: { Icon: Undo2, tone: 'text-attention' },
} as const

/** How far the words have come, in one line where there is room. */
/** As it was typed, and code between fences as code. */
function SaidText({ text }: { readonly text: string }) {
  const { blocks } = splitBlocks(emptySplit, text)
  if (!blocks.some(({ kind }) => kind === 'code')) return text
  return (
    <div className="space-y-2">
      {blocks.map((block) =>
        block.kind === 'code' ? (
          <CodeBlock key={block.start} language={block.language} code={block.code} closed />
        ) : (
          <p key={block.start}>{block.text}</p>
        ),
      )}
    </div>
  )
}

function SteerHeading({ item }: { readonly item: UserItem }) {
  const t = useTranslate()
  const giveBack = useWorkbench((page) => page.giveBack)
  const threadId = useWorkbench((page) => page.threadId)
  const { text, guest, state = 'applied' } = item
  const mine = useWorkbench((page) => page.guest?.linkId === guest?.linkId)
  const { Icon, tone } = steerMarks[state]
  return (
    <div className="mb-0.5 flex min-h-4 flex-wrap items-center gap-x-2 whitespace-nowrap text-small">
      <h3 className="flex items-center gap-1 text-n10">
        <ListPlus size={12} aria-hidden />
        {guest ? t('guest.said', { name: guest.name }) : t('steer.title')}
      </h3>
      <span role="status" className={`flex items-center gap-1 ${tone}`}>
        <Icon size={12} aria-hidden />
        {t(`steer.${state}`)}
      </span>
      {state === 'returned' && mine && (
        <button
          type="button"
          className="hit ml-auto text-accent hover:underline"
          onClick={() => giveBack(text, threadId)}
        >
          {t('steer.takeBack')}
        </button>
      )}
    </div>
  )
}
