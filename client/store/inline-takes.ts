import { placeOfHunk } from '../../core/document/hunk-place.ts'
import type { TurnId, WorkspaceId } from '../../core/protocol/ids.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { stands } from '../../core/state/review.ts'
import type { DocumentReplicas } from '../editor/document-replicas.ts'
import type { InlineAsk, InlineFields, InlineTake } from './inline-field.ts'
import type { InlinePrompts } from './inline-prompts.ts'
import type { InlineThreads } from './inline-threads.ts'
import type { NoticeSlice } from './notice-slice.ts'
import type { SliceTools } from './slice.ts'

/** One prompt, asked of two models one after the other: each writes in the file as it was, one of both stays. */
export interface InlineTakes {
  compare(prompt: {
    readonly path: string
    readonly words: string
    readonly where: () => InlineAsk
    readonly modelIds: readonly [string, string]
  }): Promise<void>
  /** This one is to stand in the file. */
  pick(path: string, index: number): Promise<void>
  /** Forgets them; what stands in the file stays. */
  drop(path: string): void
}

export function createInlineTakes(options: {
  readonly tools: SliceTools<
    { readonly workspaceId: WorkspaceId | undefined; readonly replicas: DocumentReplicas } & Pick<
      NoticeSlice,
      'notifyFailure'
    >
  >
  readonly threads: InlineThreads
  readonly fields: InlineFields
  readonly prompts: InlinePrompts
}): InlineTakes {
  const { tools, threads, fields, prompts } = options
  const { get, deps } = tools

  /** What a turn wrote in a file, as it stands there now. */
  function writtenIn(turn: Turn, path: string): string {
    const { workspaceId, replicas } = get()
    if (!workspaceId) return ''
    const replica = replicas.acquire(workspaceId, path)
    const text = replica.text.toString()
    const { doc } = replica.text
    const hunks = turn.items.flatMap((item) =>
      item.type === 'fileChange' ? item.files.flatMap((file) => (file.path === path ? file.hunks : [])) : [],
    )
    const pieces = hunks.flatMap((hunk) => {
      const place = doc && hunk.status === 'written' ? placeOfHunk(doc, hunk) : undefined
      return place ? [text.slice(place.from, place.to).replace(/\n$/, '')] : []
    })
    replicas.release(replica)
    return pieces.join('\n')
  }

  function takeOf(thread: ThreadState, turnId: TurnId, path: string): InlineTake {
    const turn = thread.turns.find(({ id }) => id === turnId)
    const wrote = turn !== undefined && stands(turn)
    const text = wrote ? writtenIn(turn, path) : ''
    return { modelId: thread.modelId, threadId: thread.id, turnId, wrote, text }
  }

  async function pick(path: string, index: number): Promise<void> {
    const field = fields.of(path)
    const take = field?.takes[index]
    if (!field || !take || field.busy || field.comparing || take.threadId === field.threadId) return
    fields.patch(path, { busy: 'picking' })
    const { threadId, turnId } = take
    try {
      const present = threads.of(field.threadId)
      if (present) await threads.undo(present.id, present.turns)
      if (take.wrote) await deps.connection.request('turn/redo', { threadId, turnId })
      fields.patch(path, { threadId })
    } catch (error) {
      get().notifyFailure(error)
    }
    fields.patch(path, { busy: undefined })
  }

  function drop(path: string): void {
    const takes = fields.of(path)?.takes ?? []
    fields.patch(path, { takes: [] })
    for (const { threadId } of takes) threads.letGo(threadId)
  }

  return {
    async compare({ path, words, where, modelIds }) {
      fields.patch(path, { comparing: true })
      for (const modelId of modelIds) {
        const before = fields.of(path)
        const present = threads.of(before?.threadId)
        if (before && before.takes.length > 0 && present) {
          // This one is to find the text as the one before found it.
          await threads.undo(present.id, present.turns).catch(get().notifyFailure)
          fields.patch(path, { threadId: undefined })
        }
        if (!fields.of(path)?.comparing) break
        const turnId = await prompts.send({ path, words, ask: where(), modelId })
        const field = fields.of(path)
        const thread = threads.of(field?.threadId)
        // Stopped, closed, or refused.
        if (!field?.comparing || !turnId || !thread) break
        fields.patch(path, { takes: [...field.takes, takeOf(thread, turnId, path)] })
      }
      fields.patch(path, { comparing: false })
      const [first, second] = fields.of(path)?.takes ?? []
      if (first && !second?.wrote) await pick(path, 0)
    },
    pick,
    drop,
  }
}
