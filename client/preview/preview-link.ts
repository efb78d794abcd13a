import { z } from 'zod'
import type { WorkspaceId } from '../../core/protocol/ids.ts'
import type { DocumentReplica } from '../editor/document-replica.ts'
import type { DocumentReplicas } from '../editor/document-replicas.ts'
import { type PartKind, pageParts } from './page-parts.ts'

/** What the page in the frame tells. It runs what the workspace holds: nothing it says is believed beyond its form. */
const messageSchema = z.discriminatedUnion('tandem', [
  z.object({ tandem: z.literal('ready'), path: z.string().min(1).max(1024) }),
  z.object({ tandem: z.literal('external'), url: z.url({ protocol: /^https?$/ }).max(4096) }),
])

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
  /** A link of the page leads out of the workspace. */
  readonly onExternal: (url: string) => void
}

export interface PreviewLink {
  /** A message from the frame, and from nobody else. */
  receive(data: unknown): void
  setFollowing(following: boolean): void
  dispose(): void
}

/** A page is loaded anew when its text or scripts have been still for this long, in milliseconds. */
const settleMs = 150
/** Files of one page that are followed. */
const partsAtMost = 60

/** Carries edits into the page as they are written: styles in place, once per frame; everything else by loading anew. */
export function createPreviewLink(options: PreviewLinkOptions): PreviewLink {
  const { workspaceId, replicas, schedule, after, post } = options
  const watched = new Map<string, () => void>()
  const changedStyles = new Set<DocumentReplica>()
  let page: string | undefined
  let following = true
  let cancelFrame: (() => void) | undefined
  let cancelReload: (() => void) | undefined

  function postStyles(): void {
    cancelFrame = undefined
    for (const replica of changedStyles) {
      const text = replica.text.toString()
      post({ tandem: 'css', path: replica.path, text })
      watchParts(replica.path, text)
    }
    changedStyles.clear()
  }

  function noteChange(replica: DocumentReplica, kind: PartKind): void {
    if (!following) return
    if (kind === 'style') {
      changedStyles.add(replica)
      cancelFrame ??= schedule(postStyles)
      return
    }
    cancelReload?.()
    cancelReload = after(settleMs, () => post({ tandem: 'reload' }))
  }

  function watchParts(path: string, text: string): void {
    for (const part of pageParts(path, text)) watch(part.path, part.kind)
  }

  function watch(path: string, kind: PartKind): void {
    if (watched.has(path) || watched.size >= partsAtMost) return
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
    })
    const filled = () => watchParts(path, replica.text.toString())
    const stopStatus = replica.onStatus(({ phase }) => {
      if (phase !== 'text') return
      stopStatus()
      filled()
    })
    watched.set(path, () => {
      text.unobserve(changed)
      stopReplaced()
      stopStatus()
      changedStyles.delete(replica)
      replicas.release(replica)
    })
    if (replica.status.phase === 'text') filled()
  }

  function stopAll(): void {
    for (const stop of watched.values()) stop()
    watched.clear()
  }

  function show(path: string): void {
    if (path !== page) stopAll()
    page = path
    options.onPage(path)
    watch(path, 'page')
    // Loaded anew, it may name other files.
    const replica = replicas.acquire(workspaceId, path)
    if (replica.status.phase === 'text') watchParts(path, replica.text.toString())
    replicas.release(replica)
  }

  return {
    receive(data) {
      const message = messageSchema.safeParse(data)
      if (!message.success) return
      if (message.data.tandem === 'ready') show(message.data.path)
      else options.onExternal(message.data.url)
    },
    setFollowing(next) {
      // Coming back, the page may be older than the text.
      if (next && !following) post({ tandem: 'reload' })
      following = next
    },
    dispose() {
      cancelFrame?.()
      cancelReload?.()
      stopAll()
    },
  }
}
