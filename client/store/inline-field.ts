import type { ErrorCode } from '../../core/protocol/errors.ts'
import type { ThreadId } from '../../core/protocol/ids.ts'
import type { ModelFailureCode } from '../../core/protocol/model.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { hunksToReview } from '../../core/state/review.ts'
import type { DocumentStatus } from '../editor/document-replica.ts'
import { isRunning } from './selectors.ts'

/** A field in which an edit in place is asked for. */
export interface InlineField {
  /** What is written and not sent. */
  readonly text: string
  /** Begun with the first prompt. */
  readonly threadId: ThreadId | undefined
  /** The prompt sent last. */
  readonly asked: string
  /** A prompt is on its way, or what it wrote is on its way out. */
  readonly busy: 'asking' | 'stopping' | undefined
  /** Why the last prompt did not arrive. */
  readonly refusal: ErrorCode | 'noModel' | undefined
  /** Rises each time the field is asked to take the focus. */
  readonly focus: number
}

/** How an edit in place stands, as its field shows it. */
export interface InlineEdit {
  readonly phase: 'asking' | 'writing' | 'written' | 'answered' | 'failed'
  /** Of the model; while it is `writing` it tries again. */
  readonly failure: ModelFailureCode | undefined
  /** What it said instead of an edit. */
  readonly answer: string
  /** What stands and nobody has judged. */
  readonly added: number
  readonly removed: number
  readonly paths: readonly string[]
}

export function inlineEditOf(field: InlineField, thread: ThreadState | undefined): InlineEdit {
  const turn = thread?.turns.at(-1)
  const hunks = (thread ? hunksToReview(thread) : []).filter(({ state }) => state === 'unreviewed')
  const said = turn?.items.flatMap((item) => (item.type === 'agentMessage' ? [item.text.trim()] : [])) ?? []
  return {
    phase: phaseOf(field, turn, hunks.length > 0),
    failure: turn?.failure?.code,
    answer: said.filter((text) => text !== '').join('\n'),
    added: hunks.reduce((sum, { hunk }) => sum + hunk.addedLines, 0),
    removed: hunks.reduce((sum, { hunk }) => sum + hunk.removedLines, 0),
    paths: [...new Set(hunks.map(({ path }) => path))],
  }
}

function phaseOf(
  field: InlineField,
  turn: ThreadState['turns'][number] | undefined,
  stands: boolean,
): InlineEdit['phase'] {
  if (field.busy) return 'writing'
  if (field.refusal) return 'failed'
  if (!turn) return 'asking'
  if (isRunning(turn)) return 'writing'
  if (turn.status === 'failed') return 'failed'
  if (stands) return 'written'
  const wrote = turn.items.some((item) => item.type === 'fileChange' && item.status === 'completed')
  return turn.status === 'completed' && !wrote ? 'answered' : 'asking'
}

/** The active file can be written in. */
export function canEditInPlace(state: {
  readonly activePath: string | undefined
  readonly documents: Readonly<Record<string, DocumentStatus>>
}): boolean {
  const status = state.activePath === undefined ? undefined : state.documents[state.activePath]
  return status?.phase === 'text' && !status.readOnly
}
