import type { Prompt, SteerAttachments } from '../../core/engine/turn-state.ts'
import { estimateTokens } from '../../core/lib/token-estimate.ts'
import type { ThreadId } from '../../core/protocol/ids.ts'
import type { PromptContext } from '../../core/protocol/item.ts'
import type { ResultOf } from '../../core/protocol/methods.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { WaitingSteer } from '../../core/state/steers.ts'
import type { Documents } from '../documents/documents.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { readMentions } from './mentions.ts'
import { isBeingWritten, readPrompt } from './prompt-context.ts'

/** What a person asks with all that goes along; `shown`: the files whose text the model has then. */
export async function preparePrompt(options: {
  readonly text: string
  readonly context: PromptContext
  readonly thread: ThreadState
  readonly workspace: Workspace
  readonly documents: Documents
  readonly readThread: (id: ThreadId) => Promise<ThreadState>
}): Promise<{ prompt: Prompt; shown: readonly string[] }> {
  const { text, context, thread, workspace, documents, readThread } = options
  const { activePath, ...rest } = context
  const readText = (path: string) => documents.readText(workspace.id, path)
  const flush = () => documents.flush(workspace.id)
  const mentioned = await readMentions(context.mentions ?? [], {
    workspace,
    thread,
    readText,
    readThread,
    flush,
  })
  // Half-written text is no text to go by: it may be taken back at once.
  const attached = activePath !== undefined && isBeingWritten(thread, activePath) ? rest : context
  return readPrompt({ text, context, attached, thread, readText, mentioned })
}

/** What goes along with steers; `shown`: the files whose text the model has then. */
export interface PreparedSteers {
  readonly attachments: SteerAttachments
  readonly shown: readonly string[]
}

/** What goes along with steers, as it is now; what goes along with several goes along once. */
export async function prepareSteers(
  steers: readonly WaitingSteer[],
  prepare: (steer: WaitingSteer) => ReturnType<typeof preparePrompt>,
): Promise<PreparedSteers> {
  const attachments: Record<string, readonly string[]> = {}
  const known = new Set<string>()
  const paths = new Set<string>()
  for (const steer of steers) {
    const { prompt, shown } = await prepare(steer)
    attachments[steer.itemId] = prompt.attachments.filter((one) => !known.has(one))
    for (const one of prompt.attachments) known.add(one)
    for (const path of shown) paths.add(path)
  }
  return { attachments, shown: [...paths] }
}

/** About what a prompt adds to what the model is shown, by part. */
export function weighPrompt({ text, attachments }: Prompt): ResultOf<'prompt/preview'> {
  const parts = attachments.map((attachment) => ({
    name: attachment.split('\n', 1)[0]?.replace(/:$/, '').slice(0, 200) ?? '',
    tokens: estimateTokens(attachment),
  }))
  parts.push({ name: 'message', tokens: estimateTokens(text) })
  return { estimatedTokens: parts.reduce((sum, { tokens }) => sum + tokens, 0), parts }
}
