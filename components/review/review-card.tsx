import { useRef } from 'react'
import { modelName } from '../../client/store/selectors.ts'
import type { ReviewHunk } from '../../core/state/review.ts'
import { riskOf } from '../../core/state/review-order.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { HunkDiff } from './hunk-diff.tsx'
import type { HunkText } from './use-hunk-text.ts'

/** One change: where it is, why it deserves a look, how it stands, and what it does. */
export function ReviewCard(props: {
  readonly entry: ReviewHunk
  readonly now: HunkText | 'missing' | undefined
  readonly sideBySide: boolean
  readonly ignoreWhitespace: boolean
}) {
  const t = useTranslate()
  const { entry, now, sideBySide, ignoreWhitespace } = props
  const { path, file, hunk, state } = entry
  const scroller = useRef<HTMLDivElement>(null)
  const isThere = typeof now === 'object'
  return (
    <article aria-label={`${path}:${hunk.startLine}`} className="flex min-h-0 flex-1 flex-col">
      <p className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-n6 border-b px-4 py-2">
        <span className="min-w-0 truncate text-n12 max-sm:basis-full" title={path}>
          {path}
        </span>
        <span className="tabular text-n10">
          {t('review.line', { line: isThere ? now.line : hunk.startLine })}
        </span>
        <span className="tabular text-small">
          <span className="text-added">+{hunk.addedLines}</span>{' '}
          <span className="text-removed">−{hunk.removedLines}</span>
        </span>
        <span className="flex-1" />
        <span className="text-n10 text-small">{t(`review.risk.${riskOf(entry)}`)}</span>
        <output className={state === 'unreviewed' ? 'text-attention' : 'text-n11'}>
          {t(`review.state.${state}`)}
        </output>
      </p>
      {entry.correction && <Correction {...entry.correction} />}
      <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto contain-strict">
        {isThere && (
          <HunkDiff
            // Undone there is nothing to compare: what stands there is what stood there.
            removed={state === 'undone' ? now.text : hunk.removedText}
            now={now}
            sideBySide={sideBySide}
            ignoreWhitespace={ignoreWhitespace}
            scroller={scroller}
          />
        )}
        {now === 'missing' && (
          <>
            <p className="px-4 py-3 text-n10">
              {t(file.kind === 'delete' ? 'review.deleted' : 'review.missing')}
            </p>
            {hunk.removedText !== '' && (
              <pre className="overflow-x-auto bg-removed-soft px-4 py-2 font-mono">{hunk.removedText}</pre>
            )}
          </>
        )}
      </div>
    </article>
  )
}

/** It corrects what another model wrote. */
function Correction({ by, reason }: NonNullable<ReviewHunk['correction']>) {
  const t = useTranslate()
  const model = useWorkbench((state) => modelName(state, by))
  return (
    <p className="shrink-0 break-words border-n6 border-b px-4 py-2 text-n11">
      {t('check.by', { model })}
      {reason !== '' && `: ${reason}`}
    </p>
  )
}
