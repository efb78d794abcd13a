import { useEffect, useState } from 'react'
import { placeOfHunk } from '../../core/document/hunk-place.ts'
import type { HunkId } from '../../core/protocol/ids.ts'
import type { ReviewHunk } from '../../core/state/review.ts'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'

/** Lines shown before and after a hunk. */
const contextLines = 3

export interface HunkText {
  /** The line the hunk begins at now, from 1. */
  readonly line: number
  readonly above: readonly string[]
  /** What stands there now, with what people typed in it since. */
  readonly text: string
  readonly below: readonly string[]
}

/** The text of a hunk as it is now; `undefined` while it is on its way, `missing` when its file or place is gone. */
export function useHunkText(entry: ReviewHunk | undefined): HunkText | 'missing' | undefined {
  const store = useWorkbenchStore()
  const workspaceId = useWorkbench((state) => state.workspaceId)
  const [shown, show] = useState<{ readonly id: HunkId; readonly now: HunkText | 'missing' }>()
  const { path, hunk, file } = entry ?? {}
  const isGone = file?.kind === 'delete' && hunk?.status === 'written'

  useEffect(() => {
    if (path === undefined || hunk === undefined) return
    const setShown = (now: HunkText | 'missing') => show({ id: hunk.id, now })
    if (isGone || !workspaceId) {
      setShown('missing')
      return
    }
    const { replicas } = store.getState()
    const replica = replicas.acquire(workspaceId, path)
    let watched: typeof replica.text | undefined
    const read = () => {
      const { doc } = replica.text
      const place = doc ? placeOfHunk(doc, hunk) : undefined
      setShown(place ? cut(replica.text.toString(), place.from, place.to) : 'missing')
    }
    const follow = () => {
      const { phase } = replica.status
      if (phase === 'opening') return
      if (phase !== 'text') {
        setShown('missing')
        return
      }
      if (watched === replica.text) return
      watched?.unobserve(read)
      watched = replica.text
      watched.observe(read)
      read()
    }
    const stops = [replica.watch(), replica.onStatus(follow)]
    follow()
    return () => {
      for (const stop of stops) stop()
      watched?.unobserve(read)
      replicas.release(replica)
    }
  }, [store, workspaceId, path, hunk, isGone])
  // Until the next one is read, what is known is that of another.
  return shown?.id === hunk?.id ? shown?.now : undefined
}

function cut(text: string, from: number, to: number): HunkText {
  const written = text.slice(from, to)
  const before = text.slice(0, from).split('\n')
  const after = text.slice(to).split('\n')
  // Where the hunk begins or ends within a line, that whole line is shown with it.
  const head = before.pop() ?? ''
  const tail = written !== '' && !written.endsWith('\n') ? (after.shift() ?? '') : ''
  return {
    line: before.length + 1,
    above: before.slice(-contextLines),
    text: head + written + tail,
    below: after.slice(0, contextLines),
  }
}
