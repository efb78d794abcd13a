import { z } from 'zod'
import { mintId } from '../../core/lib/random.ts'
import { errorCodes, RequestError } from '../../core/protocol/errors.ts'
import {
  type SteerId,
  steerIdSchema,
  type ThreadId,
  type TurnId,
  turnIdSchema,
} from '../../core/protocol/ids.ts'
import { type PromptContext, promptContextSchema } from '../../core/protocol/item.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { steersIn } from '../../core/state/steers.ts'
import type { NoticeSlice } from './notice-slice.ts'
import { runningTurn } from './selectors.ts'
import type { SliceTools } from './slice.ts'

const ownSteerSchema = z.object({
  id: steerIdSchema,
  turnId: turnIdSchema,
  text: z.string(),
  context: promptContextSchema,
  /** `unknown`: the answer did not come; the thread's state may still tell that the words arrived. */
  state: z.enum(['sending', 'sent', 'unknown']),
})
/** Words this page added to a turn, until the model has them or they are the person's again. */
export type OwnSteer = Readonly<z.infer<typeof ownSteerSchema>>

/** Words added to a running turn. They outlive the page, and are never sent again by themselves. */
export interface SteerSlice {
  /** Of the thread in view. */
  readonly ownSteers: readonly OwnSteer[]
  /** Words for the message fields of threads, until those take them. */
  readonly givenBack: readonly { readonly threadId: ThreadId | undefined; readonly text: string }[]
  sendSteer(words: { readonly turnId: TurnId; readonly text: string; readonly context: PromptContext }): void
  /** The person wants it sent again: with the same id, so that it is there once. */
  resendSteer(id: SteerId): void
  /** The person takes the words back into the message. */
  takeBackSteer(id: SteerId): void
  /** Puts words into a thread's message, before what is there. */
  giveBack(text: string, threadId: ThreadId | undefined): void
  /** Of the thread in view. */
  takeGivenBack(): readonly string[]
  /** The thread in view is another one now. */
  openSteers(): void
  /** The thread in view has changed: what became of this page's words. */
  followSteers(): void
}

type Needs = SteerSlice &
  Pick<NoticeSlice, 'notify' | 'notifyFailure'> & {
    readonly threadId: ThreadId | undefined
    readonly thread: ThreadState | undefined
    addPaste(text: string): void
  }

