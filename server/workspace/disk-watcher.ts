import { relative, sep } from 'node:path'
import { type AsyncSubscription, type Event, subscribe } from '@parcel/watcher'
import { temporarySuffix } from './atomic-write.ts'
import { isHiddenName } from './protected-names.ts'
import type { DiskChange } from './workspace.ts'

/** Folders that programs fill: thousands of changes nobody looks at. */
const quietFolders = [
  '.git',
  '.tandem',
  'node_modules',
  '.next',
  '.turbo',
  '.cache',
  '.venv',
  '__pycache__',
  'target',
]

const kinds = { create: 'created', update: 'changed', delete: 'deleted' } as const

export interface DiskWatcher {
  /** Resolves with whether changes are seen. */
  readonly watching: Promise<boolean>
  close(): Promise<void>
}

/** Watches a folder; the watcher itself joins changes for about 50 ms. A large folder is walked on another thread. */
export function watchDisk(
  root: string,
  {
    onChanges,
    onProblem,
  }: {
    readonly onChanges: (changes: readonly DiskChange[]) => void
    readonly onProblem: (message: string) => void
  },
): DiskWatcher {
  const ignore = quietFolders.flatMap((name) => [`**/${name}`, `**/${name}/**`])
  let closed = false

  function report(error: Error | null, events: readonly Event[]): void {
    if (closed) return
    if (error !== null) return onProblem(`Changes on disk may be missed in ${root}: ${error.message}`)
    const changes = events.flatMap((event) => toChange(root, event))
    if (changes.length > 0) onChanges(changes)
  }

  const starting: Promise<AsyncSubscription | undefined> = subscribe(root, report, { ignore }).catch(
    (error) => {
      const why = error instanceof Error ? error.message : String(error)
      onProblem(`Changes on disk are not seen in ${root}: ${why}`)
      return undefined
    },
  )
  return {
    watching: starting.then((subscription) => subscription !== undefined),
    async close() {
      closed = true
      const subscription = await starting
      await subscription?.unsubscribe().catch((error: unknown) => {
        // The system ends the watch of a folder with that folder: one that is gone cannot be, and need not be, ended again.
        if (!(error instanceof Error) || !error.message.includes('Unable to remove watcher')) throw error
      })
    },
  }
}

function toChange(root: string, event: Event): readonly DiskChange[] {
  const parts = relative(root, event.path).split(sep)
  const name = parts.at(-1) ?? ''
  if (name === '' || parts[0] === '..' || name.endsWith(temporarySuffix)) return []
  if (parts.some((part) => isHiddenName(part) || quietFolders.includes(part))) return []
  return [{ path: parts.join('/'), kind: kinds[event.type] }]
}
