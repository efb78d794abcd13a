import { reduceApprovals } from '../approval/approvals.ts'
import { assert, softAssertNever } from '../lib/assert-never.ts'
import type { ItemId, TurnId } from '../protocol/ids.ts'
import type { FileEdit, Hunk, Item } from '../protocol/item.ts'
import { limits } from '../protocol/limits.ts'
import type { QueuedPrompt } from '../protocol/queue.ts'
import type { ThreadEvent, ThreadState } from '../protocol/thread.ts'
import type { Turn } from '../protocol/turn.ts'
import { tellChecks } from './checks.ts'
import { changeCommand, commandStarted, tellCommands, withOutput } from './commands.ts'
import { compacted, pinned, uncompacted } from './compaction.ts'
import { followMove } from './current-path.ts'
import { markHunks } from './mark-hunks.ts'
import { isPlanning } from './plans.ts'
import { goneOn, rewind, unrewind, withRerun } from './rewind.ts'
import { untell } from './untold.ts'

/** Folds one event. The first event of a thread is `thread/created`; the same fold runs on server and browser. */
export function reduceThread(state: ThreadState | undefined, event: ThreadEvent): ThreadState {
  if (event.type === 'thread/created') {
    const { id, workspaceId, title, modelId, mode, at, deep, origin, job, part } = event
    const from = {
      ...(deep && { deep }),
      ...(origin && { origin }),
      ...(job !== undefined && { job }),
      ...(part && { part }),
    }
    return { id, workspaceId, title, createdAt: at, modelId, mode, turns: [], contextTokens: 0, ...from }
  }
  assert(state, `a thread begins with thread/created, not ${event.type}`)
  switch (event.type) {
    case 'thread/renamed':
      return { ...state, title: event.title }
    case 'thread/configured':
      return {
        ...state,
        modelId: event.modelId,
        mode: event.mode,
        ...(event.deep && { deep: event.deep }),
      }
    case 'turn/started': {
      const { turnId, modelId, mode, at, queueId, rewindId, plans } = event
      const before = tellChecks(state)
      const { untold: _, ...rest } = withRerun(tellCommands(before), rewindId, turnId)
      const queue = rest.queue?.filter(({ id }) => id !== queueId)
      const told = queueId === undefined || !queue ? rest : withQueue(rest, queue, false)
      return {
        ...told,
        turns: [
          ...before.turns,
          {
            id: turnId,
            status: 'running',
            mode,
            modelId,
            startedAt: at,
            items: [],
            ...(queueId !== undefined && { queueId }),
            ...(plans && { plan: { modelId } }),
          },
        ],
      }
    }
    case 'item/started':
    case 'item/completed':
      return withTurn(state, event.turnId, (turn) => withItem(turn, event.item))
    case 'item/delta':
      return withTurn(state, event.turnId, (turn) =>
        appendDelta(turn, event.itemId, event.offset, event.text),
      )
    case 'item/statusChanged':
      return withTurn(state, event.turnId, (turn) =>
        mapItem(turn, event.itemId, (item) => ('status' in item ? { ...item, status: event.status } : item)),
      )
    case 'edit/fileChanged':
      return withTurn(state, event.turnId, (turn) =>
        mapItem(turn, event.itemId, (item) =>
          item.type === 'fileChange' ? { ...item, files: withFile(item.files, event.file) } : item,
        ),
      )
    case 'edit/hunkChanged':
      return withTurn(state, event.turnId, (turn) =>
        mapItem(turn, event.itemId, (item) =>
          item.type === 'fileChange' ? withHunk(item, event.path, event.hunk) : item,
        ),
      )
    case 'steer/applied':
      return withTurn(state, event.turnId, (turn) => applySteer(turn, event.itemId))
    case 'steer/returned':
      return withTurn(state, event.turnId, (turn) =>
        mapItem(turn, event.itemId, (item) =>
          item.type === 'userMessage' ? { ...item, state: 'returned' } : item,
        ),
      )
    case 'turn/paused':
      return withTurn(state, event.turnId, (turn) => ({ ...turn, paused: true }))
    case 'turn/unpaused':
      return withTurn(state, event.turnId, ({ paused: _, ...turn }) => turn)
    case 'turn/retrying':
      return withTurn(state, event.turnId, (turn) => ({
        ...turn,
        status: 'retrying',
        failure: event.failure,
        retryAt: event.retryAt,
      }))
    case 'turn/waiting': {
      const { position, readyAt } = event
      return withTurn(state, event.turnId, (turn) => ({ ...turn, waiting: { position, readyAt } }))
    }
    case 'turn/admitted':
      return withTurn(state, event.turnId, ({ waiting: _, ...turn }) => turn)
    case 'turn/movedOn': {
      const { from, to, failure } = event
      return withTurn(state, event.turnId, ({ movedOn = [], ...turn }) => ({
        ...turn,
        ...(isPlanning(turn) && { plan: { modelId: to } }),
        modelId: to,
        movedOn: [...movedOn, { from, to, failure }],
      }))
    }
    case 'turn/planned': {
      const { modelId, requests } = event
      return withTurn(state, event.turnId, (turn) => ({
        ...turn,
        plan: { modelId: turn.plan?.modelId ?? turn.modelId, requests },
        modelId,
      }))
    }
    case 'turn/resumed':
      return withTurn(
        goneOn(state, event.turnId),
        event.turnId,
        ({ failure: _, retryAt: __, settledAt: ___, ...turn }) => ({ ...turn, status: 'running' }),
      )
    case 'turn/stepRestarted':
      return withTurn(state, event.turnId, (turn) => restarted(turn, event.request))
    case 'turn/usageReported':
      return withTurn({ ...state, contextTokens: event.contextTokens }, event.turnId, (turn) => ({
        ...turn,
        usage: event.usage,
        ...(event.estimated && { usageEstimated: true }),
        contextTokens: event.contextTokens,
      }))
    case 'turn/measured':
      return withTurn(state, event.turnId, (turn) => ({ ...turn, measurement: event.measurement }))
    case 'turn/called':
      return withTurn(state, event.turnId, ({ calls = [], ...turn }) => ({
        ...turn,
        calls: [...calls, event.call],
      }))
    case 'turn/compared':
      return withTurn(state, event.turnId, (turn) => compared(turn, event))
    case 'turn/settled':
      return withTurn(
        state,
        event.turnId,
        ({ retryAt: _, failure: __, paused: ___, waiting: ____, ...turn }) => ({
          ...turn,
          status: event.status,
          settledAt: event.at,
          ...(event.failure && { failure: event.failure }),
        }),
      )
    case 'turn/checked':
      return withTurn(state, event.turnId, ({ check: _, ...turn }) =>
        event.check ? { ...turn, check: event.check } : turn,
      )
    case 'turn/undone':
      return withTurn(untell(state, event.inverse, 'undone'), event.turnId, (turn) => ({
        ...markHunks(turn, event.inverse, 'undone'),
        undone: event.inverse,
      }))
    case 'turn/redone':
      return withTurn(untell(state, event.changes, 'broughtBack'), event.turnId, ({ undone: _, ...turn }) =>
        markHunks(turn, event.changes, 'written'),
      )
    case 'thread/rewound':
      return rewind(state, event)
    case 'thread/unrewound':
      return unrewind(state, event)
    case 'turn/copied':
      return {
        ...state,
        turns: [...state.turns, event.turn],
        contextTokens: event.turn.contextTokens ?? state.contextTokens,
      }
    case 'thread/compacted':
      return compacted(state, event)
    case 'thread/uncompacted':
      return uncompacted(state, event)
    case 'thread/compacting': {
      const { compacting: _, ...rest } = state
      return event.compacting ? { ...rest, compacting: event.compacting } : rest
    }
    case 'message/pinned':
      return pinned(state, event)
    case 'queue/changed':
      return withQueue(state, event.queue, event.paused)
    case 'approval/asked':
    case 'approval/answered':
    case 'approval/used':
    case 'approval/withdrawn':
      return { ...state, approvals: [...reduceApprovals(state.approvals ?? [], event)] }
    case 'command/started':
      return commandStarted(state, event.command)
    case 'command/reached': {
      const { of, reached } = event
      return { ...state, reached: [...(state.reached ?? []), { of, reached }].slice(-limits.keptReached) }
    }
    case 'command/output':
      return changeCommand(state, event.commandId, (command) => withOutput(command, event.offset, event.text))
    case 'command/settled':
      return changeCommand(state, event.commandId, (command) => ({ ...command, result: event.result }))
    case 'thread/fileMoved':
      return followMove(state, event)
    case 'review/kept':
      return mapHunks(state, new Set(event.hunkIds), (hunk) => ({ ...hunk, review: 'kept' }))
    case 'review/undone': {
      const ids = new Set(Object.keys(event.inverse))
      return mapHunks(untell(state, event.inverse, 'undone'), ids, (hunk) => {
        const inverse = event.inverse[hunk.id]
        return inverse === undefined ? hunk : { ...hunk, status: 'undone', inverse }
      })
    }
    case 'review/takenBack':
      return mapHunks(
        untell(state, event.changes, 'broughtBack'),
        new Set(event.hunkIds),
        ({ review: _, inverse: __, ...hunk }) => {
          const changes = event.changes[hunk.id]
          return changes === undefined ? hunk : { ...hunk, status: 'written', changes }
        },
      )
    default:
      softAssertNever(event)
      return state
  }
}

