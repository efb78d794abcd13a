import { ConnectionLost, type RelayClient } from '../../bench/lib/relay-client.ts'
import { type Random, randomInt } from '../../core/lib/random.ts'
import type { EventFrame } from '../../core/protocol/envelope.ts'
import type { ThreadId, TurnId } from '../../core/protocol/ids.ts'
import { askText } from './chaos-model.ts'
import { wait } from './chaos-view.ts'

/** What is known of one thread from the outside. */
export interface KnownThread {
  readonly id: ThreadId
  /** Any of these may be its title: the last that was acknowledged and what was asked for since. */
  titles: string[]
  /** Acknowledged prompts by turn, and acknowledged redirections. */
  readonly turns: { readonly id: TurnId; readonly text: string }[]
  readonly redirects: string[]
  /** Hunks that were reported as written before something later on the topic was acknowledged. */
  readonly durableHunks: Set<string>
  /** Turns whose undo was acknowledged, and those whose undo was asked for: all of them are undone, or none. */
  readonly undone: Set<TurnId>
  undoing: readonly TurnId[]
}

/** All that threads were asked, and what of it was acknowledged. */
export class ThreadLedger {
  readonly threads: KnownThread[] = []
  /** Each prompt is another one. */
  readonly prompts = new Set<string>()
  asks = 0
  acknowledged = 0
}

export interface ThreadDriverOptions {
  readonly random: Random
  readonly ledger: ThreadLedger
  /** Places that nobody else gives to a model. */
  readonly slots: readonly number[]
  readonly paths: readonly string[]
  /** A file that a model made and nobody wants any more. */
  readonly nextDelete: () => string | undefined
  /** Told when an undo was asked for. */
  readonly onUndo: () => void
}

/** Somebody who keeps one model busy: asks, redirects, stops, renames, begins new threads. */
export class ThreadDriver {
  readonly #options: ThreadDriverOptions
  #thread: KnownThread | undefined
  #titles = 0

  constructor(options: ThreadDriverOptions) {
    this.#options = options
  }

  /** Goes on until the connection is lost. */
  async run(client: RelayClient): Promise<void> {
    try {
      for (;;) await this.#session(client)
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error
    }
  }

