import { X } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { pastesOf } from '../../client/store/context-slice.ts'
import type { Mention } from '../../core/protocol/item.ts'
import { IconButton } from '../ui/button.tsx'
import { formatCount } from '../workbench/format.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useLanguage, useTranslate } from '../workbench/use-translate.ts'
import { MentionChip } from './mention-chip.tsx'
import { PasteChip } from './paste-chip.tsx'

/** What goes along with the message as it is typed, and about what all of it weighs. */
export function Attachments(props: {
  readonly text: string
  /** The path the person left out. */
  readonly without: string | undefined
  /** What goes along unasked, in one row with the weight: that comes when one writes, and must move nothing. */
  readonly children: ReactNode
}) {
  const t = useTranslate()
  const language = useLanguage()
  const withContext = useWorkbench(
    (state) => props.without === undefined || props.without !== state.activePath,
  )
  const pastes = useWorkbench(pastesOf)
  const removePastes = useWorkbench((state) => state.removePastes)
  const { mentions, tokens } = useWeight(props.text, withContext)
  return (
    <>
      <div className="flex items-start gap-2 px-2 pt-2 empty:hidden">
        {props.children}
        {tokens !== undefined && (
          <p className="tabular ml-auto flex h-6 shrink-0 items-center text-n10 text-small">
            {t('mention.tokens', { count: formatCount(tokens, language) })}
          </p>
        )}
      </div>
      {(mentions.length > 0 || pastes.length > 0) && (
        <ul aria-label={t('mention.chips')} className="flex flex-wrap items-start gap-1 px-2 pt-1.5">
          {mentions.map((mention) => (
            <li key={JSON.stringify(mention)} className="min-w-0">
              <MentionChip mention={mention} />
            </li>
          ))}
          {pastes.map(({ id, text: pasted }) => (
            <li key={id} className="min-w-0 max-w-full">
              <PasteChip text={pasted}>
                <IconButton
                  label={t('mention.removePaste')}
                  onClick={() => removePastes([id])}
                  className="size-5!"
                >
                  <X size={11} aria-hidden />
                </IconButton>
              </PasteChip>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

const restMs = 250

/** Asked for when the person rests: a request per key would be for nothing. */
function useWeight(text: string, withContext: boolean) {
  const find = useWorkbench((state) => state.findMentions)
  const weigh = useWorkbench((state) => state.weighPrompt)
  const pastes = useWorkbench(pastesOf)
  const [mentions, setMentions] = useState<readonly Mention[]>([])
  const [tokens, setTokens] = useState<number>()
  const isEmpty = text.trim() === '' && pastes.length === 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: a paste weighs too.
  useEffect(() => {
    if (isEmpty) {
      setMentions([])
      setTokens(undefined)
      return
    }
    let current = true
    const timer = setTimeout(() => {
      Promise.all([find(text), weigh(text, withContext)]).then(([found, weight]) => {
        if (!current) return
        setMentions(found)
        setTokens(weight)
      })
    }, restMs)
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [text, withContext, isEmpty, pastes, find, weigh])
  return { mentions, tokens }
}
