import { placeOfHunk } from '../../core/document/hunk-place.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { ThreadId, TurnId, WorkspaceId } from '../../core/protocol/ids.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { stands, unreviewedIn } from '../../core/state/review.ts'
import { editsAside, isSetAside, textSetAside } from '../../core/state/set-aside.ts'
import type { DocumentReplicas } from '../editor/document-replicas.ts'
import type { InlineAsk, InlineFields, InlineTake } from './inline-field.ts'
import type { InlinePrompts } from './inline-prompts.ts'
import type { InlineThreads } from './inline-threads.ts'
import { createKeptTakes, type KeptPair } from './kept-takes.ts'
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
  /** The field closed: they are offered no more. */
  forget(path: string): void
  /** Offers again what the page before this one did. */
  restore(workspaceId: WorkspaceId): void
  /** Of a pair that is about to be offered again. */
  isRestoring(id: ThreadId): boolean
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
  const kept = createKeptTakes(deps.storage)
  /** By path: the file is on its way to what was picked. */
  const settling = new Map<string, Promise<void>>()
  const restoring = new Set<ThreadId>()

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
    if (!take) return
    fields.patch(path, { takes: takes.with(index, { ...take, ...change }) })
    if ('turnId' in change) keepPair(path)
  }

  /** The next page offers them too, once both are asked. */
  function keepPair(path: string): void {
    const { workspaceId } = get()
    const field = fields.of(path)
    if (!workspaceId || !field) return
    const takes = field.takes.flatMap(({ modelId, threadId, turnId }) =>
      threadId && turnId ? [{ modelId, threadId, turnId }] : [],
    )
    const { asked, picked } = field
    if (takes.length === 2) kept.write(workspaceId, path, { asked, picked, takes })
  }

  function forget(path: string): void {
    const { workspaceId } = get()
    if (workspaceId) kept.write(workspaceId, path, undefined)
  }

  function refreshTake(path: string, take: InlineTake, index: number): void {
    const turn = threads.of(take.threadId)?.turns.find(({ id }) => id === take.turnId)
    if (!turn) return
    const text = (isSetAside(turn) ? textSetAside(turn, path) : writtenIn(turn, path)) ?? take.text
    const phase = isRunning(turn) ? 'writing' : hasWritten(turn) ? 'wrote' : 'nothing'
    const end = turn.failure?.code ?? (turn.status === 'interrupted' ? 'interrupted' : undefined)
    const brokeOff = isRunning(turn) ? undefined : end
    const isSame = text === take.text && phase === take.phase && brokeOff === take.brokeOff
    if (!isSame) patchTake(path, index, { text, phase, brokeOff })
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
        keepPair(path)
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
    keepPair(path)
  }

  /** Both models are done. */
  async function decide(path: string): Promise<void> {
    fields.patch(path, { comparing: false })
    preferWhatWrote(path)
    await settle(path)
  }

  /** A pair of an earlier page: nothing is asked anew, and what was on its way is brought to its end. */
  async function offerAgain(path: string, { asked, picked, takes }: KeptPair): Promise<void> {
    const turns = await Promise.all(takes.map((take) => turnOf(take, () => true)))
    const [own, rival] = takes
    if (!own || !rival || fields.of(path)) return
    const isComparing = turns.some(isRunning)
    const inFile = takes.find((_, index) => turns[index] && stands(turns[index]))
    const isJudged = inFile && unreviewedIn(threads.of(inFile.threadId)).length === 0
    // Neither is in the file: one was on its way out and the other not yet in.
    const isSwapping = !inFile && turns.some(({ undone }) => undone !== undefined)
    if (!isComparing && (isJudged || !(inFile || isSwapping))) return forget(path)
    const present = inFile ?? (isSwapping ? takes[1 - picked] : own) ?? own
    fields.open(path, {
      asked,
      picked,
      threadId: present.threadId,
      comparing: isComparing,
      takes: takes.map((take) => ({ ...take, phase: 'writing', text: '', brokeOff: undefined })),
    })
    prompts.resume(path, own.turnId)
    refresh()
    void whenShown(path).then(refresh)
    await Promise.all(takes.map((take) => turnOf(take, (turn) => !isRunning(turn))))
    if (isComparing && !fields.of(path)?.comparing) return
    await decide(path)
  }

  /** Resolves when the document has come, which says what stands in it. */
  async function whenShown(path: string): Promise<void> {
    const { workspaceId, replicas } = get()
    if (!workspaceId) return
    const replica = replicas.acquire(workspaceId, path)
    if (replica.status.phase === 'opening') {
      await new Promise<void>((resolve) => {
        const stop = replica.onStatus(({ phase }) => {
          if (phase === 'opening') return
          stop()
          resolve()
        })
      })
    }
    replicas.release(replica)
  }

  async function turnOf(take: KeptPair['takes'][number], holds: (turn: Turn) => boolean): Promise<Turn> {
    await threads.known(take.turnId, holds)
    const turn = threads.of(take.threadId)?.turns.find(({ id }) => id === take.turnId)
    if (!turn) throw new Error('a turn that is known is in its thread')
    return turn
  }

  function refresh(): void {
    for (const [path, { takes }] of Object.entries(get().inlineFields)) {
      for (const [index, take] of takes.entries()) refreshTake(path, take, index)
    }
  }

  return {
    async compare({ path, words, ask, modelIds }) {
      const takes = modelIds.map((modelId): InlineTake => {
        const unknown = { threadId: undefined, turnId: undefined, brokeOff: undefined }
        return { modelId, ...unknown, phase: 'writing', text: '' }
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
      if (refused !== undefined) prompts.refuse(path, words, refused)
      await decide(path)
    },
    async pick(path, index) {
      const field = fields.of(path)
      const take = field?.takes[index]
      if (!field || !take || take.phase === 'nothing') return
      fields.patch(path, { picked: index })
      keepPair(path)
      if (!field.busy && !field.comparing) await settle(path)
    },
    settled: (path) => settling.get(path) ?? Promise.resolve(),
    refresh,
    async stop(path) {
      const aside = fields.of(path)?.takes.filter(({ phase, threadId }) => {
        return phase === 'writing' && threadId !== fields.of(path)?.threadId
      })
      await Promise.all((aside ?? []).map(interrupt))
    },
    drop(path) {
      const takes = fields.of(path)?.takes ?? []
      fields.patch(path, { takes: [], picked: 0 })
      forget(path)
      for (const { threadId } of takes) if (threadId) threads.letGo(threadId)
    },
    forget,
    restore(workspaceId) {
      restoring.clear()
      for (const [path, pair] of Object.entries(kept.read(workspaceId))) {
        const ids = pair.takes.map(({ threadId }) => threadId)
        for (const id of ids) restoring.add(id)
        for (const id of ids) threads.follow(id)
        void offerAgain(path, pair).then(() => {
          for (const id of ids) {
            restoring.delete(id)
            threads.letGo(id)
          }
        })
      }
    },
    isRestoring: (id) => restoring.has(id),
  }
}

function hasWritten(turn: Turn): boolean {
  if (!isSetAside(turn)) return turn.undone !== undefined || stands(turn)
  return editsAside(turn).length > 0
}
