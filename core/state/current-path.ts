import { isWithin, type Move, movedPath } from '../lib/moved-path.ts'
import type { FileEdit } from '../protocol/item.ts'
import type { ThreadState } from '../protocol/thread.ts'
import type { Turn } from '../protocol/turn.ts'

/** Where the text of an edited file is now. */
export function currentPathOf({ path, movedTo, place, status }: FileEdit): string {
  return place ?? (status === 'written' ? (movedTo ?? path) : path)
}

/** The thread wrote in the file, or in one of the folder. */
export function hasEditsIn(thread: ThreadState, path: string): boolean {
  return thread.turns.some(({ items }) =>
    items.some(
      (item) => item.type === 'fileChange' && item.files.some((file) => isWithin(currentPathOf(file), path)),
    ),
  )
}

/** What was written before a file or folder was moved is there now, and so is what went back meanwhile. */
export function followMove(state: ThreadState, move: Move & { readonly at: number }): ThreadState {
  const { rewound } = state
  const moveAll = (turns: readonly Turn[]) =>
    turns.map((turn) => (turn.startedAt > move.at ? turn : moveTurn(turn, move)))
  return {
    ...state,
    movedAt: move.at,
    turns: moveAll(state.turns),
    ...(rewound && { rewound: rewound.map((entry) => ({ ...entry, turns: moveAll(entry.turns) })) }),
  }
}

/** Turns never change, they are replaced: one that wrote nothing there stays the same. */
function moveTurn(turn: Turn, move: Move): Turn {
  const isMoved = (file: FileEdit) => isWithin(currentPathOf(file), move.from)
  if (!turn.items.some((item) => item.type === 'fileChange' && item.files.some(isMoved))) return turn
  const items = turn.items.map((item) => {
    if (item.type !== 'fileChange') return item
    const files = item.files.map((file) =>
      isMoved(file) ? { ...file, place: movedPath(currentPathOf(file), move) } : file,
    )
    return { ...item, files }
  })
  return { ...turn, items }
}
