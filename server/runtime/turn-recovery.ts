import type { FileEdit, Item } from '../../core/protocol/item.ts'
import type { ThreadEvent } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import type { InterruptedTurn, RecoveredTurn } from '../documents/documents.ts'

type FileChange = Extract<Item, { type: 'fileChange' }>

/** What documents have to know of a turn that the log shows running although its server died. */
export function interruptedTurn(turn: Turn): InterruptedTurn {
  const hunks = turn.items.flatMap((item) =>
    item.type === 'fileChange' ? item.files.flatMap((file) => file.hunks) : [],
  )
  const files = underWay(turn).flatMap((item) => item.files)
  return {
    turnId: turn.id,
    paths: files.map(({ path }) => path),
    settled: new Set<string>(hunks.filter(({ status }) => status !== 'writing').map(({ id }) => id)),
    written: files.flatMap((file) =>
      file.hunks.flatMap(({ path, id, status, changes }) =>
        status === 'written' && changes !== undefined ? [{ path, id, changes }] : [],
      ),
    ),
  }
}

/** What the log said too early, put right. */
export function corrections(turn: Turn, recovered: RecoveredTurn): ThreadEvent[] {
  return underWay(turn).flatMap((item) =>
    item.files.flatMap((file): ThreadEvent[] => {
      const corrected = correct(file, recovered)
      return corrected === file
        ? []
        : [{ type: 'edit/fileChanged', turnId: turn.id, itemId: item.id, file: corrected }]
    }),
  )
}

function correct(file: FileEdit, { lost, present }: RecoveredTurn): FileEdit {
  const isPresent = present.has(file.path)
  const isUndone = file.kind === 'add' ? !isPresent : file.kind === 'delete' && isPresent
  if (file.status !== 'failed' && isUndone) {
    const hunks = file.hunks.map((hunk) => ({ ...hunk, status: 'dropped' as const }))
    return { ...file, status: 'failed', error: 'The server was restarted before it was done.', hunks }
  }
  if (!file.hunks.some(({ id }) => lost.has(id))) return file
  const hunks = file.hunks.map((hunk) => (lost.has(hunk.id) ? { ...hunk, status: 'dropped' as const } : hunk))
  return { ...file, hunks }
}

function underWay(turn: Turn): readonly FileChange[] {
  return turn.items.flatMap((item) =>
    item.type === 'fileChange' && (item.status === 'streaming' || item.status === 'running') ? [item] : [],
  )
}
