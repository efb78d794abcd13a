import type { RewindId, TurnId } from '../protocol/ids.ts'
import type { Rewound } from '../protocol/rewind.ts'
import type { ThreadEvent, ThreadState } from '../protocol/thread.ts'
import type { Turn } from '../protocol/turn.ts'
import { markHunks } from './mark-hunks.ts'
import { hunkIdsOf, untell } from './untold.ts'

type Changes = Readonly<Record<string, string>>

export function rewind(
  state: ThreadState,
  { rewindId, turnId, what, inverse, undone }: Extract<ThreadEvent, { type: 'thread/rewound' }>,
): ThreadState {
  const from = state.turns.findIndex(({ id }) => id === turnId)
  if (from < 0) return state
  const before = state.turns.slice(0, from)
  const after = state.turns.slice(from).map((turn) => takenOut(turn, inverse, undone.includes(turn.id)))
  const leaves = what !== 'files'
  const { contextTokens, untold } = state
  const entry: Rewound = {
    id: rewindId,
    what,
    turnId,
    turns: leaves ? after : [],
    undone,
    hunkIds: hunkIdsOf(inverse),
    contextTokens,
    ...(untold && { untold }),
  }
  const rewound = [...(state.rewound ?? []), entry]
  // What the model does not see any more it need not be told of.
  if (!leaves) return { ...untell(state, inverse, 'undone'), turns: [...before, ...after], rewound }
  const last = before.findLast((turn) => turn.contextTokens !== undefined)
  return { ...state, turns: before, contextTokens: last?.contextTokens ?? 0, rewound }
}

export function unrewind(
  state: ThreadState,
  { rewindId, changes }: Extract<ThreadEvent, { type: 'thread/unrewound' }>,
): ThreadState {
  const { rewound = [], untold: _, ...rest } = state
  const entry = rewound.at(-1)
  if (entry?.id !== rewindId) return state
  const back = (turn: Turn) => broughtBack(turn, changes, entry.undone.includes(turn.id))
  if (entry.what === 'files') {
    const told = untell(withRewound(state, rewound.slice(0, -1)), changes, 'broughtBack')
    return { ...told, turns: state.turns.map(back) }
  }
  // A turn that ran meanwhile was told what there was to tell, and leaves with that.
  const untold = entry.rerun === undefined ? state.untold : entry.untold
  const kept = state.turns.filter(({ id }) => id !== entry.rerun)
  return {
    ...withRewound({ ...rest, ...(untold && { untold }) }, rewound.slice(0, -1)),
    turns: [...kept, ...entry.turns.map(back)],
    contextTokens: entry.contextTokens,
  }
}

/** A new turn ends the ways back, unless it runs the rewound prompt again. */
export function withRerun(state: ThreadState, rewindId: RewindId | undefined, turnId: TurnId): ThreadState {
  if (!state.rewound) return state
  const last = state.rewound.at(-1)
  if (!last || last.id !== rewindId) return withRewound(state, [])
  return withRewound(state, [...state.rewound.slice(0, -1), { ...last, rerun: turnId }])
}

/** What goes on from an earlier turn is a new end of the conversation. */
export function goneOn(state: ThreadState, turnId: TurnId): ThreadState {
  return state.rewound && state.rewound.at(-1)?.rerun !== turnId ? withRewound(state, []) : state
}

function withRewound(state: ThreadState, rewound: readonly Rewound[]): ThreadState {
  const { rewound: _, ...rest } = state
  return rewound.length > 0 ? { ...rest, rewound: [...rewound] } : rest
}

function takenOut(turn: Turn, inverse: Changes, isWhole: boolean): Turn {
  const own = ofTurn(turn, inverse)
  if (own.length === 0 && !isWhole) return turn
  return { ...markHunks(turn, inverse, 'undone'), undone: { ...turn.undone, ...Object.fromEntries(own) } }
}

/** What could not be brought back keeps its way back. */
function broughtBack(turn: Turn, changes: Changes, wasWhole: boolean): Turn {
  const { undone, ...marked } = markHunks(turn, changes, 'written')
  if (!undone) return marked
  const rest = Object.entries(undone).filter(([id]) => changes[id] === undefined)
  return wasWhole && rest.length === 0 ? marked : { ...marked, undone: Object.fromEntries(rest) }
}

function ofTurn({ id }: Turn, changes: Changes): [string, string][] {
  return Object.entries(changes).filter(([hunkId]) => hunkId.startsWith(`${id}.`))
}
