import type { ErrorCode } from '../../core/protocol/errors.ts'
import type { ThreadId, TurnId } from '../../core/protocol/ids.ts'
import type { InlinePlace, PromptContext } from '../../core/protocol/item.ts'
import type { ModelFailureCode } from '../../core/protocol/model.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { hunksToReview } from '../../core/state/review.ts'
import type { DocumentStatus } from '../editor/document-replica.ts'
import { isRunning } from './selectors.ts'

/** What one of several models makes of the same prompt; at most one of them stands in the file. */
export interface InlineTake {
  readonly modelId: string
  /** Both known once its prompt has arrived. */
  readonly threadId: ThreadId | undefined
  readonly turnId: TurnId | undefined
  readonly phase: 'writing' | 'wrote' | 'nothing'
  /** What it wrote in this file, or would write, as far as it has come. */
  readonly text: string
  /** It came to an end before its time; what it had finished is all there is. */
  readonly brokeOff: ModelFailureCode | 'interrupted' | undefined
}

/** A field in which an edit in place is asked for. */
export interface InlineField {
  /** What is written and not sent. */
  readonly text: string
  /** Begun with the first prompt. */
  readonly threadId: ThreadId | undefined
  /** The prompt sent last. */
  readonly asked: string
  /** A prompt is on its way, or what it wrote is on its way out. */
  readonly busy: 'asking' | 'stopping' | 'picking' | undefined
  /** Two models write. */
  readonly comparing: boolean
  readonly takes: readonly InlineTake[]
  /** Which of them is to stand in the file. */
  readonly picked: number
  /** Why the last prompt did not arrive. */
  readonly refusal: ErrorCode | 'noModel' | undefined
  /** Rises each time the field is asked to take the focus. */
  readonly focus: number
}

/** The fields as those see them who bring prompts on their way. */
export interface InlineFields {
  of(path: string): InlineField | undefined
  /** One that an earlier page had. */
  open(path: string, changes: Partial<InlineField>): void
  /** Nothing, when it is closed. */
  patch(path: string, changes: Partial<InlineField>): void
  /** Words that came to nothing are the person's again, unless they wrote others meanwhile. */
  giveBack(path: string, words: string): void
}

/** Where an edit is to be. */
export interface InlineAsk {
  readonly places: readonly InlinePlace[]
  readonly cursor: PromptContext['cursor']
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
  return {
    phase: phaseOf(field, turn, hunks.length > 0),
    ...saidInstead(thread),
    added: hunks.reduce((sum, { hunk }) => sum + hunk.addedLines, 0),
    removed: hunks.reduce((sum, { hunk }) => sum + hunk.removedLines, 0),
    paths: [...new Set(hunks.map(({ path }) => path))],
  }
}

/** What the last turn came to where it is no edit. */
export function saidInstead(thread: ThreadState | undefined): Pick<InlineEdit, 'failure' | 'answer'> {
  const turn = thread?.turns.at(-1)
  const said = turn?.items.flatMap((item) => (item.type === 'agentMessage' ? [item.text.trim()] : [])) ?? []
  return { failure: turn?.failure?.code, answer: said.filter((text) => text !== '').join('\n') }
}

function phaseOf(
  field: InlineField,
  turn: ThreadState['turns'][number] | undefined,
  stands: boolean,
): InlineEdit['phase'] {
  if (field.busy === 'picking') return 'written'
  if (field.busy || field.comparing) return 'writing'
  // An answer that was lost on its way says nothing of the prompt: the thread does.
  if (turn && isRunning(turn)) return 'writing'
  if (field.refusal) return 'failed'
  if (!turn) return 'asking'
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
