import type { ThreadState } from '../protocol/thread.ts'
import { hunksToReview, type ReviewHunk } from '../state/review.ts'

/** Of more changes only the number is told. */
const toldAtMost = 40

/** What people undid of the model's work since it was asked last, in words for it. */
export function reviewNote(thread: ThreadState): string | undefined {
  const { untold } = thread
  if (!untold) return undefined
  const entries = hunksToReview(thread)
  const of = (what: 'undone' | 'broughtBack') => entries.filter(({ hunk }) => untold[hunk.id] === what)
  const parts = [
    list('The person undid these changes of yours; do not make them again unless asked:', of('undone')),
    list('The person brought these changes of yours back:', of('broughtBack')),
  ].filter((part) => part !== undefined)
  return parts.length > 0 ? parts.join('\n') : undefined
}

function list(heading: string, entries: readonly ReviewHunk[]): string | undefined {
  if (entries.length === 0) return undefined
  const lines = entries.slice(0, toldAtMost).map(({ path, hunk }) => {
    const { startLine, addedLines, removedLines } = hunk
    return `- ${path}, written at line ${startLine} (+${addedLines} −${removedLines} lines)`
  })
  const more = entries.length - lines.length
  return [heading, ...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n')
}
