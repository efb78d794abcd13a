import type { MessageParams, Translate } from '../../client/i18n/messages.ts'
import { clipped } from '../../core/lib/clipped.ts'
import { fenced } from '../../core/lib/fenced.ts'
import type { ReviewHunk } from '../../core/state/review.ts'
import type { HunkText } from './use-hunk-text.ts'

/** Of a hunk's text this much goes to the model, and of what it removed the same, in UTF-16 code units. */
const quotedAtMost = 6000

/** Words about one change with its place, what it removed and what stands there now; nothing is quoted from a place that is gone. */
export function aboutHunk(t: Translate, entry: ReviewHunk, now: HunkText | 'missing', words: string): string {
  const { path, file, hunk, state } = entry
  const quote = (text: string) => fenced(clipped(text, quotedAtMost))
  const removed = hunk.removedText === '' ? [] : [t('review.aboutRemoved'), quote(hunk.removedText)]
  const parts = (heading: Parameters<Translate>[0], params: MessageParams, rest: readonly string[]) =>
    [t(heading, params), ...rest, words].join('\n\n')
  if (now === 'missing') {
    const isDeleted = file.kind === 'delete' && state !== 'undone'
    return parts(
      isDeleted ? 'review.aboutDeleted' : 'review.aboutGone',
      { path, line: hunk.startLine },
      removed,
    )
  }
  const from = now.line
  if (now.text === '') return parts('review.aboutEmpty', { path, line: from }, removed)
  const to = from + now.text.replace(/\n$/, '').split('\n').length - 1
  if (state === 'undone') return parts('review.aboutUndone', { path, from, to }, [quote(now.text)])
  return parts('review.commentOn', { path, from, to }, [quote(now.text), ...removed])
}