export function createSteerSlice({ get, set, deps }: SliceTools<Needs>): SteerSlice {
  const { connection, storage, random } = deps
  /** The storage takes them, so that other tabs and the next page see the same. */
  let isKept = true

  function read(threadId: ThreadId): readonly OwnSteer[] {
    return isKept || threadId !== get().threadId
      ? readKept(storage.getItem(keyOf(threadId)))
      : get().ownSteers
  }

  /** Also of a thread that is in view no more: its answers may still come. */
  function change(threadId: ThreadId, next: (steers: readonly OwnSteer[]) => readonly OwnSteer[]): void {
    const steers = next(read(threadId))
    if (threadId === get().threadId) set({ ownSteers: steers })
    try {
      if (steers.length === 0) storage.removeItem(keyOf(threadId))
      else storage.setItem(keyOf(threadId), JSON.stringify(steers))
      isKept = true
    } catch {
      isKept = false
      // A full storage must not keep anyone from saying what they want.
    }
  }

  function mark(threadId: ThreadId, id: SteerId, state: OwnSteer['state']): void {
    change(threadId, (steers) => steers.map((steer) => (steer.id === id ? { ...steer, state } : steer)))
  }

  function remove(threadId: ThreadId, id: SteerId): void {
    change(threadId, (steers) => steers.filter((steer) => steer.id !== id))
  }

  async function deliver(threadId: ThreadId, { id, turnId, text, context }: OwnSteer): Promise<void> {
    try {
      await connection.request('turn/steer', { threadId, expectedTurnId: turnId, id, text, context })
      mark(threadId, id, 'sent')
    } catch (error) {
      if (error instanceof RequestError && error.code === 'conflict') {
        // It settled while the words were on their way: they begin the next turn.
        await connection.request('turn/start', { threadId, text, context })
        remove(threadId, id)
      } else if (error instanceof RequestError && errorCodes[error.code].retriable) {
        mark(threadId, id, 'unknown')
      } else throw error
    }
  }

  function send(threadId: ThreadId, steer: OwnSteer): void {
    deliver(threadId, steer).catch((error) => {
      get().notifyFailure(error)
      takeBack(threadId, steer)
    })
  }

  function takeBack(threadId: ThreadId, { id, text, context }: OwnSteer): void {
    // In another thread they stay in its list, and are asked about there.
    if (threadId !== get().threadId) return mark(threadId, id, 'unknown')
    remove(threadId, id)
    get().giveBack(text, threadId)
    for (const mention of context.mentions ?? []) if (mention.kind === 'paste') get().addPaste(mention.text)
  }

  return {
    ownSteers: [],
    givenBack: [],
    sendSteer({ turnId, text, context }) {
      const { threadId } = get()
      if (!threadId) return
      const id = steerIdSchema.parse(mintId('ste', random))
      const steer: OwnSteer = { id, turnId, text, context, state: 'sending' }
      change(threadId, (steers) => [...steers, steer])
      send(threadId, steer)
    },
    resendSteer(id) {
      const { threadId, ownSteers } = get()
      const steer = ownSteers.find((own) => own.id === id)
      if (!threadId || !steer) return
      mark(threadId, id, 'sending')
      send(threadId, { ...steer, turnId: runningTurn(get())?.id ?? steer.turnId })
    },
    takeBackSteer(id) {
      const { threadId, ownSteers } = get()
      const steer = ownSteers.find((own) => own.id === id)
      if (threadId && steer) takeBack(threadId, steer)
    },
    giveBack: (text, threadId) => set({ givenBack: [...get().givenBack, { threadId, text }] }),
    takeGivenBack() {
      const { givenBack, threadId } = get()
      const mine = givenBack.filter((words) => words.threadId === threadId)
      if (mine.length > 0) set({ givenBack: givenBack.filter((words) => !mine.includes(words)) })
      return mine.map(({ text }) => text)
    },
    openSteers() {
      const { threadId } = get()
      const kept = threadId ? readKept(storage.getItem(keyOf(threadId))) : []
      // Whoever sent them is gone; what became of them the thread's state tells, or nobody.
      const ownSteers = kept.map((steer) =>
        steer.state === 'sending' ? { ...steer, state: 'unknown' as const } : steer,
      )
      set({ ownSteers })
    },
    followSteers() {
      const { threadId, thread, ownSteers } = get()
      if (!threadId || !thread || ownSteers.length === 0) return
      const states = steersIn(thread)
      for (const steer of ownSteers) {
        const state = states.get(steer.id)
        if (state === 'applied') remove(threadId, steer.id)
        if (state !== 'returned') continue
        // Of several tabs that show the thread one gives the words back.
        if (read(threadId).some(({ id }) => id === steer.id)) {
          takeBack(threadId, steer)
          get().notify({ tone: 'info', key: 'steer.given' })
        } else remove(threadId, steer.id)
      }
    },
  }
}

function keyOf(threadId: ThreadId): string {
  return `tandem.steers.${threadId}`
}

function readKept(text: string | null): readonly OwnSteer[] {
  try {
    return z.array(ownSteerSchema).parse(JSON.parse(text ?? '[]'))
  } catch {
    return []
  }
}

/** What the thread itself does not show yet. */
export function unseenSteers(
  state: Pick<Needs, 'thread'> & Pick<SteerSlice, 'ownSteers'>,
): readonly OwnSteer[] {
  if (state.ownSteers.length === 0 || !state.thread) return state.ownSteers
  const seen = steersIn(state.thread)
  const unseen = state.ownSteers.filter(({ id }) => !seen.has(id))
  return unseen.length === 0 ? none : unseen
}

const none: readonly OwnSteer[] = []