/** The call counts like any other, but fills no window. */
function compared(turn: Turn, { comparison, usage }: Extract<ThreadEvent, { type: 'turn/compared' }>): Turn {
  if (!usage) return { ...turn, comparison }
  const { inputTokens = 0, cachedTokens = 0, outputTokens = 0 } = turn.usage ?? {}
  const all = {
    inputTokens: inputTokens + usage.inputTokens,
    cachedTokens: cachedTokens + usage.cachedTokens,
    outputTokens: outputTokens + usage.outputTokens,
  }
  return { ...turn, comparison, usage: all }
}

function withTurn(state: ThreadState, id: TurnId, change: (turn: Turn) => Turn): ThreadState {
  const index = state.turns.findLastIndex((turn) => turn.id === id)
  const turn = state.turns[index]
  if (!turn) return state
  const next = change(turn)
  return next === turn ? state : { ...state, turns: state.turns.with(index, next) }
}

function withItem(turn: Turn, item: Item): Turn {
  return { ...turn, items: upsert(turn.items, item, ({ id }) => id) }
}

function mapItem(turn: Turn, id: ItemId, change: (item: Item) => Item): Turn {
  const index = turn.items.findLastIndex((item) => item.id === id)
  const item = turn.items[index]
  if (!item) return turn
  const next = change(item)
  return next === item ? turn : { ...turn, items: turn.items.with(index, next) }
}

