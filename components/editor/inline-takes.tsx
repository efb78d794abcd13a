import type { InlineField as Field, InlineTake } from '../../client/store/inline-field.ts'
import { saidInstead } from '../../client/store/inline-field.ts'
import { cx } from '../ui/cx.ts'
import { Kbd } from '../ui/tooltip.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** What two models made of one prompt, beside each other; the one that is chosen stands in the file. */
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
          key={take.threadId}
          take={take}
          index={index}
          chosen={take.threadId === field.threadId}
          onPick={() => onPick(index)}
        />
      ))}
    </div>
  )
}

function Take(props: {
  readonly take: InlineTake
  readonly index: number
  readonly chosen: boolean
  readonly onPick: () => void
}) {
  const { take, index, chosen, onPick } = props
  const t = useTranslate()
  const name = useWorkbench(
    ({ models }) => models.find(({ id }) => id === take.modelId)?.name ?? take.modelId,
  )
  const thread = useWorkbench((state) => state.inlineThreads.find(({ id }) => id === take.threadId))
  const { failure, answer } = saidInstead(thread)
  const words = failure ? t(`failure.${failure}`) : answer === '' ? t('inline.noEdit') : answer
  return (
    <button
      type="button"
      aria-pressed={chosen}
      disabled={!take.wrote}
      onClick={onPick}
      className={cx(
        'flex min-w-0 flex-col gap-1 rounded-md border p-1.5 text-left transition-colors',
        chosen ? 'border-accent bg-n3' : 'border-n6 bg-n1 hover:border-n8',
      )}
    >
      <span className="flex items-center gap-1.5 text-small">
        <Kbd>{index + 1}</Kbd>
        <span className="min-w-0 truncate text-n12">{name}</span>
        <span className="flex-1" />
        <span className={chosen ? 'text-accent' : 'text-n10'}>{chosen && t('inline.inFile')}</span>
      </span>
      {take.wrote ? (
        <code className="max-h-40 max-sm:max-h-24 overflow-auto whitespace-pre font-mono text-n11">
          {take.text === '' ? t('inline.onlyRemoved') : take.text}
        </code>
      ) : (
        <span className="text-attention text-small">{words}</span>
      )}
    </button>
  )
}
