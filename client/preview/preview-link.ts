import { z } from 'zod'
import type { WorkspaceId } from '../../core/protocol/ids.ts'
import type { DocumentReplica } from '../editor/document-replica.ts'
import type { DocumentReplicas } from '../editor/document-replicas.ts'

/** What the page in the frame tells. It runs what the workspace holds: nothing it says is believed beyond its form. */
const readySchema = z.object({
  tandem: z.literal('ready'),
  path: z.string().min(1).max(1024),
  stylesheets: z.array(z.string().min(1).max(1024)).max(50).default([]),
  scripts: z.array(z.string().min(1).max(1024)).max(100).default([]),
})

export interface PreviewLinkOptions {
  readonly workspaceId: WorkspaceId
  readonly replicas: DocumentReplicas
  readonly schedule: (flush: () => void) => () => void
  /** Calls back after `ms`. Returns the cancel. */
  readonly after: (ms: number, run: () => void) => () => void
  /** To the page in the frame. */
  readonly post: (message: unknown) => void
  /** The frame shows this page now. */
  readonly onPage: (path: string) => void
}

export interface PreviewLink {
  /** A message from the frame, and from nobody else. */
  receive(data: unknown): void
  setFollowing(following: boolean): void
  dispose(): void
}

/** A page is loaded anew when its text or scripts have been still for this long, in milliseconds. */
const settleMs = 150

/** Carries edits into the page as they are written: styles in place, once per frame; everything else by loading anew. */
export function createPreviewLink(options: PreviewLinkOptions): PreviewLink {
  const { workspaceId, replicas, schedule, after, post } = options
  const watched = new Map<string, () => void>()
  const changedStyles = new Set<DocumentReplica>()
  let following = true
  let cancelFrame: (() => void) | undefined
  let cancelReload: (() => void) | undefined

  function postStyles(): void {
    cancelFrame = undefined
    for (const replica of changedStyles)
      post({ tandem: 'css', path: replica.path, text: replica.text.toString() })
    changedStyles.clear()
  }

  function noteChange(replica: DocumentReplica, kind: 'style' | 'page'): void {
    if (!following) return
    if (kind === 'style') {
      changedStyles.add(replica)
      cancelFrame ??= schedule(postStyles)
      return
    }
    cancelReload?.()
    cancelReload = after(settleMs, () => post({ tandem: 'reload' }))
  }

  function watch(path: string, kind: 'style' | 'page'): void {
    const replica = replicas.acquire(workspaceId, path)
    const changed = () => {
      // The first filling is what the frame has just loaded.
      if (replica.status.phase === 'text') noteChange(replica, kind)
    }
    let text = replica.text
    text.observe(changed)
    const stopReplaced = replica.onReplaced(() => {
      text.unobserve(changed)
      text = replica.text
      text.observe(changed)
      changed()
    })
    watched.set(path, () => {
      text.unobserve(changed)
      stopReplaced()
      changedStyles.delete(replica)
      replicas.release(replica)
    })
  }

  function show(wanted: ReadonlyMap<string, 'style' | 'page'>): void {
    for (const [path, stop] of watched) {
      if (wanted.has(path)) continue
      stop()
      watched.delete(path)
    }
    for (const [path, kind] of wanted) if (!watched.has(path)) watch(path, kind)
  }

  return {
    receive(data) {
      const ready = readySchema.safeParse(data)
      if (!ready.success) return
      const { path, stylesheets, scripts } = ready.data
      options.onPage(path)
      const wanted = new Map<string, 'style' | 'page'>([[path, 'page']])
      for (const script of scripts) wanted.set(script, 'page')
      for (const sheet of stylesheets) wanted.set(sheet, 'style')
      show(wanted)
    },
    setFollowing(next) {
      // Coming back, the page may be older than the text.
      if (next && !following) post({ tandem: 'reload' })
      following = next
    },
    dispose() {
      cancelFrame?.()
      cancelReload?.()
      for (const stop of watched.values()) stop()
      watched.clear()
    },
  }
}
