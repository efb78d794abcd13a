import type { ThreadState } from '../protocol/thread.ts'
import type { Turn } from '../protocol/turn.ts'
import { hunksToReview, type ReviewHunk } from '../state/review.ts'

/** Of more changes, or files of one turn, only the number is told. */
const toldAtMost = 40
const filesAtMost = 20
const promptChars = 80

type What = NonNullable<ThreadState['untold']>[keyof NonNullable<ThreadState['untold']>]

/** What people undid of the model's work since it was asked last, and what it does not see of it, in words for it. */
export function reviewNote(thread: ThreadState): string | undefined {
  const parts = [
    unseen(thread),
    list('The person undid these changes of yours; do not make them again unless asked:', thread, 'undone'),
    list('The person brought these changes of yours back:', thread, 'broughtBack'),
  ].filter((part) => part !== undefined)
  return parts.length > 0 ? parts.join('\n') : undefined
}

/** Files stand as turns left them that are in the conversation no more. */
function unseen(thread: ThreadState): string | undefined {
  const left = (thread.rewound ?? []).flatMap(({ what, turns, rerun }) =>
    // The turn that ran again was told.
    what === 'conversation' && rerun === undefined ? turns : [],
  )
  const hunks = hunksToReview({ ...thread, turns: left }).filter(({ state }) => state !== 'undone')
  const paths = [...new Set(hunks.map(({ path }) => path))]
  if (paths.length === 0) return undefined
  const more = paths.length - toldAtMost
  const named = [...paths.slice(0, toldAtMost), ...(more > 0 ? [`and ${more} more`] : [])].join(', ')
  return `The person went back in the conversation, not in the files. These hold changes that you do not see here; read them before you edit them: ${named}`
}

/** Whole turns by their prompt and files, other changes one by one. */
function list(heading: string, thread: ThreadState, what: What): string | undefined {
  // Most of the time; a long thread has thousands of changes.
  if (!Object.values(thread.untold ?? {}).includes(what)) return undefined
  const lines = thread.turns.flatMap((turn) => {
    const all = hunksToReview({ ...thread, turns: [turn] })
    const told = all.filter(({ hunk }) => thread.untold?.[hunk.id] === what)
    if (told.length === 0) return []
    const isWhole =
      what === 'undone'
        ? turn.undone !== undefined && all.every(({ state }) => state === 'undone')
        : turn.undone === undefined && told.length === all.length
    return isWhole && told.length > 1 ? [wholeTurn(turn, told)] : told.map(oneChange)
  })
  if (lines.length === 0) return undefined
  const more = lines.length - toldAtMost
  return [heading, ...lines.slice(0, toldAtMost), ...(more > 0 ? [`- and ${more} more`] : [])].join('\n')
}

function oneChange({ path, hunk }: ReviewHunk): string {
  const { startLine, addedLines, removedLines } = hunk
  return `- ${path}, written at line ${startLine} (+${addedLines} −${removedLines} lines)`
}

function wholeTurn(turn: Turn, entries: readonly ReviewHunk[]): string {
  const byPath = new Map<string, { added: number; removed: number }>()
  for (const { path, hunk } of entries) {
    const { added, removed } = byPath.get(path) ?? { added: 0, removed: 0 }
    byPath.set(path, { added: added + hunk.addedLines, removed: removed + hunk.removedLines })
  }
  const files = [...byPath].map(([path, { added, removed }]) => `${path} (+${added} −${removed} lines)`)
  const more = files.length - filesAtMost
  const named = [...files.slice(0, filesAtMost), ...(more > 0 ? [`and ${more} more files`] : [])].join(', ')
  const asked = turn.items.find((item) => item.type === 'userMessage')
  const words = (asked?.text ?? '').replace(/\s+/g, ' ').trim()
  const prompt = words.length > promptChars ? `${words.slice(0, promptChars).toWellFormed()}…` : words
  return `- all you changed in answer to ${JSON.stringify(prompt)}: ${named}`
}