  async #session(client: RelayClient): Promise<void> {
    const { random } = this.#options
    const isNew = this.#thread === undefined || random.next() < 0.15
    const thread = isNew ? await this.#create(client) : this.#thread
    if (thread === undefined) return
    const topic = `thread:${thread.id}`
    const written = new Set<string>()
    let settled: () => void = () => undefined
    let rewound: readonly TurnId[] = []
    const stop = client.onEvent((frame) => {
      if (frame.topic !== topic) return
      noteHunks(frame, written)
      if (frame.event.type === 'turn/settled') settled()
      if (frame.event.type === 'thread/rewound') rewound = frame.event.undone
      this.#decide(client, thread, frame.event)
    })
    try {
      await client.request('topic/subscribe', { topic })
      for (let turn = 0; turn < 3; turn++) {
        const end = new Promise<void>((resolve) => {
          settled = resolve
        })
        const turnId = await this.#start(client, thread, written)
        if (turnId === undefined) return
        await this.#disturb(client, thread, turnId, written)
        await Promise.race([end, lost(client)])
        const dice = random.next()
        if (dice < 0.2) await this.#undo(client, thread, turnId)
        else if (dice < 0.4) await this.#rewind(client, thread, () => rewound)
      }
    } finally {
      stop()
    }
  }

  /** People type anywhere, in lines the model is writing too: then it waits for what they want. */
  #decide(client: RelayClient, { id: threadId }: KnownThread, event: EventFrame['event']): void {
    if (event.type !== 'edit/hunkChanged' || event.hunk.paused !== true) return
    const decision = this.#options.random.next() < 0.7 ? 'resume' : 'keepMine'
    client.request('edit/decide', { threadId, hunkId: event.hunk.id, decision }).catch(() => undefined)
  }

  async #create(client: RelayClient): Promise<KnownThread> {
    const { ledger } = this.#options
    const { threadId: id } = await client.request('thread/create', { workspaceId: client.workspaceId })
    const thread: KnownThread = {
      id,
      titles: [''],
      turns: [],
      redirects: [],
      durableHunks: new Set(),
      undone: new Set(),
      undoing: [],
    }
    ledger.threads.push(thread)
    ledger.acknowledged += 1
    this.#thread = thread
    return thread
  }

  async #start(client: RelayClient, thread: KnownThread, written: Set<string>): Promise<TurnId | undefined> {
    const { ledger } = this.#options
    const text = this.#ask()
    // The first prompt gives the thread a name.
    if (thread.turns.length === 0) thread.titles.push(titleOf(text))
    const id = await this.#acknowledged(thread, written, () =>
      client.request('turn/start', { threadId: thread.id, text, context: this.#context() }),
    )
    if (id === undefined) return undefined
    thread.turns.push({ id: id.turnId, text })
    ledger.acknowledged += 1
    return id.turnId
  }

  async #disturb(
    client: RelayClient,
    thread: KnownThread,
    turnId: TurnId,
    written: Set<string>,
  ): Promise<void> {
    const { random, ledger } = this.#options
    const threadId = thread.id
    await wait(randomInt(random, 500))
    const dice = random.next()
    if (dice < 0.2) {
      await this.#acknowledged(thread, written, () =>
        client.request('turn/interrupt', { threadId, expectedTurnId: turnId }),
      )
    } else if (dice < 0.45) {
      const text = this.#ask()
      const done = await this.#acknowledged(thread, written, () =>
        client.request('turn/redirect', { threadId, expectedTurnId: turnId, text, context: this.#context() }),
      )
      if (done === undefined) return
      thread.redirects.push(text)
      ledger.acknowledged += 1
    } else if (dice < 0.75) {
      const title = `title ${threadId} ${++this.#titles}`
      thread.titles.push(title)
      const done = await this.#acknowledged(thread, written, () =>
        client.request('thread/rename', { threadId, title }),
      )
      if (done === undefined) return
      thread.titles = [title]
      ledger.acknowledged += 1
    }
  }

  async #undo(client: RelayClient, thread: KnownThread, turnId: TurnId): Promise<void> {
    thread.undoing = [turnId]
    const answer = client.request('turn/undo', { threadId: thread.id, turnId })
    this.#options.onUndo()
    await answer
    thread.undoing = []
    thread.undone.add(turnId)
    this.#options.ledger.acknowledged += 1
  }

  /** The files go back to before one of the last turns. `rewound`: which turns that undid. */
  async #rewind(client: RelayClient, thread: KnownThread, rewound: () => readonly TurnId[]): Promise<void> {
    const last = thread.turns.slice(-1 - randomInt(this.#options.random, 3)).map(({ id }) => id)
    const [turnId] = last
    if (turnId === undefined) return
    thread.undoing = last.filter((id) => !thread.undone.has(id))
    const answer = client.request('thread/rewind', { threadId: thread.id, turnId, what: 'files' })
    this.#options.onUndo()
    const isDone = await answer.then(
      () => true,
      (error: unknown) => {
        // Nothing of these turns stands in files.
        if (error instanceof Error && error.message.startsWith('conflict')) return false
        throw error
      },
    )
    thread.undoing = []
    if (!isDone) return
    for (const id of rewound()) thread.undone.add(id)
    this.#options.ledger.acknowledged += 1
  }

  /** What was seen on the topic before a request was sent is durable when that is acknowledged. */
  async #acknowledged<T>(
    thread: KnownThread,
    written: Set<string>,
    ask: () => Promise<T>,
  ): Promise<T | undefined> {
    const seen = [...written]
    try {
      const answer = await ask()
      for (const hunk of seen) thread.durableHunks.add(hunk)
      return answer
    } catch (error) {
      if (error instanceof ConnectionLost) throw error
      // The turn ended just before: nothing was promised.
      if (error instanceof Error && error.message.startsWith('conflict')) return undefined
      throw error
    }
  }

  #ask(): string {
    const { random, ledger, slots, nextDelete } = this.#options
    const chosen = slots.filter(() => random.next() < 0.7)
    const text = askText({
      id: ++ledger.asks,
      slots: chosen,
      edits: randomInt(random, 3),
      adds: random.next() < 0.3,
      deletes: random.next() < 0.2 ? nextDelete() : undefined,
    })
    ledger.prompts.add(text)
    return text
  }

  #context() {
    const { paths, random } = this.#options
    const activePath = paths[randomInt(random, paths.length)]
    return { openPaths: [...paths], ...(activePath !== undefined && { activePath }) }
  }
}

function noteHunks({ event }: EventFrame, written: Set<string>): void {
  if (event.type !== 'edit/hunkChanged') return
  if (event.hunk.status === 'written') written.add(event.hunk.id)
  else written.delete(event.hunk.id)
}

/** Rejects when the connection is gone. */
async function lost(client: RelayClient): Promise<never> {
  for (;;) {
    await wait(250)
    await client.request('session/ping', {})
  }
}

/** As the server names a thread by its first prompt. */
function titleOf(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59).trimEnd()}…`
}
