import { placeOfHunk } from '../../core/document/hunk-place.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { TurnId, WorkspaceId } from '../../core/protocol/ids.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { stands } from '../../core/state/review.ts'
import { isSetAside, textSetAside } from '../../core/state/set-aside.ts'
import type { DocumentReplicas } from '../editor/document-replicas.ts'
import type { InlineAsk, InlineFields, InlineTake } from './inline-field.ts'
import type { InlinePrompts } from './inline-prompts.ts'
import type { InlineThreads } from './inline-threads.ts'
import type { NoticeSlice } from './notice-slice.ts'
import { isRunning } from './selectors.ts'
import type { SliceTools } from './slice.ts'

/** One prompt, asked of two models at once: the first writes in the file, what the other writes is set aside. */
export interface InlineTakes {
  compare(prompt: {
    readonly path: string
    readonly words: string
    readonly ask: InlineAsk
    readonly modelIds: readonly [string, string]
  }): Promise<void>
  /** This one is to stand in the file: now, or once nothing is under way there. */
  pick(path: string, index: number): Promise<void>
  /** Resolves when what was picked stands in the file. */
  settled(path: string): Promise<void>
  /** Threads have moved on: the takes show what their models have written. */
  refresh(): void
  /** Ends what is set aside; resolves when its model is told. */
  stop(path: string): Promise<void>
  /** Forgets them; what stands in the file stays. */
  drop(path: string): void
}

