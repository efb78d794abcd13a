import type { FileEdit, Hunk } from '../protocol/item.ts'
import type { Turn } from '../protocol/turn.ts'

/** Hunks named in `changes` get the status and the change set that takes them back from here. */
export function markHunks(
  turn: Turn,
  changes: Readonly<Record<string, string>>,
  status: 'undone' | 'written',
): Turn {
  const markHunk = (hunk: Hunk): Hunk => {
    const change = changes[hunk.id]
    if (change === undefined) return hunk
    return status === 'written' ? { ...hunk, status, changes: change } : { ...hunk, status }
  }
  const markFile = (file: FileEdit): FileEdit => {
    const hunks = file.hunks.map(markHunk)
    const touched = hunks.some((hunk, i) => hunk !== file.hunks[i])
    return touched ? { ...file, hunks, status } : file
  }
  const items = turn.items.map((item) =>
    item.type === 'fileChange' ? { ...item, files: item.files.map(markFile) } : item,
  )
  return { ...turn, items }
}
