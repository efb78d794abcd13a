import { useEffect, useRef } from 'react'
import type { InlineField as Field, InlineTake } from '../../client/store/inline-field.ts'
import { saidInstead } from '../../client/store/inline-field.ts'
import { cx } from '../ui/cx.ts'
import { KeyHint } from '../ui/key-hint.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** What two models make of one prompt, beside each other; the one that is chosen stands in the file. */
export function InlineTakes(props: { readonly field: Field; readonly onPick: (index: number) => void }) {
  const { field, onPick } = props
  const t = useTranslate()
  if (field.takes.length === 0) return null
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring its own look
    <div
      role="group"
      aria-label={t('inline.takes')}
      className="grid grid-cols-2 gap-1.5 border-n6 border-t p-1.5 max-sm:grid-cols-1"
    >
      {field.takes.map((take, index) => (
        <Take
          key={take.modelId}
          take={take}
          index={index}
          chosen={index === field.picked}
          inFile={take.threadId === field.threadId}
          onPick={() => onPick(index)}
        />
      ))}
    </div>
  )
}

function Take(props: {
  readonly take: InlineTake
  readonly index: number
  /** It is to stand in the file. */
  readonly chosen: boolean
  readonly inFile: boolean
  readonly onPick: () => void
}) {
  const { take, index, chosen, inFile, onPick } = props
  const t = useTranslate()
  const name = useWorkbench(
    ({ models }) => models.find(({ id }) => id === take.modelId)?.name ?? take.modelId,
  )
  const thread = useWorkbench((state) => state.inlineThreads.find(({ id }) => id === take.threadId))
  const { failure, answer } = saidInstead(thread)
  const code = useRef<HTMLElement>(null)
  const isWriting = take.phase === 'writing'
  // What was written last stays in view.
  useEffect(() => {
    if (isWriting && take.text !== '') code.current?.scrollTo({ top: code.current.scrollHeight })
  }, [isWriting, take.text])
  const words = failure
    ? t(`failure.${failure}`)
    : take.brokeOff
      ? t('inline.takeLost')
      : answer === ''
        ? t('inline.noEdit')
        : answer
  return (
    <button
      type="button"
      aria-pressed={chosen}
      disabled={take.phase === 'nothing'}
      onClick={onPick}
      className={cx(
        'flex min-w-0 flex-col gap-1 rounded-md border p-1.5 text-left transition-colors',
        chosen ? 'border-accent bg-n3' : 'border-n6 bg-n1 hover:border-n8',
      )}
    >
      <span className="flex items-center gap-1.5 text-small">
        <KeyHint>{index + 1}</KeyHint>
        <span className="min-w-0 truncate text-n12">{name}</span>
        <span className="flex-1" />
        {isWriting && <span className="shrink-0 text-author-1">{t('inline.takeWriting')}</span>}
        {chosen && (
          <span className="shrink-0 text-accent">{t(inFile ? 'inline.inFile' : 'inline.willBeInFile')}</span>
        )}
      </span>
      {take.phase !== 'nothing' ? (
        // Its height is there from the start: the lines below stay where they are while it grows.
        <code ref={code} className="h-20 w-full overflow-auto whitespace-pre font-mono text-n11">
          {take.text === '' && !isWriting ? t('inline.onlyRemoved') : take.text}
        </code>
      ) : (
        <span className="text-attention text-small">{words}</span>
      )}
      {take.phase === 'wrote' && take.brokeOff && (
        <span className="text-attention text-small">
          {t(take.brokeOff === 'outputLimit' ? 'inline.takeAtLimit' : 'inline.takeBrokeOff')}
        </span>
      )}
    </button>
  )
}