export function createInlineTakes(options: {
  readonly tools: SliceTools<
    {
      readonly workspaceId: WorkspaceId | undefined
      readonly replicas: DocumentReplicas
      readonly inlineFields: Readonly<Record<string, { readonly takes: readonly InlineTake[] }>>
    } & Pick<NoticeSlice, 'notifyFailure'>
  >
  readonly threads: InlineThreads
  readonly fields: InlineFields
  readonly prompts: InlinePrompts
}): InlineTakes {
  const { tools, threads, fields, prompts } = options
  const { get, deps } = tools
  const { connection } = deps
  /** By path: the file is on its way to what was picked. */
  const settling = new Map<string, Promise<void>>()

  /** What a turn wrote in a file, as it stands there now; `undefined`: nothing yet. */
  function writtenIn(turn: Turn, path: string): string | undefined {
    const { workspaceId, replicas } = get()
    if (!workspaceId) return undefined
    const replica = replicas.acquire(workspaceId, path)
    const text = replica.text.toString()
    const { doc } = replica.text
    const hunks = turn.items.flatMap((item) =>
      item.type === 'fileChange' ? item.files.flatMap((file) => (file.path === path ? file.hunks : [])) : [],
    )
    const pieces = hunks.flatMap((hunk) => {
      const isThere = hunk.status === 'written' || hunk.status === 'writing'
      const place = doc && isThere ? placeOfHunk(doc, hunk) : undefined
      return place ? [text.slice(place.from, place.to).replace(/\n$/, '')] : []
    })
    replicas.release(replica)
    return pieces.length === 0 ? undefined : pieces.join('\n')
  }

  function patchTake(path: string, index: number, change: Partial<InlineTake>): void {
    const takes = fields.of(path)?.takes ?? []
    const take = takes[index]
    if (take) fields.patch(path, { takes: takes.with(index, { ...take, ...change }) })
  }

  function refreshTake(path: string, take: InlineTake, index: number): void {
    const turn = threads.of(take.threadId)?.turns.find(({ id }) => id === take.turnId)
    if (!turn) return
    const text = (isSetAside(turn) ? textSetAside(turn, path) : writtenIn(turn, path)) ?? take.text
    const phase = isRunning(turn) ? 'writing' : hasWritten(turn) ? 'wrote' : 'nothing'
    if (text !== take.text || phase !== take.phase) patchTake(path, index, { text, phase })
  }

  /** The second model: its thread is no field's until it is picked. Resolves when its prompt has arrived. */
  async function askRival(prompt: Parameters<InlinePrompts['setAside']>[0]): Promise<TurnId> {
    const { path } = prompt
    const { threadId, turnId } = await prompts.setAside(prompt)
    patchTake(path, 1, { threadId, turnId })
    threads.follow(threadId)
    // Stopped, or closed, while it was on its way.
    if (!fields.of(path)?.comparing) await interrupt({ threadId, turnId })
    return turnId
  }

  async function interrupt({ threadId, turnId }: Pick<InlineTake, 'threadId' | 'turnId'>): Promise<void> {
    if (!threadId || !turnId) return
    await connection.request('turn/interrupt', { threadId, expectedTurnId: turnId }).catch((error) => {
      // It came to its end by itself.
      if (!(error instanceof RequestError) || error.code !== 'conflict') get().notifyFailure(error)
    })
  }

  /** Brings the file to what was picked last; what is picked meanwhile follows. */
  function settle(path: string): Promise<void> {
    const settled = swapAll(path).finally(() => settling.delete(path))
    settling.set(path, settled)
    return settled
  }

  async function swapAll(path: string): Promise<void> {
    for (;;) {
      const field = fields.of(path)
      const take = field?.takes[field.picked]
      if (!field || !take?.threadId || !take.turnId || take.threadId === field.threadId) return
      const present = field.takes.findIndex(({ threadId }) => threadId === field.threadId)
      fields.patch(path, { busy: 'picking' })
      try {
        await swap(path, field.takes[present], take)
      } catch (error) {
        get().notifyFailure(error)
        fields.patch(path, { picked: Math.max(0, present) })
      }
      fields.patch(path, { busy: undefined })
    }
  }

  async function swap(path: string, present: InlineTake | undefined, next: InlineTake): Promise<void> {
    if (present) await revert('turn/undo', present)
    try {
      await revert('turn/redo', next)
      fields.patch(path, { threadId: next.threadId })
    } catch (error) {
      // What fits no more leaves the place to what was there.
      if (present?.phase === 'wrote') await revert('turn/redo', present)
      throw error
    }
  }

  /** Resolves once the page knows of it: what follows goes by what stands. */
  async function revert(method: 'turn/undo' | 'turn/redo', { threadId, turnId }: InlineTake): Promise<void> {
    const isDone = (turn: Turn) =>
      method === 'turn/redo' ? stands(turn) : turn.undone !== undefined || !stands(turn)
    const turn = threads.of(threadId)?.turns.find(({ id }) => id === turnId)
    if (!threadId || !turnId || !turn || isDone(turn)) return
    const { hunks, left } = await connection.request(method, { threadId, turnId })
    const [first] = left
    if (hunks === 0 && first) throw new RequestError('conflict', first.path)
    await threads.known(turnId, isDone)
  }

  /** One that came to nothing leaves the place to the other. */
  function preferWhatWrote(path: string): void {
    const field = fields.of(path)
    const other = field && 1 - field.picked
    if (
      field?.takes[field.picked]?.phase !== 'wrote' &&
      other !== undefined &&
      field?.takes[other]?.phase === 'wrote'
    )
      fields.patch(path, { picked: other })
  }

  return {
    async compare({ path, words, ask, modelIds }) {
      const takes = modelIds.map((modelId): InlineTake => {
        return { modelId, threadId: undefined, turnId: undefined, phase: 'writing', text: '' }
      })
      fields.patch(path, { comparing: true, takes, picked: 0 })
      let refused: unknown
      const rival = Promise.withResolvers<TurnId | undefined>()
      // The second one's prompt is there before the first one writes: both have the text as it was.
      const before = async () => {
        const asked = askRival({ path, words, ask, modelId: modelIds[1] }).catch((error: unknown) => {
          refused = error
          return undefined
        })
        rival.resolve(await asked)
      }
      const own = prompts.send({ path, words, ask, modelId: modelIds[0], before })
      const known = prompts.asked(path).then((turnId) => {
        patchTake(path, 0, {
          threadId: fields.of(path)?.threadId,
          turnId,
          ...(!turnId && { phase: 'nothing' }),
        })
      })
      const rivalTurn = await rival.promise
      if (!rivalTurn) patchTake(path, 1, { phase: 'nothing' })
      await known
      await Promise.all([own, rivalTurn && threads.known(rivalTurn, (turn) => !isRunning(turn))])
      if (!fields.of(path)?.comparing) return
      fields.patch(path, { comparing: false })
      if (refused !== undefined) prompts.refuse(path, words, refused)
      preferWhatWrote(path)
      await settle(path)
    },
    async pick(path, index) {
      const field = fields.of(path)
      const take = field?.takes[index]
      if (!field || !take || take.phase === 'nothing') return
      fields.patch(path, { picked: index })
      if (!field.busy && !field.comparing) await settle(path)
    },
    settled: (path) => settling.get(path) ?? Promise.resolve(),
    refresh() {
      for (const [path, { takes }] of Object.entries(get().inlineFields)) {
        for (const [index, take] of takes.entries()) refreshTake(path, take, index)
      }
    },
    async stop(path) {
      const aside = fields.of(path)?.takes.filter(({ phase, threadId }) => {
        return phase === 'writing' && threadId !== fields.of(path)?.threadId
      })
      await Promise.all((aside ?? []).map(interrupt))
    },
    drop(path) {
      const takes = fields.of(path)?.takes ?? []
      fields.patch(path, { takes: [], picked: 0 })
      for (const { threadId } of takes) if (threadId) threads.letGo(threadId)
    },
  }
}

function hasWritten(turn: Turn): boolean {
  if (!isSetAside(turn)) return turn.undone !== undefined || stands(turn)
  return turn.items.some((item) => item.type === 'fileChange' && item.status === 'completed')
}
