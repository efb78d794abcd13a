import { isWithin, type Move, movedPath } from '../lib/moved-path.ts'
import type { FileEdit } from '../protocol/item.ts'
import type { ThreadState } from '../protocol/thread.ts'
import type { Turn } from '../protocol/turn.ts'

/** Where the text of an edited file is now. */
export function currentPathOf({ path, movedTo, place, status }: FileEdit): string {
  return place ?? (status === 'written' ? (movedTo ?? path) : path)
}

/** The thread wrote in the file, or in one of the folder, also in turns that went back. */
export function hasEditsIn({ turns, rewound = [] }: ThreadState, path: string): boolean {
  const isThere = (turn: Turn) => filesOf(turn).some((file) => isWithin(currentPathOf(file), path))
  return turns.some(isThere) || rewound.some((entry) => entry.turns.some(isThere))
}

function filesOf({ items }: Turn): readonly FileEdit[] {
  return items.flatMap((item) => (item.type === 'fileChange' ? item.files : []))
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
  if (!filesOf(turn).some(isMoved)) return turn
  const items = turn.items.map((item) =>
    item.type === 'fileChange'
      ? { ...item, files: item.files.map((file) => (isMoved(file) ? moveFile(file, move) : file)) }
      : item,
  )
  return { ...turn, items }
}

function moveFile(file: FileEdit, move: Move): FileEdit {
  const { place: _, ...rest } = file
  const place = movedPath(currentPathOf(file), move)
  return file.movedTo === undefined && place === file.path ? rest : { ...rest, place }
}