/** What the request and those after it brought is as if it had never been. */
function restarted({ failure: _, retryAt: __, settledAt: ___, ...turn }: Turn, request: number): Turn {
  const items = turn.items.filter((item) => !('request' in item) || item.request < request)
  return { ...turn, status: 'running', items }
}

/** It was said when the request left that carries it, so that is its place. */
function applySteer(turn: Turn, id: ItemId): Turn {
  const item = turn.items.findLast((other) => other.id === id)
  if (item?.type !== 'userMessage') return turn
  return { ...turn, items: [...turn.items.filter((other) => other !== item), { ...item, state: 'applied' }] }
}

/** A delta seen before changes nothing; one that begins past the end was preceded by a loss and is left to the replay. */
function appendDelta(turn: Turn, id: ItemId, offset: number, text: string): Turn {
  return mapItem(turn, id, (item) => {
    if (item.type === 'toolCall') {
      if (item.status !== 'streaming' && item.status !== 'running') return item
      // Its arguments while the model writes them, then what it writes itself.
      const part = item.status === 'running' ? 'output' : 'input'
      const grown = spliced(item[part], offset, text)
      return grown === undefined ? item : { ...item, [part]: grown }
    }
    if (item.type !== 'agentMessage' && item.type !== 'reasoning') return item
    if (item.status !== 'streaming') return item
    const grown = spliced(item.text, offset, text)
    return grown === undefined ? item : { ...item, text: grown }
  })
}

function spliced(old: string, offset: number, text: string): string | undefined {
  if (offset > old.length || offset + text.length <= old.length) return undefined
  return offset === old.length ? old + text : old + text.slice(old.length - offset)
}

function withHunk(item: Item & { type: 'fileChange' }, path: string, hunk: Hunk): Item {
  const files = item.files.map((file) =>
    file.path === path ? { ...file, hunks: upsert(file.hunks, hunk, ({ id }) => id) } : file,
  )
  return { ...item, files }
}

/** Whoever tells of the edit does not know where the file went since. */
function withFile(files: readonly FileEdit[], file: FileEdit): FileEdit[] {
  const place = files.findLast(({ path }) => path === file.path)?.place
  return upsert(files, place === undefined ? file : { ...file, place }, ({ path }) => path)
}

function upsert<T>(list: readonly T[], entry: T, key: (entry: T) => string): T[] {
  const id = key(entry)
  const index = list.findLastIndex((other) => key(other) === id)
  return index < 0 ? [...list, entry] : list.with(index, entry)
}

function mapHunks(state: ThreadState, ids: ReadonlySet<string>, change: (hunk: Hunk) => Hunk): ThreadState {
  const turnIds = new Set([...ids].map((id) => id.slice(0, id.indexOf('.'))))
  const turns = state.turns.map((turn) => {
    if (!turnIds.has(turn.id)) return turn
    const items = turn.items.map((item) =>
      item.type === 'fileChange'
        ? { ...item, files: item.files.map((file) => mapFileHunks(file, ids, change)) }
        : item,
    )
    return { ...turn, items }
  })
  return { ...state, turns }
}

/** A file is undone when all that was written of it is. */
function mapFileHunks(file: FileEdit, ids: ReadonlySet<string>, change: (hunk: Hunk) => Hunk): FileEdit {
  if (!file.hunks.some(({ id }) => ids.has(id))) return file
  const hunks = file.hunks.map((hunk) => (ids.has(hunk.id) ? change(hunk) : hunk))
  if (file.status !== 'written' && file.status !== 'undone') return { ...file, hunks }
  return { ...file, hunks, status: hunks.some(({ status }) => status === 'written') ? 'written' : 'undone' }
}

function withQueue(state: ThreadState, queue: readonly QueuedPrompt[], paused: boolean): ThreadState {
  const { queue: _, queuePaused: __, ...rest } = state
  if (queue.length === 0) return rest
  return { ...rest, queue: [...queue], ...(paused && { queuePaused: true }) }
}
