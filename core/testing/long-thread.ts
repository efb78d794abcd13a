import {
  hunkIdSchema,
  itemIdSchema,
  threadIdSchema,
  turnIdSchema,
  workspaceIdSchema,
} from '../protocol/ids.ts'
import type { FileEdit, Hunk, Item } from '../protocol/item.ts'
import type { LoggedEvent, ThreadEvent } from '../protocol/thread.ts'

export interface LongThread {
  readonly threadId: string
  readonly workspaceId: string
  readonly turns: number
  /** Edits in each turn, hunks in each edit, rows that say a hunk grew. */
  readonly edits: number
  readonly hunks: number
  readonly growth: number
  /** Milliseconds between two rows. */
  readonly stepMs: number
  /** Words of each answer. */
  readonly words: number
  /** Words of each line of a hunk. */
  readonly lineWords: number
}

/** The log of a thread as the server writes it, of any length: prompts, answers and edits that grow. */
export function* longThread(options: LongThread): Generator<LoggedEvent> {
  const { turns, stepMs, words } = options
  let seq = 0
  let at = 1_700_000_000_000
  const row = (event: ThreadEvent): LoggedEvent => {
    at += stepMs
    return { seq: ++seq, at, event }
  }
  const threadId = threadIdSchema.parse(options.threadId)
  const workspaceId = workspaceIdSchema.parse(options.workspaceId)
  const model = { modelId: 'test/spark', mode: 'live' as const }
  yield row({ type: 'thread/created', id: threadId, workspaceId, title: '', ...model, at })
  yield row({ type: 'thread/renamed', title: 'A long thread' })
  for (let turn = 1; turn <= turns; turn++) {
    const turnId = turnIdSchema.parse(`trn_${turn}`)
    let items = 0
    const itemId = () => itemIdSchema.parse(`${turnId}.${++items}`)
    yield row({ type: 'turn/started', turnId, ...model, at })
    const asked = { type: 'userMessage', kind: 'prompt', text: `Go on with part ${turn}.`, at } as const
    yield row({ type: 'item/started', turnId, item: { ...asked, id: itemId() } })
    for (let edit = 1; edit <= options.edits; edit++) {
      for (const event of editOf({ ...options, turnId, id: itemId(), path: `src/part${edit}.ts` }))
        yield row(event)
    }
    const answer = {
      type: 'agentMessage',
      id: itemId(),
      request: options.edits,
      status: 'streaming',
    } as const
    yield row({ type: 'item/started', turnId, item: { ...answer, text: '' } })
    const text = sentence(words, turn)
    yield row({ type: 'item/completed', turnId, item: { ...answer, status: 'completed', text } })
    yield row({ type: 'turn/settled', turnId, status: 'completed', at: at + stepMs })
  }
}

type FileChange = Extract<Item, { type: 'fileChange' }>

function* editOf(
  options: LongThread &
    Pick<FileChange, 'id'> & { turnId: ReturnType<typeof turnIdSchema.parse>; path: string },
): Generator<ThreadEvent> {
  const { turnId, id: itemId, path, growth } = options
  const added = Math.max(1, growth)
  const file: FileEdit = { path, kind: 'update', status: 'writing', hunks: [] }
  const item: FileChange = {
    type: 'fileChange',
    id: itemId,
    request: 0,
    status: 'streaming',
    callId: `call_${itemId}`,
    format: 'freeform',
    input: '',
    output: '',
    files: [],
  }
  yield { type: 'item/started', turnId, item }
  yield { type: 'edit/fileChanged', turnId, itemId, file }
  const written: Hunk[] = []
  for (let index = 1; index <= options.hunks; index++) {
    const hunk = {
      id: hunkIdSchema.parse(`${itemId}.${index}`),
      path,
      startLine: index * 40,
      removedLines: 1,
      removedText: 'what stood here\n',
      anchor: { from: 'AQAAAAAAAAAAAAAAAAAA', to: 'AQAAAAAAAAAAAAAAAAAB' },
    }
    for (let line = 0; line <= growth; line++) {
      yield {
        type: 'edit/hunkChanged',
        turnId,
        itemId,
        path,
        hunk: { ...hunk, status: 'writing', addedLines: line },
      }
    }
    const last: Hunk = { ...hunk, status: 'written', addedLines: added, changes: 'AQGFnJ4HAKABAQGFnJ4HoAEQ' }
    written.push(last)
    yield { type: 'edit/hunkChanged', turnId, itemId, path, hunk: last }
  }
  const files: FileEdit[] = [{ ...file, status: 'written', hunks: written }]
  yield { type: 'edit/fileChanged', turnId, itemId, file: { ...file, status: 'written', hunks: written } }
  const input = patchOf(options, added)
  yield {
    type: 'item/completed',
    turnId,
    item: { ...item, status: 'completed', input, output: 'Done.', files },
  }
}

function patchOf({ path, hunks, lineWords }: LongThread & { path: string }, lines: number): string {
  const line = `+${sentence(lineWords, lines)}\n`
  const hunk = `@@\n-what stood here\n${line.repeat(lines)}`
  return `*** Begin Patch\n*** Update File: ${path}\n${hunk.repeat(hunks)}*** End Patch\n`
}

const vocabulary = ['const', 'parts', 'is', 'read', 'from', 'the', 'list', 'of', 'words', 'and', 'kept']

function sentence(words: number, seed: number): string {
  return Array.from({ length: words }, (_, i) => vocabulary[(i * 7 + seed) % vocabulary.length]).join(' ')
}
