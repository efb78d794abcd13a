import type { Item } from '../protocol/item.ts'
import type { Draft } from './draft.ts'
import { returnSteers } from './steers.ts'

/**
 * Settles a turn that the log shows running although nobody runs it any more. The edge has already taken the
 * half-written hunks out of the documents; here they are marked so, and the model is told what was kept.
 */
export function recover(draft: Draft, at: number): void {
  const turn = draft.thread.turns.at(-1)
  if (!turn || draft.active || (turn.status !== 'running' && turn.status !== 'retrying')) return
  for (const item of turn.items) {
    if (!('status' in item) || (item.status !== 'streaming' && item.status !== 'running')) continue
    draft.emit({ type: 'item/completed', turnId: turn.id, item: cutItem(item) })
  }
  returnSteers(draft, turn)
  draft.emit({
    type: 'turn/settled',
    turnId: turn.id,
    status: 'interrupted',
    failure: {
      code: 'serverRestarted',
      detail: 'The server was restarted while the model was working.',
      retriable: true,
    },
    at,
  })
}

/** It ended where it was. */
export function cutItem(item: Extract<Item, { status: string }>): Item {
  if (item.type !== 'fileChange') return { ...item, status: 'interrupted' }
  const files = item.files.map((file) => {
    const hunks = file.hunks.map((hunk) =>
      hunk.status === 'writing' ? { ...hunk, status: 'dropped' as const } : hunk,
    )
    return { ...file, status: file.status === 'writing' ? ('written' as const) : file.status, hunks }
  })
  const kept = files.flatMap(({ path, hunks }) => {
    const count = hunks.filter(({ status }) => status === 'written').length
    return count > 0 ? [`${path} (${count} of ${hunks.length} hunks)`] : []
  })
  const output =
    kept.length > 0 ? `Kept: ${kept.join(', ')}. The rest was dropped.` : 'Nothing of it was kept.'
  return { ...item, status: 'interrupted', output, files }
}
