import type { ThreadId } from '../../core/protocol/ids.ts'
import type { ModelDescription } from '../../core/protocol/model.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { Runner } from '../sandbox/runner.ts'
import type { ApprovalRules } from './approval-rules.ts'
import type { Guidance } from './guidance.ts'
import type { RunnerDeps } from './turn-runner.ts'

/** What a thread needs of the server. */
export interface RuntimeDeps extends RunnerDeps {
  /** Where commands run. */
  readonly runner: Runner
  readonly rules: ApprovalRules
  readonly guidance: Guidance
  /** A turn is over; `stored` settles when the log has all of it. */
  readonly onSettled: (thread: ThreadState, stored: Promise<void>) => void
  /** Who writes the summaries of a thread. */
  readonly summaryModel: (thread: ThreadState) => Promise<ModelDescription>
  /** Another thread, as it is. */
  readonly readThread: (id: ThreadId) => Promise<ThreadState>
  /** Of a job that waits for a place: what is said to it waits too. */
  readonly isHeld?: () => boolean
  /** Of a job that makes up its mind about the turn that has ended: the next in the queue waits for that. */
  readonly isSettling?: () => boolean
  /** Words wait for the next request. */
  readonly onSteered?: () => void
}
